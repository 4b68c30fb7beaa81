import { importCustomers } from '../app/import-customers/import-customers.ts';
import { createKey } from '../app/provision-access/keys.ts';
import type { Log } from '../app/runtime.ts';
import type { ListedCustomer } from '../domain/segmentation/customer-list.ts';
import { HOUR_MS } from '../domain/time/time.ts';
import { FUNCTIONS } from './cloud/functions.ts';
import { type Cloud, type CloudOptions, startCloud, type VirtualClock } from './cloud/index.ts';
import type { StackTemplate } from './cloud/template/template.ts';
import { type Stores, storesOf } from './stores.ts';
import { type StandInOptions, type StripeStandIn, startStripeStandIn } from './stripe/stand-in.ts';

/** Known only on this machine, to a stand-in that moves no money. */
export const LOCAL_SECRET = {
  apiKey: 'sk_test_local',
  webhookSecret: 'whsec_local',
  sessionKey: 'known only on this machine, and of no use',
  noticesKey: 'known only on this machine, and signs nothing of worth',
};

export interface LocalTollgateOptions {
  readonly template: StackTemplate;
  readonly clock: VirtualClock;
  readonly seed: string;
  readonly backend?: NonNullable<CloudOptions['backend']>;
  readonly faults?: NonNullable<CloudOptions['faults']>;
  readonly callers?: readonly string[];
  readonly log?: Log;
  readonly stripe?: Pick<StandInOptions, 'cardOf' | 'fault'> & {
    readonly webhookPlan?: NonNullable<StandInOptions['webhook']>['plan'];
  };
}

/** The whole of Tollgate in this process: the embedded cloud and Stripe's stand-in, joined as AWS and Stripe would be. */
export interface LocalTollgate {
  readonly cloud: Cloud;
  readonly stripe: StripeStandIn;
  readonly stores: Stores;
  importCustomers(customers: readonly ListedCustomer[]): Promise<void>;
  /** The key in clear, this once. */
  createKey(customer: string, name: string, mode: 'live' | 'test'): Promise<string>;
  /** What an operator says once with `tollgate invoice approve`: invoices may leave. */
  approveFirstRun(by: string): Promise<void>;
  stop(): Promise<void>;
}

/** @throws InputError, Error naming what the template holds and the embedded cloud does not know */
export async function startLocalTollgate(options: LocalTollgateOptions): Promise<LocalTollgate> {
  const { clock, template, stripe: stripeOptions = {}, ...rest } = options;
  let cloud: Cloud | undefined;
  const stripe = await startStripeStandIn({
    clock,
    ...stripeOptions,
    webhook: {
      secret: LOCAL_SECRET.webhookSecret,
      ...(stripeOptions.webhookPlan ? { plan: stripeOptions.webhookPlan } : {}),
      deliver: async ({ body, signature }) => {
        const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
        const answer = await cloud?.ingress.invoke({ method: 'POST', path: '/stripe/events', headers, body });
        if (answer?.status !== 200) throw new Error(`the webhook was answered with ${answer?.status}`);
      },
    },
  });
  try {
    cloud = await startCloud({
      ...rest,
      clock,
      templates: [template],
      functions: FUNCTIONS,
      stripe: { host: stripe.host, port: stripe.port, protocol: 'http' },
      secrets: Object.fromEntries(secretIds(template).map((id) => [id, JSON.stringify(LOCAL_SECRET)])),
    });
  } catch (error) {
    await stripe.close();
    throw error;
  }
  collectHourly(clock, stripe);
  return join(cloud, stripe);
}

function join(cloud: Cloud, stripe: StripeStandIn): LocalTollgate {
  const stores = storesOf(cloud.runtime);
  const { clock, random } = cloud.runtime;
  return {
    cloud,
    stripe,
    stores,
    importCustomers: async (customers) => void (await importCustomers({ ...stores, clock }, customers)),
    createKey: async (customer, name, mode) =>
      (await createKey({ ...stores, clock, random }, { customer, name, mode })).key,
    approveFirstRun: async (by) => {
      const reason = 'no money moves on this machine';
      await stores.approvals.approveFirstRun({ act: 'approve', by, reason, at: clock.now() });
    },
    stop: async () => {
      await cloud.stop();
      await stripe.close();
    },
  };
}

/** Stripe collects and calls back by itself; its stand-in does so every hour of the clock, half past, after the invoices went out. */
function collectHourly(clock: VirtualClock, stripe: StripeStandIn): void {
  const next = Math.floor(clock.now() / HOUR_MS) * HOUR_MS + HOUR_MS + HOUR_MS / 2;
  const collect = async () => {
    await stripe.advance();
    clock.after(HOUR_MS, 'Stripe collects', collect, 'schedule');
  };
  clock.at(next, 'Stripe collects', collect, 'schedule');
}

function secretIds({ template }: StackTemplate): string[] {
  const { Resources = {} } = template as { Resources?: Record<string, { Type?: string }> };
  return Object.entries(Resources).flatMap(([id, { Type }]) => (Type === 'AWS::SecretsManager::Secret' ? [id] : []));
}
