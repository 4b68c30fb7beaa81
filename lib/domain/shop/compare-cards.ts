import type { ClosedHour } from '../metering/meters.ts';
import { formatDecimal, parseDecimal, subtract } from '../money/decimal.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { obstacleTo } from '../reporting/advice.ts';
import { totalOf } from '../reporting/bill.ts';
import { inPeriod, type RatingInput, rateLikeInvoice } from '../reporting/rated.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import type { Decision } from '../segmentation/decision.ts';
import { hourOf, monthOf, type Period } from '../time/time.ts';

/** A period of a customer's that is over, ready to be rated in other ways. */
export interface PastPeriod {
  readonly rating: RatingInput;
  readonly rows: readonly ClosedHour[];
}

export interface ComparedMonth {
  /** `2026-10`, the UTC month in which it begins. */
  readonly name: string;
  readonly period: Period;
  /** What it came to; null where it cannot be rated. */
  readonly total: string | null;
  readonly currency: string | null;
  /** The customer came during it. */
  readonly partly: boolean;
}

/** One card, month by month in the order of the months. */
export interface ComparedCard {
  readonly card: RateCard;
  readonly months: readonly {
    readonly total: string | null;
    readonly difference: string | null;
    readonly obstacle: string | null;
  }[];
}

export interface ComparedDecision {
  readonly card: RateCard;
  /** What the rules decide for the customer with that card. */
  readonly decision: Decision;
}

/** The months as they were, rated again by the code that makes invoices: before credits, and without corrections of others. */
export function pastMonths(past: readonly PastPeriod[]): ComparedMonth[] {
  return past.map(({ rating, rows }) => {
    const { period, active } = rating;
    const rated = rateLikeInvoice(rating, rows.filter(inPeriod(period)));
    const priced = rated.ok && rated.bill.currency !== null ? rated.bill : null;
    return {
      ...{ name: monthOf(period.start), period, partly: active.start > period.start },
      ...{ total: priced && totalOf(priced), currency: priced?.currency ?? null },
    };
  });
}

/**
 * What each month would have cost with another decision from its first hour on: with the discounts, the protection and the
 * agreements that the customer would have with that card, at the prices of that month.
 */
export function compareCards(
  decisions: readonly ComparedDecision[],
  past: readonly PastPeriod[],
  months: readonly ComparedMonth[],
  rules: Ruleset,
): ComparedCard[] {
  return decisions.map(({ card, decision }) => ({
    card,
    months: past.map((period, index) => monthUnder(card, decision, period, months[index], rules)),
  }));
}

function monthUnder(
  card: RateCard,
  decision: Decision,
  { rating, rows: all }: PastPeriod,
  own: ComparedMonth | undefined,
  rules: Ruleset,
): ComparedCard['months'][number] {
  const refused = (obstacle: string) => ({ total: null, difference: null, obstacle });
  const rows = all.filter(inPeriod(rating.period));
  const obstacle = obstacleTo(card, own?.currency ?? card.currency, { rows, rules, rating });
  if (obstacle !== null) return refused(obstacle);
  const decisions = [{ ...decision, effectiveFrom: hourOf(rating.period.start) }];
  const rated = rateLikeInvoice(rating, rows, { ...rating.context, decisions });
  if (!rated.ok) return refused(`it cannot price this usage: ${rated.reason}`);
  const total = totalOf(rated.bill);
  const before = own?.total ?? null;
  const difference = before === null ? null : formatDecimal(subtract(parseDecimal(total), parseDecimal(before)));
  return { total, difference, obstacle: null };
}
