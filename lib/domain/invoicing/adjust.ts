import { divideHalfEven, parseDecimal, pow10, roundHalfEven, unitsAt } from '../money/decimal.ts';
import { activeShare } from '../pricing/proration.ts';
import type { Discount, Minimum, RateCard } from '../pricing/rate-card.ts';
import type { Period } from '../time/time.ts';
import { money, percentOf, sum, total } from './money-units.ts';
import type { SegmentLine } from './segment-lines.ts';

/** A segment's lines and the card whose discounts apply to them. */
export interface Priced {
  readonly card: RateCard;
  readonly lines: readonly SegmentLine[];
}

/** An adjustment of the whole bill; units of the currency's smallest decimal. `segment` is the index it belongs to. */
export interface Adjustment {
  readonly kind: 'discount' | 'minimum' | 'maximum';
  readonly id: string | null;
  readonly segment: number;
  readonly units: bigint;
  readonly explanation: string;
}

export interface Discounted {
  readonly adjustments: readonly Adjustment[];
  /** What is left of each segment, in order. */
  readonly left: readonly bigint[];
}

/**
 * The order of adjustments, up to where protection compares: the sum of the lines, the minimum if it comes before
 * discounts, discounts that name a charge, discounts on what is left. A percentage takes its part of its own segment; an
 * amount is granted once, by the last segment's card, and taken from the last segment first.
 */
export function applyDiscounts(priced: readonly Priced[], decimals: number, terms: BillTerms): Discounted {
  const final = priced.length - 1;
  const adjustments: Adjustment[] = [];
  const left = priced.map(({ lines }) => sum(lines, decimals));
  const take = (discount: Discount, segment: number, base: bigint, from: readonly bigint[], label: string): void => {
    const wanted =
      discount.percent === undefined
        ? roundHalfEven(parseDecimal(discount.amount ?? '0'), decimals)
        : percentOf(discount.percent, base, decimals);
    let rest = clamp(wanted, 0n, base);
    for (let i = segment; i >= 0 && rest > 0n; i--) {
      const part = clamp(rest, 0n, from[i] ?? 0n);
      left[i] = (left[i] ?? 0n) - part;
      rest -= part;
      if (part === 0n) continue;
      adjustments.push({ kind: 'discount', id: discount.id, segment: i, units: -part, explanation: label });
    }
  };
  if (terms.minimum?.order === 'beforeDiscounts') {
    const units = shortfall(terms, decimals, total(left));
    if (units > 0n) adjustments.push(minimumLine(terms, decimals, final, units));
    left[final] = (left[final] ?? 0n) + units;
  }
  const onCharges = new Map<string, bigint[]>();
  const leftOfCharge = (charge: string) => {
    const known = onCharges.get(charge);
    if (known) return known;
    const found = priced.map(({ lines }) =>
      sum(
        lines.filter((line) => line.charge === charge),
        decimals,
      ),
    );
    onCharges.set(charge, found);
    return found;
  };
  for (const named of [true, false]) {
    for (const [segment, { card }] of priced.entries()) {
      for (const discount of card.discounts ?? []) {
        if ((discount.appliesTo !== undefined) !== named || (discount.amount !== undefined && segment !== final))
          continue;
        const pool = discount.appliesTo === undefined ? left : leftOfCharge(discount.appliesTo);
        const base =
          discount.amount === undefined ? (pool[segment] ?? 0n) : total(pool.map((units) => clamp(units, 0n)));
        const before = [...left];
        take(discount, segment, base, [...pool], describe(discount, base, decimals));
        if (pool !== left)
          for (const i of pool.keys()) pool[i] = (pool[i] ?? 0n) - ((before[i] ?? 0n) - (left[i] ?? 0n));
      }
    }
  }
  return { adjustments, left };
}

/** Minimum and maximum bind the whole invoice: those of the card in force in its last hour. */
export interface BillTerms {
  readonly minimum?: Minimum | undefined;
  readonly maximum?: { readonly amount: string } | undefined;
  readonly period: Period;
  readonly active: Period;
}

/** The rest of the order, after protection: the minimum, then the maximum. */
export function applyLimits(subtotal: bigint, segment: number, decimals: number, terms: BillTerms): Adjustment[] {
  const adjustments: Adjustment[] = [];
  const units = terms.minimum?.order === 'beforeDiscounts' ? 0n : shortfall(terms, decimals, subtotal);
  if (units > 0n) adjustments.push(minimumLine(terms, decimals, segment, units));
  const reached = subtotal + units;
  if (terms.maximum !== undefined) {
    const most = roundHalfEven(parseDecimal(terms.maximum.amount), decimals);
    const explanation = `the bill of ${money(reached, decimals)} is capped at ${terms.maximum.amount}`;
    if (reached > most) adjustments.push({ kind: 'maximum', id: null, segment, units: most - reached, explanation });
  }
  return adjustments;
}

function shortfall(terms: BillTerms, decimals: number, reached: bigint): bigint {
  if (terms.minimum === undefined) return 0n;
  const due = minimumUnits(terms.minimum, decimals, terms);
  return due > reached ? due - reached : 0n;
}

function minimumLine(terms: BillTerms, decimals: number, segment: number, units: bigint): Adjustment {
  const due = terms.minimum === undefined ? 0n : minimumUnits(terms.minimum, decimals, terms);
  return {
    kind: 'minimum',
    id: null,
    segment,
    units,
    explanation: `brings the bill up to the minimum of ${money(due, decimals)}`,
  };
}

function minimumUnits(minimum: Minimum, decimals: number, { active, period }: BillTerms): bigint {
  const share = activeShare(minimum.proration ?? 'none', period, active);
  const amount = parseDecimal(minimum.amount);
  const scale = Math.max(amount.scale, decimals);
  return divideHalfEven(unitsAt(amount, scale) * BigInt(share.of), BigInt(share.in) * pow10(scale - decimals));
}

const describe = ({ percent, amount }: Discount, base: bigint, decimals: number): string =>
  percent === undefined ? `${amount} off` : `${percent} % of ${money(base, decimals)}`;

const clamp = (value: bigint, low: bigint, high?: bigint): bigint => {
  const capped = high !== undefined && value > high ? high : value;
  return capped < low ? low : capped;
};
