import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import Stripe from 'stripe';
import { memoryCredits } from '../../lib/adapters/memory/credits.ts';
import { memoryDecisions } from '../../lib/adapters/memory/decisions.ts';
import { memoryApprovals, memoryCorrections, memoryInvoices } from '../../lib/adapters/memory/invoices.ts';
import { tokenBucket } from '../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../lib/adapters/stripe/stripe-billing.ts';
import { inParallel } from '../../lib/app/in-parallel.ts';
import { invoiceCustomer } from '../../lib/app/invoice-customer/invoice-customer.ts';
import type { InvoicingPorts } from '../../lib/app/invoice-customer/ports.ts';
import { takeStep } from '../../lib/app/invoice-customer/send-invoice.ts';
import { ensureStripeCustomer } from '../../lib/app/invoice-customer/stripe-customer.ts';
import type { Answer, Billing, RemoteInvoice } from '../../lib/app/ports/billing.ts';
import type { InvoiceRecord, Invoices } from '../../lib/app/ports/invoices.ts';
import type { CustomerProfile } from '../../lib/domain/entitlement/profile.ts';
import type { InvoiceKey } from '../../lib/domain/invoicing/invoice.ts';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import { isUnfinished } from '../../lib/domain/invoicing/state.ts';
import { HOUR_MS, hoursOf } from '../../lib/domain/time/time.ts';
import {
  closed,
  decision,
  FREE,
  GROWTH,
  JANUARY,
  key,
  marker,
  profileOf,
  record,
  ruleset,
} from '../app/invoice-customer/fixtures.ts';
import type { BenchResult } from './result.ts';

/** Fewer while others use the machine: `BENCH_CUSTOMERS=500 BENCH_SIMULATED=20000`. */
const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 10_000);
const SIMULATED = Number(process.env.BENCH_SIMULATED ?? 1_000_000);
/** What the deployment keeps to (`lib/constructs/invoicing.ts`, `lib/adapters/stripe/limiter.ts`). */
const FUNCTIONS = 5;
const IN_EACH = 10;
const CALLS_PER_SECOND_EACH = 5;
/** A call to Stripe takes about so long. */
const LATENCY_MS = 300;
const CPU_MS_GOAL = 2;
const NOW = JANUARY.end + 28 * HOUR_MS;

export async function run(): Promise<BenchResult[]> {
  return [...(await againstTheStandIn()), ...(await onAVirtualClock())];
}

const silent = { info() {}, warn() {}, error() {} };

/** Records that nobody changes need no copies: what a database would cost is not measured here. */
function heldInvoices(): Invoices {
  const records = new Map<string, InvoiceRecord>();
  const nameOf = ({ customer, kind, period }: InvoiceKey) => `${customer} ${kind} ${period.start}`;
  return {
    ...memoryInvoices(),
    get: async (of) => records.get(nameOf(of)),
    headsOf: async () => [],
    async put(made) {
      records.set(nameOf(made.key), made);
      return 'created';
    },
    async replace(next) {
      if (records.get(nameOf(next.key))?.version !== next.version - 1) return 'stale';
      records.set(nameOf(next.key), next);
      return 'replaced';
    },
  };
}

/** A customer with usage in every hour of a working day, 44 of them. */
function stores(customers: readonly string[]): Omit<InvoicingPorts, 'billing'> {
  const profiles = new Map<string, CustomerProfile>(customers.map((id) => [id, profileOf(id)]));
  const decisions = memoryDecisions();
  for (const customer of customers) void decisions.record(decision({ customer }));
  const hours = Array.from({ length: 44 }, (_, i) => `2026-01-${String(2 + (i >> 1)).padStart(2, '0')}T1${i % 2}`);
  const markers = [...hoursOf(JANUARY)].map((hour) => marker(hour));
  const rules = ruleset([GROWTH, FREE]);
  return {
    ...{ clock: { now: () => NOW }, log: silent, metrics: { count() {} }, rater: cardRater() },
    ...{ invoices: heldInvoices(), credits: memoryCredits(), decisions },
    ...{ corrections: memoryCorrections(), approvals: memoryApprovals() },
    usage: {
      markers: async () => markers,
      closedHours: async (customer) => hours.map((at) => ({ ...closed(at, '20000'), customer })),
    },
    rulesets: { byHash: async (hash) => record(hash), inForceAt: async () => record('r1') },
    parseRuleset: () => rules,
    customers: {
      profile: async (id) => profiles.get(id),
      save: async (profile) => {
        profiles.set(profile.customer.id, profile);
        return 'saved';
      },
    },
    settings: { mode: 'live', approveFirstRun: false, anomaly: { factor: '3', floor: '1000' } },
  };
}

