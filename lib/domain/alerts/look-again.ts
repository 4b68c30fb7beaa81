import { addHours, type EpochMs, hourOf, hourStart } from '../time/time.ts';
import { isNear, type Level } from './level.ts';

/** So close to its next threshold, something is looked at with every ledger object. */
export const NEAR_PERCENT = 10;

/**
 * Before when another look can wait. It bounds what watching costs by what there is to miss: a customer with a hard cap, or
 * close to a threshold, is looked at whenever its usage moves; any other once in each hour, for
 * which the schedule asks a minute after it began.
 *
 * @returns `now`, or the start of the next hour: billing periods begin with one, and so does everything anew
 */
export function lookAgainAt(levels: readonly Level[], now: EpochMs): EpochMs {
  const capped = levels.some(({ kind, mode }) => kind === 'spend-cap' && mode === 'hard');
  const near = levels.some((level) => isNear(level, NEAR_PERCENT));
  return capped || near ? now : hourStart(addHours(hourOf(now), 1));
}
