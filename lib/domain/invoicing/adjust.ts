import { divideHalfEven, parseDecimal, pow10, roundHalfEven, unitsAt } from '../money/decimal.ts';
import { activeShare } from '../pricing/proration.ts';
import type { Discount, Minimum, RateCard } from '../pricing/rate-card.ts';
import type { Period } from '../time/time.ts';
import { money, percentOf, sum, total } from './money-units.ts';
import type { SegmentLine } from './segment-lines.ts';
import { HoldError } from './terms.ts';

/** A segment's lines and the card whose discounts apply to them. */
export interface Priced {
  readonly card: RateCard;
  readonly lines: readonly SegmentLine[];
}

/** An adjustment of the whole bill; units of the currency's smallest decimal. `segment` is the index it belongs to. */
export interface Adjustment {
  readonly kind: 'discount' | 'protection' | 'minimum' | 'maximum' | 'spend-cap';
  /** Of the discount or of the protection rule. */
  readonly id: string | null;
  readonly segment: number;
  readonly units: bigint;
  readonly explanation: string;
}

/** What binds the whole bill: minimum and maximum are those of the card in force in its last hour. */
export interface BillTerms {
  readonly minimum?: Minimum | undefined;
  readonly maximum?: { readonly amount: string } | undefined;
  /** The hard cap in force; null: none. */
  readonly spendCap: string | null;
  readonly period: Period;
  readonly active: Period;
}

/** A period's bill between its lines and its total. */
export interface OpenBill<P extends Priced = Priced> {
  readonly priced: readonly P[];
  readonly decimals: number;
  readonly terms: BillTerms;
  /** What is left of each segment. */
  readonly left: bigint[];
  /** What is left of a charge in each segment, once a discount has asked for it. */
  readonly leftOfCharge: Map<string, bigint[]>;
  readonly adjustments: Adjustment[];
}

export function openBill<P extends Priced>(priced: readonly P[], decimals: number, terms: BillTerms): OpenBill<P> {
  const left = priced.map(({ lines }) => sum(lines, decimals));
  return { priced, decimals, terms, left, leftOfCharge: new Map(), adjustments: [] };
}

export function minimumBeforeDiscounts(bill: OpenBill): void {
  if (bill.terms.minimum?.order === 'beforeDiscounts') raiseTo(bill.terms.minimum, bill);
}

export function discountsOnCharges(bill: OpenBill): void {
  forEachDiscount(bill, (discount, segment) => {
    if (discount.appliesTo === undefined) return;
    const pool = leftOfCharge(bill, discount.appliesTo);
    for (const [i, part] of take(discount, segment, pool, bill).entries()) pool[i] = (pool[i] ?? 0n) - part;
  });
}

export function discountsOnInvoice(bill: OpenBill): void {
  forEachDiscount(bill, (discount, segment) => {
    if (discount.appliesTo === undefined) take(discount, segment, bill.left, bill);
  });
}

export function minimumAfterDiscounts(bill: OpenBill): void {
  const { minimum } = bill.terms;
  if (minimum && minimum.order !== 'beforeDiscounts') raiseTo(minimum, bill);
}

export function maximum(bill: OpenBill): void {
  const { maximum: most } = bill.terms;
  if (most) lowerTo('maximum', most.amount, (from, to) => `the bill of ${from} is capped at ${to}`, bill);
}

/** Calls that slipped through after the cap was reached are not the customer's. */
export function spendCap(bill: OpenBill): void {
  const { spendCap: most } = bill.terms;
  if (most !== null)
    lowerTo('spend-cap', most, (from, to) => `the bill of ${from} is above the spend cap of ${to}`, bill);
}

/** Percentages in every segment; an amount is granted once, by the last segment's card. */
function forEachDiscount({ priced }: OpenBill, visit: (discount: Discount, segment: number) => void): void {
  for (const [segment, { card }] of priced.entries()) {
    for (const discount of card.discounts ?? []) {
      if (discount.amount === undefined || segment === priced.length - 1) visit(discount, segment);
    }
  }
}

