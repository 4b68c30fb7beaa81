import { Duration } from 'aws-cdk-lib';
import type Stripe from 'stripe';
import { stripeClient } from '../../lib/adapters/stripe/stripe-client.ts';
import { importCustomers } from '../../lib/app/import-customers/import-customers.ts';
import type { InvoiceRecord } from '../../lib/app/ports/invoices.ts';
import { entitlement } from '../../lib/app/provision-access/entitlement.ts';
import { type Operating, operatingPorts } from '../../lib/cli/operating.ts';
import type { InvoiceKind } from '../../lib/domain/invoicing/invoice.ts';
import type { ListedCustomer } from '../../lib/domain/segmentation/customer-list.ts';
import { DAY_MS, MINUTE_MS, parseMonth, parseTimestamp } from '../../lib/domain/time/time.ts';
import { VirtualClock } from '../../lib/local/cloud/index.ts';
import type { StackTemplate } from '../../lib/local/cloud/template/template.ts';
import { DECLINING_CARD, GOOD_CARD } from '../../lib/local/stripe/payments.ts';
import { LOCAL_SECRET, type LocalTollgate, startLocalTollgate } from '../../lib/local/tollgate.ts';
import { BACKEND, eventRequest } from '../e2e/shop.ts';
import { synthesized } from '../support/synthesized.ts';
import { COMMIT, writeRules } from './rules.ts';

export const START = Date.UTC(2026, 0, 1);

/** The whole of Tollgate on virtual time, and what customers, operators and banks do to it. */
export interface Year {
  readonly tollgate: LocalTollgate;
  readonly clock: VirtualClock;
  readonly operating: Operating;
  readonly stripe: Stripe;
  /** Registers customers, or brings them up to date. */
  importAll(customers: readonly ListedCustomer[]): Promise<void>;
  /** Calls the API; answers the status, and the reason of a refusal. */
  call(who: string): Promise<readonly [number, string | undefined]>;
  /** Tokens reported by the team's backend, at this moment. */
  report(tokens: Readonly<Record<string, number>>): Promise<void>;
  /** Sales of a customer, in USD, likewise. */
  sold(who: string, amounts: readonly string[]): Promise<void>;
  /** What Firehose gathers from now on lands so much later; 0 as it should. */
  landsLate(ms: number): void;
  leave(who: string): Promise<void>;
  /** Another default card at Stripe, as its customer stores it on Stripe's page. */
  useCard(who: string, card: string): Promise<void>;
  /** The invoice of a period that begins in a month, `2026-04`. */
  invoice(who: string, month: string, kind?: InvoiceKind): Promise<InvoiceRecord>;
  /** What a bank or a cardholder does, in the stand-in's words: `invoices/in_1/dispute`. */
  atBank(path: string): Promise<{ readonly id: string }>;
  webhooks(): Promise<void>;
}

/**
 * A year of hourly schedules would be most of the test's time. As a team does with `addPropertyOverride`: invoices go out in
 * the first days of a month, right after the hours were closed; everybody is decided anew once a week, and at once after
 * an import and a publication; nobody here chooses a card of its own, or waits for an alert.
 */
const SCHEDULES: Readonly<Record<string, object>> = {
  'Tollgate: invoice': { ScheduleExpression: 'cron(0 1 1-5 * ? *)' },
  'Tollgate: evaluate': { ScheduleExpression: 'rate(7 days)' },
  'Tollgate: changes': { State: 'DISABLED' },
  'Tollgate: watch': { State: 'DISABLED' },
};

function withSchedules(made: StackTemplate): StackTemplate {
  const template = structuredClone(made.template) as {
    Resources: Record<string, { Properties?: Record<string, unknown> }>;
  };
  const overridden = Object.values(template.Resources).flatMap(({ Properties = {} }) => {
    const change = SCHEDULES[String(Properties.Description)];
    return change ? [Object.assign(Properties, change)] : [];
  });
  if (overridden.length !== Object.keys(SCHEDULES).length) throw new Error('a schedule has another name now');
  return { ...made, template };
}

export async function startYear(): Promise<Year> {
  const made = await synthesized({
    ...{ rules: writeRules(), commit: COMMIT, authorizerTtl: Duration.minutes(1) },
    // Hours are closed once a day, at midnight: what ended at midnight has waited 26 hours two midnights later.
    ...{ closeEvery: Duration.hours(24), invoiceDelayHours: 49 },
    eventSources: { [BACKEND]: { sources: ['/model'], meters: ['tokens', 'sales'] } },
    // A bill is held that is three times as high as any before, and above this: here the true-up of a commitment.
    invoicing: { anomaly: { factor: '3', floor: '500' } },
  });
  const clock = new VirtualClock(START);
  let lateMs = 0;
  const tollgate = await startLocalTollgate({
    ...{ template: withSchedules(made), clock, seed: 'a year', callers: [BACKEND] },
    faults: { delayMs: (passage) => (passage === 'firehose-object' ? lateMs : 0) },
    stripe: { cardOf: ({ metadata }) => (metadata.tollgate_customer === 'leo' ? DECLINING_CARD : GOOD_CARD) },
  });
  const { cloud, stores, stripe } = tollgate;
  const client = stripeClient(async () => LOCAL_SECRET, { host: stripe.host, port: stripe.port, protocol: 'http' });
  return {
    ...{ tollgate, clock, stripe: await client() },
    operating: operatingPorts({ stores, runtime: cloud.runtime, stripe: client }),
    ...customersOf(tollgate, clock),
    ...usageOf(tollgate, clock),
    ...moneyOf(tollgate, clock, await client()),
    landsLate: (ms) => {
      lateMs = ms;
    },
  };
}

