import Stripe from 'stripe';
import { memoryCredits } from '../../../lib/adapters/memory/credits.ts';
import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryDunningWatch } from '../../../lib/adapters/memory/dunning-watch.ts';
import { memoryApprovals, memoryCorrections, memoryInvoices } from '../../../lib/adapters/memory/invoices.ts';
import { type Limiter, unlimited } from '../../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../../lib/adapters/stripe/stripe-billing.ts';
import { stripeCorrections } from '../../../lib/adapters/stripe/stripe-corrections.ts';
import { readStripeEvent } from '../../../lib/adapters/stripe/stripe-events.ts';
import type { InvoicingPorts } from '../../../lib/app/invoice-customer/ports.ts';
import type { ClosedMarker } from '../../../lib/app/ports/usage.ts';
import type { CollectingPorts } from '../../../lib/app/receive-stripe-events/ports.ts';
import { receiveEvent } from '../../../lib/app/receive-stripe-events/receive-event.ts';
import type { InvoiceKey } from '../../../lib/domain/invoicing/invoice.ts';
import { DUNNING_DEFAULTS } from '../../../lib/domain/invoicing/payment.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import type { InvoicingSettings } from '../../../lib/domain/invoicing/review.ts';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import type { Ruleset } from '../../../lib/domain/rules/ruleset.ts';
import type { Decision } from '../../../lib/domain/segmentation/decision.ts';
import { HOUR_MS, hourOf, hoursOf, type Period } from '../../../lib/domain/time/time.ts';
import { type StandInOptions, startStripeStandIn } from '../../../lib/local/stripe/stand-in.ts';
import { FREE, GROWTH, JANUARY, marker, profileOf, record, ruleset } from './fixtures.ts';

const WEBHOOK_SECRET = 'whsec_test';

/** Closed usage that a test writes into. */
export function usageBook(rows: ClosedHour[], markers: ClosedMarker[]) {
  const inside =
    ({ start, end }: Period) =>
    (row: { hour: number }) =>
      row.hour >= hourOf(start) && row.hour < hourOf(end);
  return {
    rows,
    markers: async (period: Period) => markers.filter(inside(period)),
    closedHours: async (customer: string, period: Period) =>
      rows.filter((row) => row.customer === customer && inside(period)(row)),
    close(period: Period, hash = 'r1') {
      for (const hour of hoursOf(period)) markers.push(marker(hour, 0, hash));
    },
    adjust(row: ClosedHour) {
      rows.push(row);
      markers.push(marker(row.hour, row.adjustment));
    },
  };
}

export interface WorldOptions {
  readonly rows?: ClosedHour[];
  readonly decisions?: readonly Decision[];
  readonly rulesets?: Readonly<Record<string, Ruleset>>;
  readonly fault?: StandInOptions['fault'];
  readonly cardOf?: StandInOptions['cardOf'];
  readonly plan?: NonNullable<StandInOptions['webhook']>['plan'];
  readonly customers?: readonly string[];
  readonly limiter?: Limiter;
  /** How long an answer of Stripe's is waited for. */
  readonly timeoutMs?: number;
  readonly settings?: InvoicingSettings;
  /** `overrides.billing` of every customer. */
  readonly billing?: Readonly<Record<string, unknown>>;
  /** January is closed unless a test says otherwise. */
  readonly closed?: boolean;
}

/** Everything between closed usage and money: memory stores, the real Stripe SDK, the stand-in over HTTP. */
export async function world(options: WorldOptions = {}) {
  let now = JANUARY.end + 28 * HOUR_MS;
  const clock = { now: () => now };
  const logged: string[] = [];
  const log = {
    info: () => {},
    warn: (message: string) => void logged.push(message),
    error: (message: string) => void logged.push(message),
  };
  const metrics = { count: () => {} };
  const invoices = memoryInvoices();
  const [credits, corrections, approvals] = [memoryCredits(), memoryCorrections(), memoryApprovals()];
  const directory = memoryDirectory();
  for (const id of options.customers ?? ['acme']) {
    const profile = profileOf(id);
    const overrides = options.billing ? { billing: options.billing } : {};
    await directory.register({ ...profile, customer: { ...profile.customer, overrides } });
  }
  const decisions = memoryDecisions();
  for (const decision of options.decisions ?? []) await decisions.record(decision);
  const usage = usageBook(options.rows ?? [], []);
  if (options.closed !== false) usage.close(JANUARY);
  const rulesets = options.rulesets ?? { r1: ruleset([GROWTH, FREE]) };
  const statuses: [string, string, string | null][] = [];
  const standIn = await startStripeStandIn({
    clock,
    ...(options.fault ? { fault: options.fault } : {}),
    ...(options.cardOf ? { cardOf: options.cardOf } : {}),
    webhook: {
      secret: WEBHOOK_SECRET,
      deliver: async ({ body, signature }) =>
        void (await receiveEvent(readStripeEvent(body, signature, WEBHOOK_SECRET, now), collecting)),
      ...(options.plan ? { plan: options.plan } : {}),
    },
  });
  const { host, port } = standIn;
  const stripe = new Stripe('sk_test_stand_in', {
    host,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  });
  const billing = stripeBilling(async () => stripe, options.limiter ?? unlimited);
  const remote = stripeCorrections(async () => stripe, options.limiter ?? unlimited);
  const queued: InvoiceKey[] = [];
  const queue = { send: async (keys: readonly InvoiceKey[]) => void queued.push(...keys) };
  const collecting: CollectingPorts = {
    ...{ clock, log, metrics, invoices, customers: directory, watch: memoryDunningWatch(), dunning: DUNNING_DEFAULTS },
    billing: { ...billing, ...remote },
    credits,
    entitlement: {
      async set(customer, status, reason) {
        statuses.push([customer, status, reason]);
        const profile = await directory.profile(customer);
        if (!profile) return 'unknown-customer';
        await directory.save({
          ...profile,
          status,
          statusReason: reason,
          statusSince: now,
          version: profile.version + 1,
        });
        return 'changed';
      },
    },
  };
  const ports: InvoicingPorts = {
    ...{ clock, log, metrics, invoices, billing, usage, decisions, customers: directory, rater: cardRater() },
    rulesets: {
      byHash: async (hash) => (rulesets[hash] ? record(hash) : undefined),
      inForceAt: async () => record(Object.keys(rulesets)[0] ?? ''),
    },
    credits,
    corrections,
    approvals,
    settings: options.settings ?? { mode: 'live', approveFirstRun: false, anomaly: null },
    parseRuleset: ({ hash }) => rulesets[hash] as Ruleset,
  };
  return {
    ...{ ports, collecting, standIn, stripe, invoices, directory, decisions, usage, statuses, logged, clock },
    ...{ credits, corrections, approvals, queued },
    /** What the operators' commands stand on. */
    operating: {
      ...ports,
      invoices,
      decisions,
      billing: { ...billing, ...remote },
      corrections,
      approvals,
      credits,
      customers: directory,
      queue,
    },
    later: (ms: number) => {
      now += ms;
    },
    /** Of the customers and invoices at Stripe. */
    remote,
    remoteInvoices: () => [...standIn.store.invoices.values()],
    close: () => standIn.close(),
  };
}

export type World = Awaited<ReturnType<typeof world>>;
