import type { RatedBill } from '../pricing/bill.ts';
import type { RateCard } from '../pricing/rate-card.ts';

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

/** Rates a whole bill with one card, with explanations. Throws InputError where the card cannot price the usage. */
export type Rater = (card: RateCard, usage: RatingUsage) => RatedPart;
