import { InputError } from '../input-error.ts';
import { type Exact, plus } from '../money/exact.ts';
import { ADJUSTMENTS, type BillInProgress } from './adjustments.ts';
import type { ExactBill, ExactLine, OutsideAdjustment, RatedBill } from './bill.ts';
import type { CompiledCharge, CompiledRateCard } from './compile.ts';
import { type FreeUse, freeLines } from './free-meters.ts';
import { assertBill, assertCharge } from './invariants.ts';
import type { RatingContext } from './models/charge.ts';
import { presentBill } from './present.ts';
import type { Usage, UsageEntry } from './usage.ts';

export interface RateOptions {
  /**
   * What the customer used earlier in the same period, before a change of card: it makes no line here, and counts
   * against this card's allowances, capacities and tiers, so that no switch earns a second allowance.
   */
  readonly before?: readonly UsageEntry[];
  /** What experiments and price protection add or take; the card knows nothing of them. */
  readonly adjustments?: readonly OutsideAdjustment[];
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
  const before = options.before ?? NONE;
  const taken = distribute(card, usage.entries);
  const takenBefore = before.length > 0 ? distribute(card, before) : undefined;
  const context: RatingContext = { period: usage.period, active: usage.active, timeZone: usage.timeZone ?? 'UTC' };
  const lines: ExactLine[] = [];
  const perCharge: Exact[] = [];
  let subtotal: Exact = 0;
  for (let i = 0; i < card.charges.length; i++) {
    const charge = card.charges[i] as CompiledCharge;
    const entries = taken.byCharge[i] ?? NONE;
    const first = lines.length;
    charge.rate({ entries, before: takenBefore?.byCharge[i] ?? NONE }, context, lines);
    const amount = assertCharge(charge, entries, lines, first);
    perCharge.push(amount);
    subtotal = plus(subtotal, amount);
  }
  if (taken.free) lines.push(...freeLines(taken.free));
  return adjust(card, usage, lines, subtotal, perCharge, options.adjustments ?? NONE);
}

function adjust(
  card: CompiledRateCard,
  usage: Usage,
  lines: readonly ExactLine[],
  subtotal: Exact,
  leftOfCharge: Exact[],
  outside: readonly OutsideAdjustment[],
): ExactBill {
  const bill: BillInProgress = {
    card,
    usage,
    lines,
    subtotal,
    discounts: [],
    adjustments: [],
    trueUp: 0,
    capped: 0,
    total: subtotal,
    credits: NONE,
    amountDue: 0,
    outside,
    leftOfCharge,
  };
  for (let i = 0; i < ADJUSTMENTS.length; i++) ADJUSTMENTS[i]?.(bill);
  assertBill(bill);
  return bill;
}

interface Taken {
  readonly byCharge: (UsageEntry[] | undefined)[];
  free: FreeUse | undefined;
}

/** A unit falls in exactly one charge: the one that names its group, else the one of its meter without a group. */
function distribute(card: CompiledRateCard, entries: readonly UsageEntry[]): Taken {
  const byCharge: (UsageEntry[] | undefined)[] = [];
  for (let i = 0; i < card.charges.length; i++) byCharge.push(undefined);
  const taken: Taken = { byCharge, free: undefined };
  for (const entry of entries) {
    const route = card.routes.get(entry.meter);
    const index = (entry.group === null ? undefined : route?.byGroup.get(entry.group)) ?? route?.rest;
    if (index === undefined) {
      if (!route?.free) throw noCharge(card, entry);
      taken.free ??= new Map();
      const pooled = taken.free.get(entry.meter);
      if (pooled) pooled.push(entry);
      else taken.free.set(entry.meter, [entry]);
      continue;
    }
    checkFits(card.charges[index] as CompiledCharge, entry);
    const own = byCharge[index];
    if (own) own.push(entry);
    else byCharge[index] = [entry];
  }
  return taken;
}

function checkFits({ takes, needsHour, name }: CompiledCharge, { index, events, hour }: UsageEntry): void {
  const carries = events === null ? 'quantity' : 'events';
  if (carries !== takes) {
    throw new InputError({
      code: 'wrong-kind-of-usage',
      message: `the charge ${JSON.stringify(name.id)} is priced by ${takes === 'events' ? 'events' : 'quantity'}, and this usage has ${carries}`,
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
  const known = card.routes.has(meter);
  return new InputError({
    code: 'unpriced-meter',
    message: `no charge of the card ${JSON.stringify(card.card.id)} takes the meter ${JSON.stringify(meter)}${where}`,
    path: `/usage/${index}/${known && group !== null ? 'group' : 'meter'}`,
    hint: 'add a charge for it, or name the meter in "freeMeters"',
  });
}
