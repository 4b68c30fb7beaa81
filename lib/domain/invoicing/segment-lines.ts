import { assert } from '../assert.ts';
import {
  add,
  compare,
  type Decimal,
  divideHalfEven,
  formatDecimal,
  normalize,
  parseDecimal,
  pow10,
  roundHalfEven,
  subtract,
  unitsAt,
  ZERO,
} from '../money/decimal.ts';
import type { RatedLine } from '../pricing/bill.ts';
import type { RateCard, ReservedPrice } from '../pricing/rate-card.ts';
import { formatHour, type Hour, hourOf, type Period, parseHour } from '../time/time.ts';
import type { Rater, RatingUsage, UsageQuantity } from './rater.ts';

/** A line of one segment; `creditReason` says why it is below zero when it is. */
export interface SegmentLine extends Omit<RatedLine, 'explanation'> {
  readonly explanation: string;
  readonly creditReason: string | null;
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
 * The lines of one segment of a period: what the card makes of all usage up to the segment's end, less what the same card
 * makes of the usage before it. So usage from before a change counts against the new card's allowance and tiers, and a
 * segment that is split without any change adds up to the same money. Fees follow the active part, as the card prorates
 * them; reserved capacity is charged for the segment's hours, or its share of the period.
 */
export function segmentLines(card: RateCard, segment: { start: Hour; end: Hour }, scope: RatingScope): SegmentLine[] {
  const bare = withoutAdjustments(card);
  const [first, last] = [hourOf(scope.period.start), hourOf(scope.period.end)];
  const until = rated(bare, segment, scope, (hour) => hour < segment.end);
  if (segment.start === first && segment.end === last) return until.map(asIs);
  const earlier = scope.usage.some(({ hour }) => parseHour(hour) < segment.start);
  const before = earlier ? rated(bare, segment, scope, (hour) => hour < segment.start) : [];
  const beforeByKey = new Map(before.map((line) => [lineKey(line), line]));
  const lines = until.flatMap((line) => {
    const key = lineKey(line);
    const gone = beforeByKey.get(key);
    beforeByKey.delete(key);
    if (line.kind === 'flat') return [asIs(line)];
    if (line.kind === 'reserved') return [reservedShare(line, gone, card, segment, scope)];
    return gone ? difference(line, gone, scope.decimals) : [asIs(line)];
  });
  const vanished = [...beforeByKey.values()].filter(({ kind }) => kind !== 'flat' && kind !== 'reserved');
  return [...lines, ...vanished.flatMap((line) => difference(nothingOf(line), line, scope.decimals))];
}

const withoutAdjustments = ({ discounts: _d, minimum: _min, maximum: _max, ...card }: RateCard): RateCard => card;

function rated(card: RateCard, segment: { start: Hour; end: Hour }, scope: RatingScope, keep: (hour: Hour) => boolean) {
  const input: RatingUsage = {
    customer: scope.customer,
    period: { start: formatHour(hourOf(scope.period.start)), end: formatHour(hourOf(scope.period.end)) },
    active: { from: formatHour(segment.start), to: formatHour(segment.end) },
    ...(scope.timeZone === undefined ? {} : { timeZone: scope.timeZone }),
    usage: scope.usage.filter(({ hour }) => keep(parseHour(hour))),
  };
  return scope.rater(card, input).lines;
}

const lineKey = (line: RatedLine): string =>
  JSON.stringify([line.kind, line.charge, line.meter, line.group, line.tier ?? null, line.window ?? null]);

function asIs(line: RatedLine): SegmentLine {
  return { ...line, explanation: line.explanation ?? '', creditReason: null };
}

const nothingOf = (line: RatedLine): RatedLine => ({ ...line, quantity: '0', flat: '0', amount: '0', explanation: '' });

/** Cheaper with more usage is what volume and package prices can do; the line then says so. */
const CHEAPER = 'the whole quantity of the period has reached a lower price';

function difference(line: RatedLine, before: RatedLine, decimals: number): SegmentLine[] {
  const less = (a: string | null, b: string | null) => subtract(parseDecimal(a ?? '0'), parseDecimal(b ?? '0'));
  const quantity = less(line.quantity, before.quantity);
  const amount = less(line.amount, before.amount);
  if (compare(quantity, ZERO) === 0 && compare(amount, ZERO) === 0) return [];
  const money = formatDecimal({ units: roundHalfEven(amount, decimals), scale: decimals });
  assert(compare(parseDecimal(money), amount) === 0, 'the difference of two rounded amounts needs no rounding');
  const explanation = [
    line.explanation || `${line.quantity ?? '0'} in the period until here: ${line.amount}`,
    `less ${before.quantity ?? '0'} from before this price began: ${before.amount}`,
  ].join('; ');
  return [
    {
      ...line,
      quantity: formatDecimal(normalize(quantity)),
      flat: formatDecimal(normalize(less(line.flat, before.flat))),
      amount: money,
      explanation,
      creditReason: amount.units < 0n ? CHEAPER : null,
    },
  ];
}

function reservedShare(
  line: RatedLine,
  before: RatedLine | undefined,
  card: RateCard,
  segment: { start: Hour; end: Hour },
  scope: RatingScope,
): SegmentLine {
  const price = card.charges.find(({ id }) => id === line.charge)?.price as ReservedPrice;
  assert(price?.model === 'reserved', 'a reserved line comes from a reserved price');
  const hours = BigInt(segment.end - segment.start);
  const all = BigInt(hourOf(scope.period.end) - hourOf(scope.period.start));
  const amount = parseDecimal(price.amount);
  // Exact until the one rounding: the share of a period's amount is a fraction, not a decimal.
  const units =
    price.capacity.per === 'hour'
      ? roundHalfEven({ units: amount.units * hours, scale: amount.scale }, scope.decimals)
      : roundShare(amount, hours, all, scope.decimals);
  const money = formatDecimal({ units, scale: scope.decimals });
  const covered = subtract(parseDecimal(line.quantity ?? '0'), parseDecimal(before?.quantity ?? '0'));
  const each =
    price.capacity.per === 'hour' ? `${hours} hours × ${price.amount}` : `${hours}/${all} of ${price.amount}`;
  return {
    ...line,
    quantity: formatDecimal(normalize(covered)),
    amount: money,
    explanation: `reserved ${price.capacity.quantity} per ${price.capacity.per}: ${each} = ${money}`,
    creditReason: null,
  };
}

function roundShare(amount: Decimal, part: bigint, whole: bigint, decimals: number): bigint {
  const scale = Math.max(amount.scale, decimals);
  return divideHalfEven(unitsAt(amount, scale) * part, whole * pow10(scale - decimals));
}

/** Sum of decimal strings, as a decimal. */
export const sumOf = (amounts: readonly string[]) => amounts.reduce((sum, text) => add(sum, parseDecimal(text)), ZERO);
