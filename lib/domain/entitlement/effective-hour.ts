import { addHours, type EpochMs, type Hour, hourOf, hourStart } from '../time/time.ts';

/**
 * The hour from which a record may be in force: the first whole hour that begins at least `lead` after now. With a lead
 * longer than the writer can live, the record is there before its hour begins, so whoever reads in that hour sees it:
 * check and write cannot straddle the hour.
 *
 * @param lead ms: the writer's timeout and a margin
 */
export function effectiveHour(now: EpochMs, lead: number): Hour {
  const earliest = now + lead;
  const hour = hourOf(earliest);
  return hourStart(hour) === earliest ? hour : addHours(hour, 1);
}
