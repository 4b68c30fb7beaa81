import { assert } from '../assert.ts';
import {
  type Decimal,
  divideHalfEven,
  formatDecimal,
  parseDecimal,
  pow10,
  roundHalfEven,
  unitsAt,
} from '../money/decimal.ts';
import type { RatedLine } from '../pricing/bill.ts';
import type { RateCard, ReservedPrice } from '../pricing/rate-card.ts';
import { formatHour, type Hour, hourOf, type Period, parseHour } from '../time/time.ts';
import type { Rater, UsageQuantity } from './rater.ts';

/** A line of one segment, before the invoice adds where it comes from. */
export interface SegmentLine extends Omit<RatedLine, 'explanation'> {
  readonly explanation: string;
}

/** What all segments of a customer's period share. */
export interface RatingScope {
  readonly customer: string;
  readonly timeZone?: string;
  readonly period: Period;
  readonly usage: readonly UsageQuantity[];
  /** Decimals of the currency. */
  readonly decimals: number;
  readonly rater: Rater;
}

/**
 * The lines of one segment of a period, without adjustments of the whole bill. Usage from before the segment counts
 * against its card's allowance and tiers. Fees follow the active part as the card prorates them; reserved capacity, which
 * a card charges for the whole period, is charged for the segment's hours or its share of the period.
 */
export function segmentLines(card: RateCard, segment: { start: Hour; end: Hour }, scope: RatingScope): SegmentLine[] {
  const { customer, period, timeZone, usage } = scope;
  const { before, within } = partOf(usage, segment, period);
  const input = {
    customer,
    period: { start: formatHour(hourOf(period.start)), end: formatHour(hourOf(period.end)) },
    active: { from: formatHour(segment.start), to: formatHour(segment.end) },
    ...(timeZone === undefined ? {} : { timeZone }),
    usage: within,
  };
  const { lines } = scope.rater(withoutAdjustments(card), input, before);
  return lines.map((line) => {
    const share = line.kind === 'reserved' ? reservedShare(line, card, segment, scope) : {};
    return { ...line, explanation: line.explanation ?? '', ...share };
  });
}

/** Most periods are one segment: then there is nothing to sort out. */
function partOf(usage: readonly UsageQuantity[], { start, end }: { start: Hour; end: Hour }, period: Period) {
  if (start <= hourOf(period.start) && end >= hourOf(period.end)) return { before: [], within: usage };
  const before: UsageQuantity[] = [];
  const within: UsageQuantity[] = [];
  for (const entry of usage) {
    const hour = parseHour(entry.hour);
    if (hour < start) before.push(entry);
    else if (hour < end) within.push(entry);
  }
  return { before, within };
}

const bare = new WeakMap<RateCard, RateCard>();

/** Remembered, because raters compile each card object once. */
function withoutAdjustments(card: RateCard): RateCard {
  const known = bare.get(card);
  if (known) return known;
  const { discounts: _discounts, minimum: _minimum, maximum: _maximum, ...rest } = card;
  bare.set(card, rest);
  return rest;
}

function reservedShare(line: RatedLine, card: RateCard, segment: { start: Hour; end: Hour }, scope: RatingScope) {
  const hours = segment.end - segment.start;
  const all = hourOf(scope.period.end) - hourOf(scope.period.start);
  if (hours === all) return {};
  const price = card.charges.find(({ id }) => id === line.charge)?.price as ReservedPrice;
  assert(price?.model === 'reserved', 'a reserved line comes from a reserved price');
  const { per, quantity } = price.capacity;
  const each = parseDecimal(price.amount);
  const units =
    per === 'hour'
      ? roundHalfEven({ units: each.units * BigInt(hours), scale: each.scale }, scope.decimals)
      : shareOf(each, BigInt(hours), BigInt(all), scope.decimals);
  const amount = formatDecimal({ units, scale: scope.decimals });
  const words = per === 'hour' ? `${hours} hours × ${price.amount}` : `${hours}/${all} of ${price.amount}`;
  return { amount, explanation: `reserved ${quantity} per ${per}: ${words} = ${amount}` };
}

/** Exact until the one rounding: the share of a period's amount is a fraction, not a decimal. */
function shareOf(amount: Decimal, part: bigint, whole: bigint, decimals: number): bigint {
  const scale = Math.max(amount.scale, decimals);
  return divideHalfEven(unitsAt(amount, scale) * part, whole * pow10(scale - decimals));
}
