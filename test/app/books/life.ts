import fc from 'fast-check';
import { voidInvoice, writeOffInvoice } from '../../../lib/app/correct-invoices/correct-invoices.ts';
import { creditCorrection } from '../../../lib/app/correct-invoices/credit-correction.ts';
import { creditInvoice } from '../../../lib/app/correct-invoices/credit-note.ts';
import { recordCorrection } from '../../../lib/app/correct-invoices/price-correction.ts';
import { grantCredit, orderTopUp } from '../../../lib/app/grant-credit/grant-credit.ts';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { RetryLater } from '../../../lib/app/invoice-customer/ports.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { dropInvoice, heldInvoices, releaseInvoice } from '../../../lib/app/review-invoices/review-invoices.ts';
import { startInvoicing } from '../../../lib/app/start-invoicing/start-invoicing.ts';
import { returned } from '../../../lib/domain/entitlement/stays.ts';
import { InputError } from '../../../lib/domain/input-error.ts';
import { nextPeriod } from '../../../lib/domain/invoicing/periods.ts';
import type { InvoiceState } from '../../../lib/domain/invoicing/state.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { addHours, DAY_MS, formatHour, HOUR_MS, hourOf, type Period } from '../../../lib/domain/time/time.ts';
import { DECLINING_CARD, GOOD_CARD } from '../../../lib/local/stripe/payments.ts';
import type { InjectedFault } from '../../../lib/local/stripe/stand-in.ts';
import { Crash, crashing } from '../invoice-customer/faults.ts';
import { closed, decision, FREE, GROWTH, JANUARY, ruleset } from '../invoice-customer/fixtures.ts';
import { type World, world } from '../invoice-customer/world.ts';