function customersOf({ stores }: LocalTollgate, clock: VirtualClock): Pick<Year, 'importAll' | 'leave'> {
  return {
    importAll: async (customers) => void (await importCustomers({ ...stores, clock }, customers)),
    leave: async (who) => void (await entitlement({ ...stores, clock }).set(who, 'closed', 'left')),
  };
}

function usageOf(tollgate: LocalTollgate, clock: VirtualClock): Pick<Year, 'call' | 'report' | 'sold'> {
  const { cloud } = tollgate;
  const keys = new Map<string, string>();
  const post = async (usage: readonly { readonly subject: string; readonly data: object }[]) => {
    const time = new Date(clock.now()).toISOString();
    const events = usage.map(({ subject, data }, index) => ({
      ...{ specversion: '1.0', type: 'tollgate.usage', source: '/model', id: `${time} ${index}`, subject, time, data },
    }));
    const request = eventRequest(events);
    const headers = { ...request.headers, 'content-type': 'application/cloudevents-batch+json' };
    const { status } = await cloud.ingress.invoke({ ...request, path: '/events', headers });
    if (status !== 202) throw new Error(`events were answered with ${status}`);
  };
  return {
    async call(who) {
      const key = keys.get(who) ?? (await tollgate.createKey(who, 'production', 'live'));
      keys.set(who, key);
      const headers = { 'x-api-key': key };
      const { status, body } = await cloud.gateway().invoke({ method: 'GET', path: '/search', headers });
      const { reason } = JSON.parse(Buffer.from(body).toString()) as { reason?: string };
      return [status, reason];
    },
    report: (tokens) =>
      post(
        Object.entries(tokens).map(([subject, quantity]) => ({
          subject,
          data: { meter: 'tokens', quantity: String(quantity) },
        })),
      ),
    sold: (subject, amounts) =>
      post(amounts.map((amount) => ({ subject, data: { meter: 'sales', amount, currency: 'USD' } }))),
  };
}

function moneyOf(
  { stores, stripe: standIn }: LocalTollgate,
  clock: VirtualClock,
  stripe: Stripe,
): Pick<Year, 'useCard' | 'invoice' | 'atBank' | 'webhooks'> {
  const webhooks = async () => {
    await standIn.advance();
    await clock.advanceBy(MINUTE_MS);
  };
  return {
    webhooks,
    async useCard(who, card) {
      const customer = (await stores.directory.profile(who))?.billing.stripeCustomer ?? '';
      const method = await stripe.paymentMethods.attach(card, { customer });
      await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
      await webhooks();
    },
    async invoice(who, month, kind = 'usage') {
      const { start, end } = parseMonth(month);
      const found = (await stores.invoices.ofCustomer(who)).find(
        ({ key }) => key.kind === kind && key.period.start >= start && key.period.start < end,
      );
      if (!found) throw new Error(`${who} has no ${kind} invoice of ${month}`);
      return found;
    },
    async atBank(path) {
      const headers = { authorization: 'Bearer sk_test_x' };
      const url = `http://${standIn.host}:${standIn.port}/stand-in/${path}`;
      const answer = await fetch(url, { method: 'POST', headers });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return (await answer.json()) as { id: string };
    },
  };
}

/** One thing that happens. */
export interface Act {
  /** `2026-04-15T23:30`, UTC. */
  readonly at: string;
  readonly what: string;
  readonly does: (year: Year) => Promise<unknown>;
}

export const timeOf = ({ at }: Pick<Act, 'at'>): number => parseTimestamp(`${at}:00Z`);

/** Lives through all acts in their order, and on until `end`. */
export async function live(year: Year, acts: readonly Act[], end: number): Promise<void> {
  for (const act of [...acts].filter((act) => timeOf(act) < end).sort((a, b) => timeOf(a) - timeOf(b))) {
    await year.clock.advanceTo(timeOf(act));
    try {
      await act.does(year);
    } catch (error) {
      throw new Error(`${act.at} ${act.what}: ${(error as Error).message}`, { cause: error });
    }
  }
  await year.clock.advanceTo(end);
}

export const days = (count: number): number => count * DAY_MS;
