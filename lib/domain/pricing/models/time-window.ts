import { assert } from '../../assert.ts';
import { InputError } from '../../input-error.ts';
import { type Exact, minus, plus, shift, smaller } from '../../money/exact.ts';
import { formatHour, type Hour } from '../../time/time.ts';
import type { ChargeName } from '../bill.ts';
import { type LocalTime, localTime } from '../local-time.ts';
import type { TimeWindow, TimeWindowPrice } from '../rate-card.ts';
import type { UsageEntry } from '../usage.ts';
import { type LineHead, lineHead, type RateCharge, scaleOf } from './charge.ts';
import { type AllowanceOf, compileAllowance } from './pooled.ts';
import { type CompiledQuantityPrice, compileQuantityPrice } from './quantity-price.ts';

interface CompiledWindow {
  readonly head: LineHead;
  readonly price: CompiledQuantityPrice;
  holds(time: LocalTime): boolean;
}

/**
 * Time window: each hour by the first window it falls in, judged by the instant it starts on the zone's clock. So the
 * hour that a clock skips in spring has no usage, and both runs of the one that it repeats in autumn count alike.
 * `included` units are the earliest hours'.
 */
export function compileTimeWindow(
  price: TimeWindowPrice,
  included: AllowanceOf,
  charge: ChargeName,
  decimals: number,
): RateCharge {
  const windows = compileWindows(price, charge, decimals);
  const allowance = compileAllowance(included, charge);
  const scaleMin = Math.max(allowance.scale, ...windows.map((window) => window.price.scale));
  return (entries, before, context, lines) => {
    const timeZone = price.timeZone === 'customer' ? context.timeZone : price.timeZone;
    const scale = scaleOf(before, scaleOf(entries, scaleMin));
    const free = allowance.at(scale);
    const windowOf = (entry: UsageEntry) => findWindow(windows, timeZone, charge, entry);
    const earlier = spread(before, free, scale, windows.length, windowOf);
    const now = spread(entries, minus(free, earlier.covered), scale, windows.length, windowOf);
    if (now.covered > 0) allowance.appendLines(now.covered, earlier.covered, scale, lines);
    for (const [i, { head, price: own }] of windows.entries()) {
      const quantity = now.perWindow[i] as Exact;
      if (quantity > 0) own.at(scale)(quantity, earlier.perWindow[i] as Exact, head, lines);
    }
  };
}

function compileWindows(price: TimeWindowPrice, charge: ChargeName, decimals: number): readonly CompiledWindow[] {
  const windows: CompiledWindow[] = price.windows.map((window) => ({
    head: lineHead('usage', charge, charge.group, window.id),
    price: compileQuantityPrice(window.price, decimals),
    holds: compileHolds(window),
  }));
  if (price.otherwise) {
    windows.push({
      head: lineHead('usage', charge, charge.group, null),
      price: compileQuantityPrice(price.otherwise, decimals),
      holds: () => true,
    });
  }
  return windows;
}

/** Whether a window holds at a time of day, on a day. `to` not after `from` wraps past midnight; the day is the hour's own. */
function compileHolds({ from, to, days }: TimeWindow): (time: LocalTime) => boolean {
  const [first, end] = [minuteOf(from), minuteOf(to)];
  const onDay = days ? new Set(days) : undefined;
  const inTime =
    end > first
      ? (minute: number) => minute >= first && minute < end
      : (minute: number) => minute >= first || minute < end;
  return ({ minute, weekday }) => inTime(minute) && (onDay === undefined || onDay.has(weekday));
}

/** Minutes since midnight of `HH:MM`. */
export const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

function findWindow(
  windows: readonly CompiledWindow[],
  timeZone: string,
  charge: ChargeName,
  { hour, index }: UsageEntry,
): number {
  assert(hour !== null, 'usage of a time window price has an hour');
  const time = localTime(timeZone, hour);
  const found = windows.findIndex((window) => window.holds(time));
  if (found < 0) {
    throw new InputError({
      code: 'no-price',
      message: `no window of the charge ${JSON.stringify(charge.id)} holds at ${formatHour(hour)} in ${timeZone}`,
      path: `/usage/${index}/hour`,
      hint: 'give the price an "otherwise"',
    });
  }
  return found;
}

/** Takes the allowance from the earliest hours on, and sums what is left of each hour by its window. */
function spread(
  entries: readonly UsageEntry[],
  free: Exact,
  scale: number,
  windows: number,
  windowOf: (entry: UsageEntry) => number,
): { covered: Exact; perWindow: readonly Exact[] } {
  const perWindow: Exact[] = Array.from({ length: windows }, () => 0);
  let left = free;
  const inOrder = entries.length < 2 ? entries : [...entries].sort((a, b) => (a.hour as Hour) - (b.hour as Hour));
  for (const entry of inOrder) {
    const window = windowOf(entry);
    const quantity = shift(entry.quantity, scale - entry.scale);
    const covered = smaller(quantity, left);
    left = minus(left, covered);
    perWindow[window] = plus(perWindow[window] as Exact, minus(quantity, covered));
  }
  return { covered: minus(free, left), perWindow };
}