/** A fee of 98 that is due when the period begins, cheaper calls, a discount and a minimum. */
const LARGE: RateCard = {
  ...GROWTH,
  id: 'large',
  charges: [
    { id: 'platform', price: { model: 'flat', amount: '98.00', due: 'inAdvance', proration: 'second' } },
    { id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.00013' } },
  ],
  discounts: [{ id: 'large', percent: '7.5' }],
  minimum: { amount: '120.00' },
};
const CHEAP: RateCard = { ...GROWTH, id: 'cheap', charges: GROWTH.charges.slice(1), maximum: { amount: '90.00' } };
/** On every card, at another commission on each: what a reversal gives back is what was charged by the card of its month. */
const CARDS = [GROWTH, LARGE, CHEAP, FREE].map((card, i): RateCard => {
  const price = { model: 'outcome' as const, percent: String(5 + i), reversalDays: 60 };
  return { ...card, charges: [...card.charges, { id: 'bookings', meter: 'bookings', price }] };
});
const cardName = (n: number): string => `${CARDS[n % CARDS.length]?.id}@2026-01-01`;

/** One thing that happens to a customer, its invoices or the machines between. */
export type Happening =
  | { readonly what: 'calls'; readonly at: number; readonly count: number }
  | { readonly what: 'late'; readonly at: number; readonly count: number }
  /** A booking, or the report that one was taken back; told in time, or late in an hour of the last month. */
  | { readonly what: 'booking' | 'reversal'; readonly at: number; readonly of: number; readonly late: boolean }
  | { readonly what: 'decision'; readonly card: number; readonly discount: boolean }
  | { readonly what: 'correction'; readonly nth: number; readonly card: number | null; readonly credit: boolean }
  | { readonly what: 'promo' | 'top-up'; readonly amount: number }
  | { readonly what: 'credit note'; readonly nth: number; readonly amount: number; readonly refund: boolean }
  | { readonly what: 'void' | 'write-off' | 'drop' | 'release' | 'paid elsewhere'; readonly nth: number }
  | { readonly what: 'card'; readonly good: boolean }
  /** In Stripe's dashboard. */
  | { readonly what: 'draft deleted' | 'customer deleted' }
  | { readonly what: 'fault'; readonly fault: InjectedFault }
  | {
      /** The month ends and its invoices are asked for; or an hourly run in it. */
      readonly what: 'month' | 'run';
      readonly crash: number | null;
      readonly when: 'before' | 'after';
      readonly twice: boolean;
    }
  | { readonly what: 'days'; readonly days: number }
  /** Cancels; or, once its last period is over, is back. */
  | { readonly what: 'leave or return' };

const nat = (max: number) => fc.nat({ max });
const whichOf = <What extends string>(...names: What[]) => fc.constantFrom(...names);
const FAULTS: readonly InjectedFault[] = [
  { kind: 'status', status: 429 },
  { kind: 'status', status: 500, afterWork: true },
  { kind: 'status', status: 500, afterWork: true, saved: true },
  { kind: 'cut' },
  { kind: 'cut', afterWork: true },
];

const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: whichOf('calls'), at: nat(671), count: nat(400_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: whichOf('late'), at: nat(671), count: fc.integer({ min: -5_000, max: 90_000 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ what: whichOf('booking', 'reversal'), at: nat(671), of: nat(9), late: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ what: whichOf('decision'), card: nat(3), discount: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: whichOf('correction'), nth: nat(5), card: fc.option(nat(3)), credit: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: whichOf('promo', 'top-up'), amount: fc.integer({ min: 100, max: 9_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: whichOf('credit note'),
      nth: nat(9),
      amount: fc.integer({ min: 1, max: 9_000 }),
      refund: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ what: whichOf('void', 'write-off', 'drop', 'release', 'paid elsewhere'), nth: nat(9) }),
  },
  { weight: 3, arbitrary: fc.record({ what: whichOf('card'), good: fc.constantFrom(true, false, false) }) },
  { weight: 2, arbitrary: fc.record({ what: whichOf('draft deleted', 'draft deleted', 'customer deleted') }) },
  { weight: 3, arbitrary: fc.record({ what: whichOf('fault'), fault: fc.constantFrom(...FAULTS) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      ...{ what: whichOf('month', 'run'), crash: fc.option(fc.integer({ min: 1, max: 25 })) },
      ...{ when: whichOf('before', 'after'), twice: fc.boolean() },
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: whichOf('days'), days: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ what: whichOf('leave or return') }) },
);

export const LIFE: fc.Arbitrary<Happening[]> = fc.array(HAPPENING, { minLength: 20, maxLength: 60, size: 'max' });

/** What an operator or a queue may well meet: the deed is not possible now, or is tried again later. */
const isExpected = (error: unknown): boolean =>
  error instanceof InputError || error instanceof RetryLater || error instanceof Crash;

/** One customer from January 2026 on, and everything between its calls and its money. */
export async function startLife(saw: (what: string) => void) {
  let [fault, card]: [InjectedFault | undefined, string] = [undefined, DECLINING_CARD];
  let open: Period = JANUARY;
  const w = await world({
    ...{ decisions: [decision()], rulesets: { r1: ruleset(CARDS) }, closed: false, cardOf: () => card },
    settings: { mode: 'live', approveFirstRun: false, anomaly: { factor: '1.5', floor: '60' } },
    // Each event twice, the second time days later.
    plan: (_, index) => [(index % 3) * HOUR_MS, 2 * DAY_MS],
    fault: ({ method }) => {
      const now = method === 'POST' ? fault : undefined;
      if (now) fault = undefined;
      return now;
    },
  });
  const life = {
    w,
    period: () => open,
    async month() {
      w.usage.close(open);
      open = nextPeriod(1, open.end);
      w.later(Math.max(0, open.start + 28 * HOUR_MS - w.clock.now()));
      await w.standIn.advance();
    },
    /** Of the customer at Stripe, which is made with it or changes to it. */
    async card(id: string) {
      [fault, card] = [undefined, id];
      for (const { id: customer, deleted } of w.standIn.store.customers.values()) {
        if (deleted) continue;
        const { id: default_payment_method } = await w.stripe.paymentMethods.attach(id, { customer });
        await w.stripe.customers.update(customer, { invoice_settings: { default_payment_method } });
      }
    },
    run: (crash: number | null = null, when: 'before' | 'after' = 'before', twice = false) =>
      run(w, crash, when, twice),
    async happens(one: Happening) {
      if (one.what === 'fault') fault = one.fault;
      else if (one.what === 'card') await life.card(one.good ? GOOD_CARD : DECLINING_CARD);
      else if ('crash' in one) {
        if (one.what === 'month') await life.month();
        await run(w, one.crash, one.when, one.twice);
      } else if (one.what === 'leave or return') saw(await leaveOrReturn(w, open));
      else if (one.what === 'calls' || one.what === 'late') {
        // Keys work until it has left, and once it is back.
        if (one.what === 'late' || !(await isAway(w, open))) use(w, open, one);
      } else if ('late' in one) {
        if (one.late || !(await isAway(w, open))) report(w, open, one);
      } else if (await orExpected(() => deed(w, one, saw))) saw(one.what);
      await w.standIn.advance();
    },
  };
  w.later(JANUARY.start + HOUR_MS - w.clock.now());
  return life;
}

export type Life = Awaited<ReturnType<typeof startLife>>;

/** @returns whether it was done */
async function orExpected(work: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await work()) !== undefined;
  } catch (error) {
    if (!isExpected(error)) throw error;
    return false;
  }
}

