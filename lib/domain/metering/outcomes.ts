import { parseTimestamp } from '../time/time.ts';
import type { ReportedOutcome } from './meters.ts';
import { byCodeUnits } from './quantities.ts';

/**
 * Names an outcome for good: an event's identity is its source and its id, so two sources that number alike do not meet.
 * `/bookings#b-1001`; a `#` in the source is written `%23` and a `%` `%25`, so that the first `#` is where the id begins.
 */
export const outcomeId = (source: string, id: string): string =>
  `${source.replaceAll('%', '%25').replaceAll('#', '%23')}#${id}`;

/** In the order in which they happened; of one instant by their names. */
export const inTime = (a: ReportedOutcome, b: ReportedOutcome): number =>
  parseTimestamp(a.at) - parseTimestamp(b.at) ||
  byCodeUnits(a.id, b.id) ||
  (a.withdrawn ? 1 : 0) - (b.withdrawn ? 1 : 0);

/** The same reports as no longer made: what an adjustment says of those that it takes away. */
export const withdrawn = (outcomes: readonly ReportedOutcome[]): ReportedOutcome[] =>
  outcomes.map(({ withdrawn: was, ...report }) => (was ? report : { ...report, withdrawn: true }));

/** What stays of reports from a close and its adjustments: a report and its withdrawal cancel out. In time order. */
export function settledOutcomes(outcomes: readonly ReportedOutcome[]): ReportedOutcome[] {
  const owed = new Map<string, { report: Omit<ReportedOutcome, 'withdrawn'>; times: number }>();
  for (const { withdrawn: isWithdrawn, ...report } of outcomes) {
    const { id, at, amount, touchedAt, reverses } = report;
    const key = JSON.stringify([id, at, amount, touchedAt, reverses]);
    const known = owed.get(key) ?? { report, times: 0 };
    known.times += isWithdrawn ? -1 : 1;
    owed.set(key, known);
  }
  return [...owed.values()]
    .flatMap(({ report, times }) =>
      Array.from(
        { length: Math.abs(times) },
        (): ReportedOutcome => (times < 0 ? { ...report, withdrawn: true } : report),
      ),
    )
    .sort(inTime);
}
