import { canonicalRows } from '../../domain/invoicing/closed-usage.ts';
import type { PublishedRuleset } from '../../domain/invoicing/terms.ts';
import { linesOf, totalOf } from '../../domain/reporting/bill.ts';
import { type CountedUsage, countUsage, outlookOf } from '../../domain/reporting/outlook.ts';
import type { RatingInput } from '../../domain/reporting/rated.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import type { PastPeriod } from '../../domain/shop/compare-cards.ts';
import type { PeriodOutlook } from '../../domain/shop/plan.ts';
import { type EpochMs, hourOf, monthOf, type Period } from '../../domain/time/time.ts';
import { type CustomerBooks, periodNamed } from '../make-report/read-periods.ts';
import type { Shop } from './needs.ts';
import type { RulesAt } from './rules-at.ts';
import { monthsBefore } from './standing.ts';

/** So many of the customer's last periods are compared: enough to see a habit, few enough to be read at once. */
const MONTHS_COMPARED = 3;

/** What the bill of a period will be, as things are or with a decision that is not made. */
export function periodOutlook(counted: CountedUsage, rating: RatingInput): PeriodOutlook {
  const { forecast, soFar, expected } = outlookOf(counted, rating);
  const { period } = rating;
  const best = expected.ok ? expected : soFar;
  return {
    ...{ period, forecast },
    currency: soFar.ok ? soFar.bill.currency : null,
    soFar: soFar.ok ? totalOf(soFar.bill) : null,
    expected: expected.ok ? totalOf(expected.bill) : null,
    lines: best.ok ? linesOf(best.bill) : [],
    fault: soFar.ok ? null : soFar.reason,
  };
}

/** A period with one more decision: as it would be rated if that were recorded now. */
export function withDecision(rating: RatingInput, decision: Decision, { record, rules }: RulesAt): RatingInput {
  if (decision.effectiveFrom >= hourOf(rating.period.end)) return rating;
  const published: PublishedRuleset = { hash: record.hash, commit: record.commit, rules: rules.ruleset };
  const { context } = rating;
  const decisions = [...context.decisions.filter((one) => one.effectiveFrom < decision.effectiveFrom), decision];
  const rulesets = new Map(context.rulesets).set(published.hash, published);
  return { ...rating, context: { ...context, decisions, rulesets } };
}

/** The customer's last periods that are closed to their end, newest first; those before it came are left out. */
export async function pastPeriods(
  { periods }: Pick<Shop, 'periods'>,
  books: CustomerBooks,
  { period, present }: { period: Period; present: RulesAt },
): Promise<PastPeriod[]> {
  const published = { hash: present.record.hash, commit: present.record.commit, rules: present.rules.ruleset };
  const { profile, terms } = books;
  const asked = monthsBefore(period, terms.anchor.day, MONTHS_COMPARED).filter(({ end }) => end > profile.registeredAt);
  const read = await Promise.all(asked.map(({ start }) => periods.over(books, periodNamed(monthOf(start), books))));
  return read.flatMap((past) => {
    if (past === undefined) return [];
    const { rating, rows } = past;
    const rulesets = new Map(rating.context.rulesets).set(published.hash, published);
    return [{ rows: canonicalRows(rows), rating: { ...rating, context: { ...rating.context, rulesets } } }];
  });
}

/** The present period of a customer, counted once for all that is asked about it. */
export async function countPresent(
  { periods }: Pick<Shop, 'periods'>,
  books: CustomerBooks,
  { start }: Period,
): Promise<{ readonly counted: CountedUsage; readonly rating: RatingInput }> {
  const input = await periods.counted(books, periodNamed(monthOf(start), books));
  return { counted: countUsage(input), rating: input.rating };
}

/** When the customer would leave: with its period, or with what it has paid in advance. */
export function leavingAt(period: Period, paidUntil: EpochMs | null): EpochMs {
  return Math.max(period.end, paidUntil ?? period.end);
}
