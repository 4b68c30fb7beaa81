import type { RatedBill } from '../pricing/bill.ts';
import { type CompiledRateCard, compileRateCard } from '../pricing/compile.ts';
import { rate } from '../pricing/rate.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { parseUsage } from '../pricing/usage.ts';

/** One customer's usage of one period, as `tollgate rate` reads it. */
export interface RatingUsage {
  readonly customer: string;
  readonly period: { readonly start: string; readonly end: string };
  readonly active: { readonly from: string; readonly to: string };
  readonly timeZone?: string;
  readonly usage: readonly UsageQuantity[];
}

export interface UsageQuantity {
  readonly meter: string;
  readonly group?: string;
  /** RFC 3339, start of the hour. */
  readonly hour: string;
  readonly quantity?: string;
  readonly events?: readonly string[];
}

/** What an invoice needs of a rated bill. */
export type RatedPart = Pick<RatedBill, 'lines' | 'total'>;

/**
 * Rates a whole bill with one card, with explanations. `before` is usage from earlier in the period: it makes no line here
 * and counts against allowances and tiers.
 * @throws InputError where the card is wrong or cannot price the usage
 */
export type Rater = (card: RateCard, usage: RatingUsage, before: readonly UsageQuantity[]) => RatedPart;

/** The rater that everything uses but tests of the invoice alone. Compiled cards are kept as long as their card is. */
export function cardRater(): Rater {
  const compiled = new WeakMap<RateCard, CompiledRateCard>();
  return (card, usage, before) => {
    const known = compiled.get(card) ?? compileRateCard(card);
    compiled.set(card, known);
    const earlier = before.length === 0 ? [] : parseUsage({ period: usage.period, usage: before }).entries;
    return rate(known, parseUsage(usage), { before: earlier, explain: true });
  };
}
