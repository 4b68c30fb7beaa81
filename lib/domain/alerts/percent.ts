import { divideHalfEven, parseDecimal, unitsAt } from '../money/decimal.ts';
import type { Level } from './level.ts';

/** Whole percent of a level, for showing: whether a threshold is reached is asked exactly. Of nothing, all is used. */
export function percentUsed({ used, of }: Pick<Level, 'used' | 'of'>): number {
  const [a, b] = [parseDecimal(used), parseDecimal(of)];
  const scale = Math.max(a.scale, b.scale);
  const whole = unitsAt(b, scale);
  return whole === 0n ? 100 : Number(divideHalfEven(unitsAt(a, scale) * 100n, whole));
}
