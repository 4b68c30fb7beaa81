import { InputError } from '../input-error.ts';
import { type Exact, plus } from '../money/exact.ts';
import type { Period } from '../time/time.ts';
import { type BillInProgress, type BillPart, takeAdjustments } from './adjustments.ts';
import type { ExactBill, ExactLine, OutsideAdjustment, RatedBill } from './bill.ts';
import type { CompiledCharge, CompiledRateCard } from './compile.ts';
import { type FreeUse, freeLines } from './free-meters.ts';
import { assertBill, assertCharge } from './invariants.ts';
import type { RatingContext } from './models/charge.ts';
import { type OutcomeBook, openBook } from './outcomes.ts';
import { presentBill } from './present.ts';
import type { Usage, UsageEntry } from './usage.ts';

export interface RateOptions {
  /**
   * What the customer used earlier in the same period, before a change of card: it makes no line here, and counts
   * against this card's allowances, capacities and tiers, so that no switch earns a second allowance.
   */
  readonly before?: readonly UsageEntry[];
  /** Hours of the period that the card is in force: capacity is reserved for these. @default the period */
  readonly span?: Period;
  /** What experiments and price protection add or take; the card knows nothing of them. */
  readonly adjustments?: readonly OutsideAdjustment[];
  /** The most that the invoice may come to, after the maximum and before credits. @default the usage's own */
  readonly spendCap?: string | null;
}

/**
 * The contract's answer for one customer and period.
 * @param options.explain adds to each line the arithmetic behind it
 * @throws InputError when the card has no price for the usage; its path points into the usage object
 */
export function rate(
  card: CompiledRateCard,
  usage: Usage,
  { explain = false, ...options }: RateOptions & { readonly explain?: boolean } = {},
): RatedBill {
  return presentBill(rateExact(card, usage, options), explain);
}

const NONE: readonly never[] = [];

/** The same in exact integers: for whoever sums over many customers and writes few of them down. */
export function rateExact(card: CompiledRateCard, usage: Usage, options: RateOptions = {}): ExactBill {
  const lines: ExactLine[] = [];
  const { period, active } = usage;
  const context: RatingContext = {
    period,
    active,
    span: options.span ?? period,
    timeZone: usage.timeZone ?? 'UTC',
    outcomes: bookFor(card, usage),
    counts: NO_COUNTS,
  };
  const part = rateLines(card, usage.entries, options.before ?? NONE, context, lines);
  return adjust(usage, lines, [part], options);
}

/** @throws InputError `too-many-decimals` */
export function bookFor(card: CompiledRateCard, { earlierOutcomes = NONE }: Usage): OutcomeBook | null {
  return card.hasOutcomes ? openBook(earlierOutcomes, card) : null;
}

/**
 * Appends the lines of one card for a part of the period; the whole of it where the card does not change.
 * @param before usage from before the part: it makes no line here
 */
export function rateLines(
  card: CompiledRateCard,
  entries: readonly UsageEntry[],
  before: readonly UsageEntry[],
  segment: RatingContext,
  lines: ExactLine[],
): BillPart {
  const taken = distribute(card, entries);
  const takenBefore = before.length > 0 ? distribute(card, before) : undefined;
  const context = card.hasOutcomes ? { ...segment, counts: countsOf(card, taken, segment) } : segment;
  const leftOfCharge = card.noAmounts.slice();
  let left: Exact = 0;
  for (let i = 0; i < card.charges.length; i++) {
    const charge = card.charges[i] as CompiledCharge;
    const own = taken.byCharge[i] ?? NONE;
    const first = lines.length;
    charge.rate(own, takenBefore?.byCharge[i] ?? NONE, context, lines);
    const amount = assertCharge(charge, own, lines, first);
    leftOfCharge[i] = amount;
    left = plus(left, amount);
  }
  if (taken.free) lines.push(...freeLines(taken.free));
  return { card, leftOfCharge, left };
}