/** The real adapter and SDK over HTTP; the stand-in runs in a process of its own, so that its work is not ours. */
async function againstTheStandIn(): Promise<BenchResult[]> {
  const { child, port } = await standIn();
  try {
    const customers = Array.from({ length: CUSTOMERS }, (_, i) => `c${String(i).padStart(6, '0')}`);
    const base = stores(customers);
    const options = { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false } as const;
    const stripe = new Stripe('sk_test_bench', options);
    const counted = { calls: 0, most: 0 };
    const limiter = keptLimiter(counted);
    const ports: InvoicingPorts = { ...base, billing: stripeBilling(async () => stripe, limiter) };
    // Each customer is made at Stripe once in its life: not a part of its invoices.
    await inParallel(customers, 50, (id) => settle(id, ports));
    counted.calls = 0;
    const before = process.cpuUsage();
    const outcomes = await inParallel(customers, FUNCTIONS * IN_EACH, (id) => invoiceCustomer(key(id), ports));
    const { user, system } = process.cpuUsage(before);
    const failed = outcomes.filter((outcome) => outcome !== 'invoiced').length;
    if (failed > 0) throw new Error(`${failed} of ${CUSTOMERS} were not invoiced`);
    const cpuMs = (user + system) / 1_000 / CUSTOMERS;
    const calls = counted.calls / CUSTOMERS;
    return [
      {
        name: `invoice: own CPU each, ${CUSTOMERS.toLocaleString('en-US')} customers`,
        value: round(cpuMs),
        unit: 'ms',
        goal: `< ${CPU_MS_GOAL}`,
        met: cpuMs < CPU_MS_GOAL,
      },
      { name: 'invoice: Stripe calls each', value: round(calls), unit: 'calls', goal: '<= 3', met: calls <= 3 },
      {
        name: 'invoice: most calls to an endpoint in a second of the limiter',
        value: counted.most,
        unit: 'calls',
        goal: `<= ${FUNCTIONS * CALLS_PER_SECOND_EACH}`,
        met: counted.most <= FUNCTIONS * CALLS_PER_SECOND_EACH,
      },
    ];
  } finally {
    child.kill();
  }
}

async function settle(id: string, { billing, customers }: InvoicingPorts): Promise<void> {
  await ensureStripeCustomer(id, { billing, customers });
}

/** The limiter on a clock of its own that its waits move: what it lets through in each second is counted, and nobody waits. */
function keptLimiter(counted: { calls: number; most: number }) {
  let now = 0;
  const perSecond = new Map<string, number>();
  const wait = async (ms: number) => {
    now += ms;
  };
  const callsPerSecond = FUNCTIONS * CALLS_PER_SECOND_EACH;
  const bucket = tokenBucket({ callsPerSecond, burst: 1, clock: { now: () => now }, wait });
  const turn = async (endpoint: string): Promise<void> => {
    await bucket.turn(endpoint);
    counted.calls += 1;
    const second = `${endpoint} ${Math.floor(now / 1_000)}`;
    const calls = (perSecond.get(second) ?? 0) + 1;
    perSecond.set(second, calls);
    if (endpoint.startsWith('POST') && endpoint !== 'POST customers') counted.most = Math.max(counted.most, calls);
  };
  // One after the other, so that the clock that a wait moved is the one that the call is counted by.
  let last = Promise.resolve();
  return {
    turn(endpoint: string) {
      last = last.then(() => turn(endpoint));
      return last;
    },
  };
}

