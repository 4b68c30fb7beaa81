import { compare, parseDecimal } from '../money/decimal.ts';
import { type EpochMs, HOUR_MS, type Period } from '../time/time.ts';
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

/** Hard caps without a gap from a whole hour within a period on, until the customer's part of it ends. */
export interface LaterCap {
  /** The first whole hour after the first of them was set: calls are counted by the hour, and earlier ones were promised nothing. */
  readonly from: EpochMs;
  /** The highest of them, as it was set. */
  readonly highest: string;
}

/** Null where none is hard at the end; where they hold from the beginning, {@link capOver} says so. */
export function capFrom(caps: readonly DatedSpendCap[], active: Period): LaterCap | null {
  let found: LaterCap | null = null;
  for (const { cap, since } of caps.filter(({ since }) => since < active.end).reverse()) {
    if (cap === null || cap.mode === 'soft') break;
    const highest: string = found === null ? cap.amount : larger(found.highest, cap.amount);
    found = { from: Math.ceil(since / HOUR_MS) * HOUR_MS, highest };
    if (since <= active.start) break;
  }
  return found !== null && found.from < active.end ? found : null;
}

/**
 * What a period's bill never exceeds; null where nothing was promised. Under hard caps for all of it the highest one; under
 * some from an hour on, the larger of the highest one and what the hours before cost: what was used before is billed, and what
 * slips through after is not.
 *
 * @param billBefore what the hours before one cost, with the fees of the whole period
 */
export function boundOf(
  caps: readonly DatedSpendCap[],
  active: Period,
  billBefore: (hour: EpochMs) => string,
): string | null {
  const whole = capOver(caps, active);
  if (whole !== null) return whole;
  const later = active.end > active.start ? capFrom(caps, active) : null;
  return later && larger(later.highest, billBefore(later.from));
}

const larger = (a: string, b: string): string => (compare(parseDecimal(a), parseDecimal(b)) >= 0 ? a : b);
const hourFloor = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;
