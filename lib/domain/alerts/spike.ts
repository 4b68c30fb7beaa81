import type { EpochMs } from '../time/time.ts';
import { DAY_MS, HOUR_MS, type Hour, hourStart } from '../time/time.ts';

/** An hour with far more calls than that hour usually has. */
export interface Spike {
  readonly hour: EpochMs;
  readonly calls: bigint;
  /** The median of the hours that it was compared with. */
  readonly usual: bigint;
}

/** So many times the usual. */
export const SPIKE_FACTOR = 3n;
/** Fewer calls in an hour are no spike, whatever is usual. */
export const SPIKE_CALLS_MIN = 1_000n;
/** Without so many hours to compare with nothing is usual yet. */
const COMPARED_MIN = 3;
const DAYS_BACK = 7;
const WEEKS_BACK = 4;
const HOURS_IN_DAY = DAY_MS / HOUR_MS;

/**
 * Whether the hour stands out: its calls so far are at least {@link SPIKE_FACTOR} times what is usual. Usual is the larger of
 * two medians: of the same hour on the seven days before, and of the same hour and weekday in the four weeks before, so that
 * neither a busy Monday morning nor steady growth is taken for a spike. Calls of an hour only grow: once a spike, always one.
 *
 * @param known the first hour of which `calls` says everything; an hour without an entry had none
 */
export function spikeIn(hour: Hour, calls: ReadonlyMap<Hour, bigint>, known: Hour): Spike | null {
  const now = calls.get(hour) ?? 0n;
  if (now < SPIKE_CALLS_MIN) return null;
  const back = (steps: number, size: number): bigint[] =>
    Array.from({ length: steps }, (_, index) => (hour - (index + 1) * size) as Hour)
      .filter((earlier) => earlier >= known)
      .map((earlier) => calls.get(earlier) ?? 0n);
  const days = back(DAYS_BACK, HOURS_IN_DAY);
  if (days.length < COMPARED_MIN) return null;
  const weeks = back(WEEKS_BACK, 7 * HOURS_IN_DAY);
  const usual = larger(median(days), weeks.length < COMPARED_MIN ? 0n : median(weeks));
  return now >= SPIKE_FACTOR * usual ? { hour: hourStart(hour), calls: now, usual } : null;
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Of an even number the larger of the two in the middle: rather one spike too few. */
function median(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor(sorted.length / 2)] ?? 0n;
}
