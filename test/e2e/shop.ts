import { type Faults, VirtualClock } from '../../lib/local/cloud/index.ts';
import { type LocalTollgate, startLocalTollgate } from '../../lib/local/tollgate.ts';
import { synthesized } from '../support/synthesized.ts';
import { writeShopRules } from './shop-rules.ts';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const BACKEND = 'arn:aws:iam::123456789012:role/model-service';
const CALLER = { 'x-tollgate-local-caller': BACKEND, 'content-type': 'application/cloudevents+json' };

const templates = new Map<string, ReturnType<typeof synthesized>>();
const running: LocalTollgate[] = [];

/** Stops whatever a test started, also when it failed half way. */
export async function stopShops(): Promise<void> {
  for (const tollgate of running.splice(0)) await tollgate.stop();
}

export interface ShopOptions extends Pick<Parameters<typeof startLocalTollgate>[0], 'stripe'> {
  readonly start: number;
  readonly seed?: string;
  readonly faults?: Faults;
  /** @default those of the shop */
  readonly rules?: Readonly<Record<string, object>>;
}

/** The project's functions and template with the shop's rules, on virtual time. */
export async function startShop(
  options: ShopOptions,
): Promise<{ readonly tollgate: LocalTollgate; readonly clock: VirtualClock }> {
  // The same for every shop of a file, and the slowest part of opening one.
  const { start, seed = 'shop', rules, ...rest } = options;
  const name = JSON.stringify(rules ?? 'shop');
  const template =
    templates.get(name) ??
    synthesized({
      rules: writeShopRules(rules),
      commit: COMMIT,
      portal: {},
      notices: { from: 'billing@example.com' },
      exempt: ['/health'],
      eventSources: { [BACKEND]: { sources: ['/model', '/partner'], meters: ['tokens', 'bookings'] } },
    });
  templates.set(name, template);
  const clock = new VirtualClock(start);
  const tollgate = await startLocalTollgate({ template: await template, clock, seed, callers: [BACKEND], ...rest });
  running.push(tollgate);
  await tollgate.approveFirstRun('the shop');
  return { tollgate, clock };
}

export const customer = (id: string, industry: string, createdAt = '2026-01-30') => ({
  ...{ id, name: id.toUpperCase(), createdAt, keys: [], overrides: {} },
  facts: { industry },
});

/**
 * A customer whose periods begin on a day early in the month, so that the one in which a shop opens ends soon: hours are
 * closed from the first of the month on, and an empty one costs a test as much as any other.
 */
export const anchored = (day: number, id: string, industry: string, createdAt = '2026-01-01') => ({
  ...customer(id, industry, createdAt),
  overrides: { billing: { anchor: { day } } },
});

/** An event as the team's own backend reports it. */
export const tokensEvent = (id: string, subject: string, time: string, quantity: string) => ({
  ...{ specversion: '1.0', type: 'tollgate.usage', source: '/model', id, subject, time },
  data: { meter: 'tokens', quantity },
});

/** A booking that the shop brought about, or the report that one was taken back. */
export const bookingEvent = (id: string, subject: string, time: string, data: object, source = '/partner') => ({
  ...{ specversion: '1.0', type: 'tollgate.usage', source, id, subject, time },
  data: { meter: 'bookings', ...data },
});

/** `POST /events` as the backend signs it. */
export const eventRequest = (event: object) => ({ method: 'POST', headers: CALLER, body: JSON.stringify(event) });
