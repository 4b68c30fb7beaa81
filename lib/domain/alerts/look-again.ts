import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../time/time.ts';
import { isNear, type Level } from './level.ts';

/** A hard cap has to stop calls: usage is looked at with every ledger object, but not more often than this. */
export const CAPPED_MS = 30 * SECOND_MS;
/** Something is close to its next threshold. */
export const NEAR_MS = 10 * MINUTE_MS;
/** Nothing is: once an hour, which the schedule asks for. */
export const CALM_MS = HOUR_MS - MINUTE_MS;
const NEAR_PERCENT = 10;

/**
 * Before when another look can wait. It bounds what watching costs by what there is to miss: a customer with a hard cap is
 * looked at all the time; one without costs a look an hour, ten minutes near a threshold.
 *
 * @param end of the billing period: with the next one everything begins anew
 */
export function lookAgainAt(levels: readonly Level[], now: EpochMs, end: EpochMs): EpochMs {
  const capped = levels.some(({ kind, mode }) => kind === 'spend-cap' && mode === 'hard');
  const near = levels.some((level) => isNear(level, NEAR_PERCENT));
  const wait = capped ? CAPPED_MS : near ? NEAR_MS : CALM_MS;
  return Math.min(now + wait, end);
}
