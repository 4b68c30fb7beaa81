import type { ClosedHour } from '../metering/meters.ts';
import { formatDecimal, parseDecimal, subtract } from '../money/decimal.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { type Load, loadOf, obstacleTo } from '../reporting/advice.ts';
import { totalOf } from '../reporting/bill.ts';
import { askPrice, type RatingInput } from '../reporting/rated.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import type { Decision } from '../segmentation/decision.ts';
import { hourOf, monthOf, type Period } from '../time/time.ts';

/** A period of a customer's that is over, ready to be rated in other ways. */
export interface PastPeriod {
  readonly rating: RatingInput;
  /** Of the period alone. */
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
    const rated = askPrice(rating, rows);
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
  const loads = past.map(({ rows }) => loadOf(rows, rules.meters));
  return decisions.map(({ card, decision }) => ({
    card,
    months: past.map(({ rating, rows }, index) => {
      const own = months[index];
      const currency = own?.currency ?? card.currency;
      const obstacle = obstacleTo(card, currency, { load: loads[index] as Load, rules, period: rating.period });
      if (obstacle !== null) return { total: null, difference: null, obstacle };
      return monthUnder(decision, { rating, rows }, own?.total ?? null);
    }),
  }));
}

function monthUnder(
  decision: Decision,
  { rating, rows }: PastPeriod,
  before: string | null,
): ComparedCard['months'][number] {
  const decisions = [{ ...decision, effectiveFrom: hourOf(rating.period.start) }];
  const rated = askPrice(rating, rows, { ...rating.context, decisions });
  if (!rated.ok) {
    return { total: null, difference: null, obstacle: `it cannot price this usage: ${rated.reason}` };
  }
  const total = totalOf(rated.bill);
  const difference = before === null ? null : formatDecimal(subtract(parseDecimal(total), parseDecimal(before)));
  return { total, difference, obstacle: null };
}