/** An hourly run and the messages that it sends, in a process that may die. */
async function run(w: World, crash: number | null, when: 'before' | 'after', twice: boolean): Promise<void> {
  const ports = crash === null ? w.ports : crashing(w.ports, crash, when).ports;
  const queue = { send: async (keys: typeof w.queued) => void w.queued.push(...keys) };
  const { clock, log, metrics, rulesets, parseRuleset } = w.ports;
  const invoices = { ...w.invoices, lastSettled: async () => undefined };
  const starting = {
    clock,
    log,
    metrics,
    decisions: w.decisions,
    rulesets,
    parseRuleset,
    queue,
    invoices,
    customers: w.directory,
  };
  await startInvoicing({ ...starting, delayHours: 27 });
  const asked = w.queued.splice(0).sort((a, b) => a.period.start - b.period.start);
  for (const key of asked) {
    const again = twice ? [invoiceCustomer(key, w.ports)] : [];
    for (const outcome of await Promise.allSettled([invoiceCustomer(key, ports), ...again])) {
      if (outcome.status === 'rejected' && !isExpected(outcome.reason)) throw outcome.reason;
    }
  }
}

/** Calls of the open month, or late ones of an hour of the last that was closed; never less than nothing in an hour. */
function use(w: World, open: Period, { what, at, count }: Happening & { what: 'calls' | 'late' }): void {
  const { rows } = w.usage;
  const isLate = what === 'late';
  const hour = addHours(hourOf(isLate ? open.start : open.start), isLate ? -1 - at : at);
  if (hour < hourOf(JANUARY.start)) return;
  const ofHour = rows.filter((row) => row.hour === hour);
  const calls = ofHour.flatMap(({ usage }) => usage.filter(({ meter }) => meter === 'api-calls'));
  const sum = calls.reduce((total, { quantity }) => total + Number(quantity), 0);
  if (sum + count <= 0 || count === 0 || (!isLate && (ofHour.length > 0 || hour >= hourOf(open.end)))) return;
  const row = closed(formatHour(hour).slice(0, 13), String(count), {
    adjustment: isLate ? Math.max(0, ...ofHour.map(({ adjustment }) => adjustment)) + 1 : 0,
  });
  if (isLate) w.usage.adjust(row);
  else rows.push(row);
}

/** Ten bookings, each told when it happens, in whatever month and however often; a reversal may come before its booking. */
function report(w: World, open: Period, one: Happening & { what: 'booking' | 'reversal' }): void {
  const { what, at, of, late } = one;
  const hour = addHours(hourOf(open.start), late ? -1 - at : at);
  const ofHour = w.usage.rows.filter((row) => row.hour === hour);
  if (hour < hourOf(JANUARY.start) || (!late && (ofHour.length > 0 || hour >= hourOf(open.end)))) return;
  const amount = `${10 * of + 1}.50`;
  const told = what === 'booking' ? { amount } : { reverses: `/shop#b-${of}` };
  const id = what === 'booking' ? `/shop#b-${of}` : `/shop#r-${of}-${hour}`;
  const outcome = { id, at: formatHour(hour), ...told };
  const usage = [{ meter: 'bookings', group: null, quantity: told.amount ?? '0', outcomes: [outcome] }];
  const adjustment = late ? Math.max(0, ...ofHour.map((row) => row.adjustment)) + 1 : 0;
  const row = closed(formatHour(hour).slice(0, 13), '0', { adjustment, usage });
  const isTold = ofHour.some((known) => known.usage.some(({ outcomes = [] }) => outcomes.some((o) => o.id === id)));
  if (isTold) return;
  if (late) w.usage.adjust(row);
  else w.usage.rows.push(row);
}

type Deed = Exclude<
  Happening,
  { what: 'fault' | 'card' | 'calls' | 'late' | 'leave or return' } | { crash: number | null } | { late: boolean }
>;
const ANN = { by: 'ann', reason: 'so it is' };

async function deed(w: World, one: Deed, saw: (what: string) => void): Promise<unknown> {
  const ports = w.operating;
  const made = await w.invoices.ofCustomer('acme');
  const nth = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];
  const amount = 'amount' in one ? (one.amount / 100).toFixed(2) : '';
  switch (one.what) {
    case 'days':
      return w.later(one.days * DAY_MS);
    case 'decision':
      return w.decisions.record(
        decision({
          effectiveFrom: addHours(hourOf(w.clock.now()), 2),
          rateCard: cardName(one.card),
          discounts: one.discount ? [{ id: 'year', percent: '12.5' }] : [],
        }),
      );
    case 'correction': {
      const usage = nth(
        made.filter(({ key, invoice }) => key.kind === 'usage' && invoice),
        one.nth,
      );
      const price =
        one.card === null ? { discounts: [{ id: 'sorry', percent: '30' }] } : { rateCard: cardName(one.card) };
      if (!usage) return undefined;
      const request = { key: usage.key, ...ANN, ...price };
      if (!one.credit) return recordCorrection(request, ports);
      return creditCorrection({ ...request, refund: one.nth % 2 === 0 }, ports).then(() => saw('credited correction'));
    }
    case 'draft deleted': {
      const draft = [...w.standIn.store.invoices.values()].find(({ status }) => status === 'draft');
      return draft && w.stripe.invoices.del(draft.id);
    }
    case 'customer deleted': {
      const id = (await w.directory.profile('acme'))?.billing.stripeCustomer;
      // Stripe tells of it some hours later; until then it may be asked for again, in vain.
      return id && !w.standIn.store.customers.get(id)?.deleted ? w.stripe.customers.del(id) : undefined;
    }
    case 'promo':
      return grantCredit({ customer: 'acme', amount, currency: 'USD', expiresAt: null, ...ANN }, ports);
    case 'top-up':
      return orderTopUp({ customer: 'acme', amount, ...ANN }, ports);
    default: {
      const fitting = made.filter(({ state }) => FITTING[one.what].includes(state));
      const record = nth(fitting.length > 0 ? fitting : made, one.nth);
      return record && act(w, one, record.key, amount);
    }
  }
}

