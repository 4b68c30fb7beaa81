import type { ReportedOutcome } from '../metering/meters.ts';
import { settledOutcomes } from '../metering/outcomes.ts';
import type { Outcome } from '../pricing/outcomes.ts';
import { scaled } from '../pricing/parse-values.ts';
import { parseTimestamp } from '../time/time.ts';
import { HoldError } from './terms.ts';

/** As the usage digest has them: `[id, at, amount, touchedAt, reverses, withdrawn]` each. */
export const listedOutcomes = (outcomes: readonly ReportedOutcome[]): string =>
  JSON.stringify(
    outcomes.map(({ id, at, amount = null, touchedAt = null, reverses = null, withdrawn = false }) => [
      ...[id, at, amount],
      ...[touchedAt, reverses, withdrawn],
    ]),
  );

/** As rating takes them. @throws HoldError `negative-usage` where a report is withdrawn that was never made */
export function outcomesOf(reported: readonly ReportedOutcome[], meter: string): Outcome[] {
  return settledOutcomes(reported).map(({ id, at: when, amount, touchedAt, reverses, withdrawn }) => {
    if (withdrawn)
      throw new HoldError('negative-usage', `the outcome ${id} of ${meter} is withdrawn, and was not there`);
    return {
      ...{ id, at: parseTimestamp(when), amount: scaled(amount ?? '0') },
      ...{ touchedAt: touchedAt === undefined ? null : parseTimestamp(touchedAt), reverses: reverses ?? null },
    };
  });
}