export const NO_COUNTS: RatingContext['counts'] = new Map();

/** A reversal may stand in another charge than its outcome, so what counts is told for all of them first. */
function countsOf({ charges }: CompiledRateCard, { byCharge }: Taken, context: RatingContext): RatingContext['counts'] {
  return new Map(
    charges.flatMap(({ name, count }, i) => (count ? [[name.id, count(byCharge[i] ?? NONE, context)] as const] : [])),
  );
}

/** Takes the adjustments of a whole bill, in their order, and sees that it is right before it leaves. */
export function adjust(
  usage: Usage,
  lines: readonly ExactLine[],
  parts: readonly BillPart[],
  { adjustments = NONE, spendCap = usage.spendCap }: RateOptions,
): ExactBill {
  const { card } = parts[parts.length - 1] as BillPart;
  const subtotal = parts.length === 1 ? (parts[0] as BillPart).left : parts.reduce<Exact>(sumOfParts, 0);
  const bill: BillInProgress = {
    card,
    usage,
    lines,
    subtotal,
    discounts: [],
    adjustments: [],
    trueUp: 0,
    capped: 0,
    spendCapped: null,
    total: subtotal,
    credits: NONE,
    amountDue: 0,
    outside: adjustments,
    spendCap: spendCap ?? null,
    parts,
  };
  takeAdjustments(bill);
  assertBill(bill);
  return bill;
}

const sumOfParts = (sum: Exact, { left }: BillPart): Exact => plus(sum, left);

interface Taken {
  readonly byCharge: (UsageEntry[] | undefined)[];
  free: FreeUse | undefined;
}

/** A unit falls in exactly one charge: the one that names its group, else the one of its meter without a group. */
function distribute(card: CompiledRateCard, entries: readonly UsageEntry[]): Taken {
  const byCharge: (UsageEntry[] | undefined)[] = card.noEntries.slice();
  const taken: Taken = { byCharge, free: undefined };
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as UsageEntry;
    const { charge: index, free } = card.routes.of(entry.meter, entry.group, i);
    if (index === undefined) {
      if (!free) throw noCharge(card, entry);
      taken.free ??= new Map();
      const pooled = taken.free.get(entry.meter);
      if (pooled) pooled.push(entry);
      else taken.free.set(entry.meter, [entry]);
      continue;
    }
    const charge = card.charges[index] as CompiledCharge;
    if (!charge.takesAnyQuantity || entry.events !== null || entry.outcomes) checkFits(charge, entry);
    const own = byCharge[index];
    if (own) own.push(entry);
    else byCharge[index] = [entry];
  }
  return taken;
}

function checkFits({ takes, needsHour, name }: CompiledCharge, entry: UsageEntry): void {
  const { index, hour } = entry;
  const carries = entry.outcomes ? 'outcomes' : entry.events === null ? 'quantity' : 'events';
  if (carries !== takes) {
    throw new InputError({
      code: 'wrong-kind-of-usage',
      message: `the charge ${JSON.stringify(name.id)} is priced by ${takes}, and this usage has ${carries}`,
      path: `/usage/${index}/${carries}`,
    });
  }
  if (needsHour && hour === null) {
    throw new InputError({
      code: 'hour-missing',
      message: `the price of the charge ${JSON.stringify(name.id)} depends on the hour, and this usage has none`,
      path: `/usage/${index}`,
    });
  }
}

function noCharge(card: CompiledRateCard, { index, meter, group }: UsageEntry): InputError {
  const where = group === null ? '' : ` in the group ${JSON.stringify(group)}`;
  const known = card.routes.knows(meter);
  return new InputError({
    code: 'unpriced-meter',
    message: `no charge of the card ${JSON.stringify(card.card.id)} takes the meter ${JSON.stringify(meter)}${where}`,
    path: `/usage/${index}/${known && group !== null ? 'group' : 'meter'}`,
    hint: 'add a charge for it, or name the meter in "freeMeters"',
  });
}