async function standIn(): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(new URL('./stripe-process.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}

/**
 * The steps of rated invoices to Stripe by the deployment's functions, each with its own limiter, on a clock that jumps
 * from call to call. Nothing is kept, so that a million fit in memory.
 */
async function onAVirtualClock(): Promise<BenchResult[]> {
  const [template] = await ratedOnce();
  const time = new Calls();
  let next = 0;
  let sent = 0;
  const worker = async (ports: InvoicingPorts) => {
    while (next < SIMULATED) {
      const stepped = { ...template, key: { ...template.key, customer: `c${next++}` } };
      let at: InvoiceRecord = stepped;
      while (isUnfinished(at.state)) {
        at = await takeStep({ record: { ...at, invoice: template.invoice }, resumed: false, ports });
      }
      sent += 1;
    }
  };
  const base = stores(['acme']);
  const workers = Array.from({ length: FUNCTIONS }, () => {
    const limiter = tokenBucket({
      callsPerSecond: CALLS_PER_SECOND_EACH,
      burst: 1,
      clock: time,
      wait: (ms) => time.wait(ms),
    });
    const invoices = { ...base.invoices, replace: async () => 'replaced' as const };
    const ports: InvoicingPorts = { ...base, invoices, clock: time, billing: fakeBilling(limiter, time) };
    return Array.from({ length: IN_EACH }, () => worker(ports));
  }).flat();
  await time.run(Promise.all(workers));
  if (sent !== SIMULATED) throw new Error(`${sent} of ${SIMULATED} were sent`);
  const hours = time.now() / HOUR_MS;
  const least = SIMULATED / (FUNCTIONS * CALLS_PER_SECOND_EACH) / 3_600;
  const ratio = least / hours;
  return [
    {
      name: `invoice run of ${SIMULATED.toLocaleString('en-US')} customers, virtual`,
      ...{
        value: round(hours),
        unit: 'hours',
        ratio: round(ratio),
        goal: '>= 0.95 of what the limit allows',
        met: ratio >= 0.95,
      },
    },
  ];
}

type RatedRecord = InvoiceRecord & { readonly invoice: NonNullable<InvoiceRecord['invoice']> };

/** One invoice, as all of them are: made by the real use case, stopped before Stripe. */
async function ratedOnce(): Promise<[RatedRecord]> {
  const base = stores(['acme']);
  const away: Answer<never> = { ok: false, fault: { kind: 'transient', code: 'away', message: 'away' } };
  const billing = new Proxy({} as Billing, { get: () => async () => away });
  await invoiceCustomer(key(), { ...base, billing }).catch(() => undefined);
  const made = await base.invoices.get(key());
  if (!made?.invoice) throw new Error('it is rated');
  return [{ ...made, invoice: made.invoice, stripe: { customer: 'cus_1', invoice: null } }];
}

/** A clock that jumps to whoever waits for the earliest time. */
class Calls {
  #now = 0;
  /** A heap by time; of equal times, by arrival. */
  readonly #waiting: { at: number; order: number; go: () => void }[] = [];
  #order = 0;
  now = (): number => this.#now;
  wait(ms: number): Promise<void> {
    return new Promise((go) => this.#push({ at: this.#now + ms, order: this.#order++, go }));
  }
  async run(all: Promise<unknown>): Promise<void> {
    let done = false;
    const ended = all.finally(() => {
      done = true;
    });
    while (!done) {
      // Everything that can go on does so before time moves.
      await new Promise((resolve) => setImmediate(resolve));
      const first = this.#pop();
      if (!first) continue;
      this.#now = first.at;
      first.go();
      for (let same = this.#waiting[0]; same && same.at === this.#now; same = this.#waiting[0]) this.#pop()?.go();
    }
    await ended;
  }
  #push(one: { at: number; order: number; go: () => void }): void {
    const index = this.#waiting.findIndex((other) => other.at > one.at);
    this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, one);
  }
  #pop() {
    return this.#waiting.shift();
  }
}

function fakeBilling(limiter: ReturnType<typeof tokenBucket>, time: Calls): Billing {
  const call = async (endpoint: string, remote: RemoteInvoice): Promise<Answer<RemoteInvoice>> => {
    await limiter.turn(endpoint);
    await time.wait(LATENCY_MS);
    return { ok: true, value: remote };
  };
  const remoteOf = (
    status: RemoteInvoice['status'],
    invoiceKey: InvoiceKey | null,
    subtotal: string,
  ): RemoteInvoice => ({
    ...{ id: 'in_1', status, currency: 'USD', subtotal, hostedUrl: null, tax: '0.00', balanceApplied: '0.00' },
    ours: invoiceKey && { key: invoiceKey, digest: '' },
  });
  let total = '0.00';
  const refuse = async (): Promise<never> => {
    throw new Error('a first run asks for nothing else');
  };
  return {
    ...{
      ensureCustomer: refuse,
      updateCustomer: refuse,
      findInvoices: refuse,
      getInvoice: refuse,
      listLines: refuse,
      invoiceOfPayment: refuse,
    },
    createInvoice: (draft) => {
      total = draft.total;
      return call('POST invoices', remoteOf('draft', draft.key, '0.00'));
    },
    addLines: () => call('POST add_lines', remoteOf('draft', null, total)),
    finalizeInvoice: () => call('POST finalize', remoteOf('open', null, total)),
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;
