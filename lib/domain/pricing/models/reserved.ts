import { assert } from '../../assert.ts';
import { type Exact, exact, excess, halfEven, plus, shift, times } from '../../money/exact.ts';
import { HOUR_MS, type Hour, type Period } from '../../time/time.ts';
import type { ChargeName } from '../bill.ts';
import type { ReservedPrice } from '../rate-card.ts';
import type { UsageEntry } from '../usage.ts';
import { line, lineHead, type RateCharge, scaleOf, sumOf } from './charge.ts';
import { compileQuantityPrice, splitByAllowance } from './quantity-price.ts';
import { terms } from './terms.ts';
import { parseQuantityText } from './tiers.ts';

/** Usage against a capacity: what it covers, what exceeds it, and what exceeded it before a change. */
interface Split {
  readonly covered: Exact;
  readonly over: Exact;
  readonly overBefore: Exact;
}

/**
 * Reserved: capacity is paid for every hour of the period (or once), used or not; what exceeds it in each hour (or in
 * the period) is summed and priced once as overage. A card that was in force in a part of the period charges its hours, or
 * its share.
 */
export function compileReserved(price: ReservedPrice, charge: ChargeName, decimals: number): RateCharge {
  const per = price.capacity.per ?? 'hour';
  const quantity = parseQuantityText(price.capacity.quantity);
  const overage = compileQuantityPrice(price.overage, decimals);
  const scaleMin = Math.max(quantity.scale, overage.scale);
  const fee = terms(price.amount, undefined, 0, decimals);
  const [reservedHead, overageHead] = [lineHead('reserved', charge), lineHead('overage', charge)];
  const split = per === 'hour' ? splitByHour : splitPeriod;
  return (entries, before, { period, span }, lines) => {
    const scale = scaleOf(before, scaleOf(entries, scaleMin));
    const capacity = shift(exact(quantity.units), scale - quantity.scale);
    const { covered, over, overBefore } = split(entries, before, capacity, scale);
    const [hours, all] = [hoursIn(span), hoursIn(period)];
    const share = per === 'hour' ? { of: hours, in: 1 } : hours === all ? ONCE : { of: hours, in: all };
    const amount = halfEven(times(fee.unit, share.of), times(fee.divisor, share.in));
    const detail = { of: 'reserved', per, share, capacity: String(price.capacity.quantity) } as const;
    lines.push(line(reservedHead, covered, scale, null, price.amount, amount, detail));
    if (over > 0) overage.at(scale)(over, overBefore, overageHead, lines);
  };
}

const ONCE = { of: 1, in: 1 };
const hoursIn = ({ start, end }: Period): number => (end - start) / HOUR_MS;

function splitPeriod(
  entries: readonly UsageEntry[],
  before: readonly UsageEntry[],
  capacity: Exact,
  scale: number,
): Split {
  const earlier = sumOf(before, scale);
  const { covered, rest } = splitByAllowance(sumOf(entries, scale), capacity, earlier);
  return { covered, over: rest, overBefore: excess(earlier, capacity) };
}

function splitByHour(
  entries: readonly UsageEntry[],
  before: readonly UsageEntry[],
  capacity: Exact,
  scale: number,
): Split {
  const [perHour, earlier] = [sumPerHour(entries, scale), sumPerHour(before, scale)];
  let [covered, over, overBefore]: [Exact, Exact, Exact] = [0, 0, 0];
  for (const [hour, units] of perHour) {
    const part = splitByAllowance(units, capacity, earlier.get(hour) ?? 0);
    covered = plus(covered, part.covered);
    over = plus(over, part.rest);
  }
  for (const units of earlier.values()) overBefore = plus(overBefore, excess(units, capacity));
  return { covered, over, overBefore };
}

function sumPerHour(entries: readonly UsageEntry[], scale: number): Map<Hour, Exact> {
  const sums = new Map<Hour, Exact>();
  for (const { hour, quantity, scale: own } of entries) {
    assert(hour !== null, 'usage against an hourly capacity has an hour');
    sums.set(hour, plus(sums.get(hour) ?? 0, shift(quantity, scale - own)));
  }
  return sums;
}
