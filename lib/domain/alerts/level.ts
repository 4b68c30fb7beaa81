import { compare, type Decimal, fromInteger, multiply, parseDecimal } from '../money/decimal.ts';
import type { EpochMs } from '../time/time.ts';

/** What can be used up. Spikes and the rest of what a customer is told have no measure of this kind. */
export type LevelKind = 'quota' | 'spend-cap' | 'commitment' | 'balance';

/** How much of something is used up. Decimal strings; of what is promised, owed or capped, never negative. */
export interface Level {
  readonly kind: LevelKind;
  readonly used: string;
  readonly of: string;
  /** `calls`, or an ISO 4217 currency. */
  readonly unit: string;
  /** The period that it counts in: the next one begins anew. */
  readonly from: EpochMs;
  readonly until: EpochMs;
  /** Of spend caps: whether calls stop. */
  readonly mode?: 'hard' | 'soft';
}

/** Percent, ascending. */
export const THRESHOLDS = [50, 80, 100] as const;
export type Threshold = (typeof THRESHOLDS)[number];

/** Exactly: 80 % of 0.10 is reached at 0.08. Of nothing, all is used at once. */
export const reaches = ({ used, of }: Pick<Level, 'used' | 'of'>, threshold: Threshold): boolean =>
  compare(percentTimes(parseDecimal(used), 100), percentTimes(parseDecimal(of), threshold)) >= 0;

const percentTimes = (value: Decimal, percent: number): Decimal => multiply(value, fromInteger(BigInt(percent)));

/** Ascending; [] below the first. */
export const reached = (level: Level): readonly Threshold[] =>
  THRESHOLDS.filter((threshold) => reaches(level, threshold));

/** Whether the next threshold is at most so many percent away: then a look is due sooner. */
export function isNear(level: Level, percent: number): boolean {
  const next = THRESHOLDS.find((threshold) => !reaches(level, threshold));
  if (next === undefined) return false;
  const [used, of] = [parseDecimal(level.used), parseDecimal(level.of)];
  return compare(percentTimes(used, 100), percentTimes(of, next - percent)) >= 0;
}