/** Where a deed may work; where there is no such invoice it is tried on another, and must be refused. */
const FITTING: Readonly<Record<Act['what'], readonly InvoiceState[]>> = {
  'credit note': ['FINALIZED', 'PAID', 'UNCOLLECTIBLE'],
  void: ['FINALIZED', 'UNCOLLECTIBLE'],
  'write-off': ['FINALIZED'],
  'paid elsewhere': ['FINALIZED', 'UNCOLLECTIBLE'],
  ...{ drop: ['HELD'], release: ['HELD'] },
};

type Act = Extract<Deed, { what: 'credit note' | 'void' | 'write-off' | 'drop' | 'release' | 'paid elsewhere' }>;

async function act(w: World, one: Act, key: World['queued'][number], amount: string): Promise<unknown> {
  const ports = w.operating;
  if (one.what === 'credit note') return creditInvoice(key, { ...ANN, of: { amount }, refund: one.refund }, ports);
  if (one.what === 'void') return voidInvoice(key, ANN, ports).then(() => true);
  if (one.what === 'write-off') return writeOffInvoice(key, ANN, ports).then(() => true);
  if (one.what === 'drop') return dropInvoice(key, ANN, ports).then(() => true);
  if (one.what === 'release') return releaseInvoice(key, ANN, ports).then(() => true);
  const remote = w.standIn.store.invoices.get((await w.invoices.get(key))?.stripe.invoice ?? '');
  return remote?.status === 'open'
    ? w.stripe.invoices.pay(remote.id, { paid_out_of_band: true }).catch(() => {})
    : undefined;
}

const isAway = async ({ directory }: World, open: Period): Promise<boolean> =>
  ((await directory.profile('acme'))?.leavesAt ?? Number.POSITIVE_INFINITY) <= open.start;

/** As the shop and the schedule do: it leaves with the period, and is back with a whole hour of a later one. */
async function leaveOrReturn(w: World, open: Period): Promise<string> {
  const now = Math.ceil(w.clock.now() / HOUR_MS) * HOUR_MS;
  let done = 'leaves';
  await updateProfile(w.directory, 'acme', (profile) => {
    const { leavesAt } = profile;
    if (leavesAt === undefined) return { ...profile, leavesAt: open.end };
    done = leavesAt <= now ? 'returns' : 'stays away';
    if (leavesAt > now) return undefined;
    return returned({ ...profile, status: 'closed', statusSince: leavesAt, reopensAt: now });
  });
  return done;
}

/** Everything that went wrong is mended, and two more months pass: nothing is left to be done. */
export async function settle(life: Life): Promise<void> {
  const { w } = life;
  const away = (await w.directory.profile('acme'))?.leavesAt;
  // Who has left is invoiced for late usage for a while only: it comes back, so that nothing can be left over.
  if (away !== undefined) {
    if (away > life.period().start) await life.month();
    await leaveOrReturn(w, life.period());
  }
  await life.card(GOOD_CARD);
  for (let month = 0; month < 2; month++) {
    await life.month();
    for (let round = 0; round < 3; round++) {
      for await (const { key } of heldInvoices({ ...w.operating, customers: w.directory }, 'acme')) {
        await releaseInvoice(key, ANN, w.operating);
      }
      await sayAgain(w);
      await life.run();
      w.later(5 * DAY_MS);
      await w.standIn.advance();
    }
  }
}

/** What an operator was told to run again: credit notes that were decided, and nobody knows whether they were issued. */
async function sayAgain({ invoices, operating }: World): Promise<void> {
  for (const { key, creditNotes } of await invoices.ofCustomer('acme')) {
    for (const { id, state, refund } of creditNotes) {
      if (state === 'DECIDED')
        await orExpected(() => creditInvoice(key, { ...ANN, id, of: 'whole', refund }, operating));
    }
  }
}
