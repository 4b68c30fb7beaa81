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
import { presentBill } from '../pricing/present.ts';
import { rateExact } from '../pricing/rate.ts';
import type { RateCard, ReservedPrice } from '../pricing/rate-card.ts';
import type { UsageEntry } from '../pricing/usage.ts';
import { type Hour, hourOf, hourStart, type Period } from '../time/time.ts';
import type { Rater } from './rater.ts';

/** A line of one segment, before the invoice adds where it comes from. */
export interface SegmentLine extends Omit<RatedLine, 'explanation'> {
  readonly explanation: string;
}

/** What all segments of a customer's period share. */
export interface RatingScope {
  readonly customer: string;
  readonly timeZone?: string;
  /** The month that fees and shares are measured by. */
  readonly period: Period;
  /** Decimals of the currency. */
  readonly decimals: number;
  readonly rater: Rater;
}

/** Hours of a period and what was used in them, and before them. */
export interface UsedHours {
  readonly start: Hour;
  readonly end: Hour;
  readonly entries: readonly UsageEntry[];
  /** Of the period's earlier segments. */
  readonly before: readonly UsageEntry[];
}

/**
 * The lines of one segment of a period, without adjustments of the whole bill. Usage from before the segment counts
 * against its card's allowance and tiers. Fees follow the active part as the card prorates them; reserved capacity, which
 * a card charges for the whole period, is charged for the segment's hours or its share of the period.
 *
 * @throws InputError where the card cannot price the usage
 */
export function segmentLines(card: RateCard, used: UsedHours, scope: RatingScope): SegmentLine[] {
  const { customer, period, timeZone } = scope;
  const usage = {
    ...{ customer, period, timeZone: timeZone ?? null, entries: used.entries, credits: [] },
    active: { start: hourStart(used.start), end: hourStart(used.end) },
  };
  const bill = rateExact(scope.rater.charges(card), usage, { before: used.before });
  return presentBill(bill, true).lines.map((line) => {
    const share = line.kind === 'reserved' ? reservedShare(line, card, used, scope) : {};
    return { ...line, explanation: line.explanation ?? '', ...share };
  });
}

function reservedShare(line: RatedLine, card: RateCard, segment: { start: Hour; end: Hour }, scope: RatingScope) {
  const hours = segment.end - segment.start;
  const all = hourOf(scope.period.end) - hourOf(scope.period.start);
  if (hours === all) return {};
  const price = card.charges.find(({ id }) => id === line.charge)?.price as ReservedPrice;
  assert(price?.model === 'reserved', 'a reserved line comes from a reserved price');
  const { per = 'hour', quantity } = price.capacity;
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
