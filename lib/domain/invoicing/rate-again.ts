import { assert } from '../assert.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { parseDecimal, unitsAt } from '../money/decimal.ts';
import { formatHour, formatTimestamp, hourOf, monthOf, type Period } from '../time/time.ts';
import { amountUnits } from './adjust.ts';
import { adjustmentsIn } from './closed-usage.ts';
import { correctionName, type PriceCorrection } from './correction.ts';
import type { CitedLine, EarlierPeriod } from './draft.ts';
import { adjustmentId, type RatedPeriod } from './invoice.ts';
import { money, total } from './money-units.ts';
import { countOf, knownTo, NO_REPORTS, type OutcomePage, sameMoney } from './outcome-pages.ts';
import {
  type DraftLine,
  ofBill,
  type PeriodBill,
  type PeriodUsage,
  type RatingContext,
  ratePeriod,
} from './rate-period.ts';
import { HoldError } from './terms.ts';

/** An earlier period, rated again. */
export interface Difference {
  readonly bill: PeriodBill;
  readonly line: DraftLine;
  readonly rated: RatedPeriod;
  readonly page: OutcomePage | null;
}

/** Corrections that touch a period, in the order in which they were made. */
const correctionsIn = ({ start, end }: Period, corrections: readonly PriceCorrection[]): PriceCorrection[] =>
  corrections
    .filter(({ from, to }) => from < hourOf(end) && to > hourOf(start))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));

/** What changes a period beside its closes, named as `RatedPeriod.adjustments` does. */
export const namesIn = ({ rows, period }: PeriodUsage, corrections: readonly PriceCorrection[]): string[] => [
  ...adjustmentsIn(rows),
  ...correctionsIn(period, corrections).map(correctionName),
];

/**
 * Late usage and corrected prices act alike: the period is rated again with all of them, less what it was rated at before.
 * What a credit note has given back already is not given back twice. A period may also be rated again without either, for
 * outcomes that it speaks of and that another one charges otherwise now.
 *
 * @param pages the book of outcomes; it is the period's own page that is written anew
 * @returns undefined where nothing came of it
 */
export function differenceOf(
  earlier: EarlierPeriod,
  context: RatingContext,
  pages: readonly OutcomePage[],
): Difference | undefined {
  const { period } = earlier;
  const bill = ratePeriod({ ...earlier, knownOutcomes: knownTo(period.start, pages) }, context);
  const { decimals } = bill;
  const taken = new Set(earlier.taken);
  const adjustments = namesIn(earlier, context.corrections).filter((name) => !taken.has(name));
  const [start, before] = [formatTimestamp(period.start), unitsAt(parseDecimal(earlier.total), decimals)];
  const own = pages.find((page) => page.start === start);
  const currency = bill.currency ?? own?.currency ?? 'none';
  const page = own || bill.outcomes ? { start, currency, ...(bill.outcomes ?? NO_REPORTS) } : null;
  if (adjustments.length === 0) {
    assert(
      own !== undefined,
      'a period is rated again for what no invoice has taken yet, or for outcomes it speaks of',
    );
    if (bill.units === before && sameMoney(own, bill.outcomes ?? NO_REPORTS)) return undefined;
  }
  const made = correctionsIn(period, context.corrections).filter((one) => adjustments.includes(correctionName(one)));
  const credited = total(made.map((correction) => creditedIn(correction, period, decimals)));
  const units = bill.units - before + credited;
  const [from, to] = [formatHour(hourOf(period.start)), formatHour(hourOf(period.end))];
  const month = monthOf(period.start);
  const again = money(bill.units, decimals);
  const cited = citedLines(earlier, made.length > 0);
  const reason = made.length > 0 ? 'corrected price' : 'late usage';
  const what =
    adjustments.length === 0
      ? `outcomes of ${month}, for which another month is charged otherwise now`
      : `${reason} of ${month}, ${cited} (${named(adjustments)})`;
  const explanation =
    `${what}: rated again ${again}, ` +
    `rated before ${money(before, decimals)}${credited === 0n ? '' : `, credited since ${money(credited, decimals)}`}`;
  const line: DraftLine = {
    ...ofBill('adjustment', money(units, decimals), explanation, units < 0n ? `correction of ${month}` : null),
    rateCard: bill.lines[0]?.rateCard ?? null,
    rulesCommit: bill.lines[0]?.rulesCommit ?? null,
    rule: null,
    ...{ usageDigest: bill.usageDigest, from, to },
  };
  const rated = {
    ...{ start: from, end: to, total: again, adjustments, usageDigest: bill.usageDigest },
    ...(page && { outcomes: countOf(page) }),
  };
  return { bill, line, rated, page };
}

/** The original lines: all that a price made, or those that would have held what came late. */
function citedLines({ rows, taken, lines }: EarlierPeriod, isCorrected: boolean): string {
  const known = new Set(taken);
  const late = rows.filter(
    ({ hour, adjustment }) => adjustment > 0 && !known.has(adjustmentId(formatHour(hour), adjustment)),
  );
  const cited = isCorrected ? lines.filter(({ charge }) => charge !== null) : linesOf(late, lines);
  const ids = cited.map(({ id }) => id);
  return ids.length === 0 ? 'on no line before' : `${ids.length === 1 ? 'line' : 'lines'} ${named(ids)}`;
}

/** Of a route group its own lines; where it has none, those of its meter that name no group. */
function linesOf(rows: readonly ClosedHour[], lines: readonly CitedLine[]): CitedLine[] {
  const late = rows.flatMap(({ usage }) => usage);
  const groups = new Set(late.map(({ meter, group }) => JSON.stringify([meter, group])));
  const own = new Set(lines.map(({ meter, group }) => JSON.stringify([meter, group])));
  const pooled = new Set(late.flatMap(({ meter, group }) => (own.has(JSON.stringify([meter, group])) ? [] : [meter])));
  return lines.filter(
    ({ meter, group }) =>
      groups.has(JSON.stringify([meter, group])) || (meter !== null && group === null && pooled.has(meter)),
  );
}

/** A credit note is of one invoice, so a correction that was settled by one lies within its period. */
function creditedIn(correction: PriceCorrection, period: Period, decimals: number): bigint {
  if (correction.credited === undefined) return 0n;
  if (correction.from < hourOf(period.start) || correction.to > hourOf(period.end)) {
    throw new HoldError('correction-too-long', `the credited correction ${correction.id} reaches beyond one period`);
  }
  return amountUnits(correction.credited, decimals, `the correction ${correction.id}`);
}

const named = (adjustments: readonly string[]): string =>
  adjustments.length <= 3
    ? adjustments.join(', ')
    : `${adjustments.slice(0, 3).join(', ')} and ${adjustments.length - 3} more`;
