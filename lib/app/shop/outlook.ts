import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { PublishedRuleset } from '../../domain/invoicing/terms.ts';
import { linesOf, totalOf } from '../../domain/reporting/bill.ts';
import { outlookOf, type UsageReportInput } from '../../domain/reporting/usage-report.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import type { PastPeriod } from '../../domain/shop/compare-cards.ts';
import type { PeriodOutlook } from '../../domain/shop/plan.ts';
import { type EpochMs, hourOf, monthOf, type Period } from '../../domain/time/time.ts';
import type { Shop } from './needs.ts';
import type { RulesAt } from './rules-at.ts';
import { monthsBefore } from './standing.ts';

/** So many of the customer's last periods are compared: enough to see a habit, few enough to be read at once. */
const MONTHS_COMPARED = 3;

/** What the bill of a period will be, as things are or with a decision that is not made. */
export function periodOutlook(input: UsageReportInput): PeriodOutlook {
  const { forecast, soFar, expected } = outlookOf(input);
  const { period } = input.rating;
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

/** The same period with one more decision: as it would be rated if that were recorded now. */
export function withDecision(
  input: UsageReportInput,
  decision: Decision,
  { record, rules }: RulesAt,
): UsageReportInput {
  const { rating } = input;
  if (decision.effectiveFrom >= hourOf(rating.period.end)) return input;
  const published: PublishedRuleset = { hash: record.hash, commit: record.commit, rules: rules.ruleset };
  const { context } = rating;
  const decisions = [...context.decisions.filter((one) => one.effectiveFrom < decision.effectiveFrom), decision];
  const rulesets = new Map(context.rulesets).set(published.hash, published);
  return { ...input, rating: { ...rating, context: { ...context, decisions, rulesets } } };
}

/** The customer's last periods that are closed to their end, newest first; those before it came are left out. */
export async function pastPeriods(
  { readPeriod }: Pick<Shop, 'readPeriod'>,
  profile: CustomerProfile,
  { period, anchorDay, present }: { period: Period; anchorDay: number; present: RulesAt },
): Promise<PastPeriod[]> {
  const published = { hash: present.record.hash, commit: present.record.commit, rules: present.rules.ruleset };
  const past: PastPeriod[] = [];
  for (const before of monthsBefore(period, anchorDay, MONTHS_COMPARED)) {
    if (before.end <= profile.registeredAt) break;
    const input = await readPeriod(profile, monthOf(before.start));
    if (input.closedUntil < hourOf(input.rating.period.end)) continue;
    const { rating, rows } = input;
    const rulesets = new Map(rating.context.rulesets).set(published.hash, published);
    past.push({ rows, rating: { ...rating, context: { ...rating.context, rulesets } } });
  }
  return past;
}

/** The present period of a customer, read once for all that is asked about it. */
export const readPresent = (
  { readPeriod }: Pick<Shop, 'readPeriod'>,
  profile: CustomerProfile,
  period: Period,
): Promise<UsageReportInput> => readPeriod(profile, monthOf(period.start));

/** When the customer would leave: with its period, or with what it has paid in advance. */
export function leavingAt(period: Period, paidUntil: EpochMs | null): EpochMs {
  return Math.max(period.end, paidUntil ?? period.end);
}
