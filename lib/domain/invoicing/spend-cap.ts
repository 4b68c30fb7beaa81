import { compare, parseDecimal } from '../money/decimal.ts';
import { HOUR_MS, type Period } from '../time/time.ts';
import type { DatedSpendCap } from './billing-terms.ts';

/**
 * What a period may cost at most: the highest cap in force at any time of it, null where at some time none was, or only a
 * soft one. A cap counts from the beginning of the hour in which it was set, since calls are counted by the hour; the one
 * before it holds until the very moment.
 *
 * @param caps oldest first
 * @param active when the customer was there
 * @returns the cap's amount as it was set
 */
export function capOver(caps: readonly DatedSpendCap[], active: Period): string | null {
  const [first] = caps;
  if (active.end <= active.start || first === undefined || hourFloor(first.since) > active.start) return null;
  let highest: string | null = null;
  for (const [index, { cap, since }] of caps.entries()) {
    const until = caps[index + 1]?.since ?? Number.POSITIVE_INFINITY;
    if (hourFloor(since) >= active.end || until <= active.start) continue;
    if (cap === null || cap.mode === 'soft') return null;
    if (highest === null || compare(parseDecimal(cap.amount), parseDecimal(highest)) > 0) highest = cap.amount;
  }
  return highest;
}

const hourFloor = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;