function leftOfCharge({ priced, leftOfCharge: known, decimals }: OpenBill, charge: string): bigint[] {
  const found =
    known.get(charge) ??
    priced.map(({ lines }) =>
      sum(
        lines.filter((line) => line.charge === charge),
        decimals,
      ),
    );
  known.set(charge, found);
  return found;
}

/**
 * A percentage takes its part of its own segment, also of what is given back in it, which was charged less the discount; an
 * amount is taken from the last segment first. No discount takes more than is left.
 * @param pool what is left of what the discount is on, in each segment
 * @returns what was taken from each segment
 */
function take(discount: Discount, segment: number, pool: readonly bigint[], bill: OpenBill): bigint[] {
  const { decimals, left, adjustments } = bill;
  const { percent, amount } = discount;
  const available = pool.map((units) => (units > 0n ? units : 0n));
  const taken = pool.map(() => 0n);
  const takeFrom = (i: number, part: bigint, explanation: string) => {
    taken[i] = part;
    left[i] = (left[i] ?? 0n) - part;
    adjustments.push({ kind: 'discount', id: discount.id, segment: i, units: -part, explanation });
  };
  if (percent !== undefined) {
    const base = pool[segment] ?? 0n;
    const wanted = percentOf(percent, base, decimals);
    const part = wanted < 0n ? -smaller(-wanted, -base) : smaller(wanted, base);
    if (part !== 0n) takeFrom(segment, part, `${percent} % of ${money(base, decimals)}`);
    return taken;
  }
  let rest = amountUnits(amount ?? '0', decimals, `the discount ${discount.id}`);
  for (let i = segment; i >= 0 && rest > 0n; i--) {
    const part = smaller(rest, available[i] ?? 0n);
    if (part === 0n) continue;
    rest -= part;
    takeFrom(i, part, `${amount} off`);
  }
  return taken;
}

/** The difference to the minimum for the active part of the period. */
function raiseTo(minimum: Minimum, { terms, decimals, left, adjustments }: OpenBill): void {
  const due = minimumUnits(minimum, decimals, terms);
  const units = due - total(left);
  if (units <= 0n) return;
  const explanation = `brings the bill up to the minimum of ${money(due, decimals)}`;
  add({ kind: 'minimum', id: null, segment: left.length - 1, units, explanation }, left, adjustments);
}

function lowerTo(
  kind: 'maximum' | 'spend-cap',
  amount: string,
  explain: (from: string, to: string) => string,
  { decimals, left, adjustments }: OpenBill,
): void {
  const reached = total(left);
  const units = amountUnits(amount, decimals, `the ${kind}`) - reached;
  if (units >= 0n) return;
  const explanation = explain(money(reached, decimals), amount);
  add({ kind, id: null, segment: left.length - 1, units, explanation }, left, adjustments);
}

/** Takes an adjustment into the bill. */
export function add(adjustment: Adjustment, left: bigint[], adjustments: Adjustment[]): void {
  left[adjustment.segment] = (left[adjustment.segment] ?? 0n) + adjustment.units;
  adjustments.push(adjustment);
}

function minimumUnits(minimum: Minimum, decimals: number, { active, period }: BillTerms): bigint {
  const share = activeShare(minimum.proration ?? 'none', period, active);
  const amount = parseDecimal(minimum.amount);
  const scale = Math.max(amount.scale, decimals);
  return divideHalfEven(unitsAt(amount, scale) * BigInt(share.of), BigInt(share.in) * pow10(scale - decimals));
}

/** @throws HoldError where what was agreed with a customer is finer than the currency of its card */
export function amountUnits(amount: string, decimals: number, what: string): bigint {
  const value = parseDecimal(amount);
  if (value.scale > decimals) {
    throw new HoldError(
      'too-many-decimals',
      `${what} of ${amount} has more than the ${decimals} decimals of the currency`,
    );
  }
  return roundHalfEven(value, decimals);
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
