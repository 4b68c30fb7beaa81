import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import { type EpochMs, formatTimestamp, hourStart, type Period } from '../time/time.ts';
import type { BillPart } from './adjustments.ts';
import type { ExactBill, ExactLine } from './bill.ts';
import type { CompiledRateCard } from './compile.ts';
import { adjust, bookFor, NO_COUNTS, type RateOptions, rateLines } from './rate.ts';
import type { Usage, UsageEntry } from './usage.ts';

/** Whole hours of a period, end exclusive, with one card. */
export interface CardInForce {
  readonly card: CompiledRateCard;
  readonly start: EpochMs;
  readonly end: EpochMs;
}

/**
 * A period in which the card changes: each hour's usage is rated by the card in force in it, and counts against the
 * allowances and tiers of the cards after it, so that no change earns a second allowance. Fees follow each card's own
 * proration. The adjustments are taken once, of the whole bill: see `takeAdjustments`.
 *
 * @param segments adjoining, from the period's start to its end
 * @throws InputError as `rateExact`; `hour-missing` for usage that does not say when; `currency-change`
 */
export function rateSegments(
  segments: readonly CardInForce[],
  usage: Usage,
  options: Omit<RateOptions, 'before'> = {},
): ExactBill {
  const { period } = usage;
  assert(segments.length > 0, 'a period has a card');
  assert(
    segments.every(({ start }, i) => start === (i === 0 ? period.start : segments[i - 1]?.end)) &&
      segments.at(-1)?.end === period.end,
    'segments adjoin and fill the period',
  );
  oneCurrency(segments);
  const lines: ExactLine[] = [];
  const withOutcomes = segments.find(({ card }) => card.hasOutcomes);
  const outcomes = withOutcomes ? bookFor(withOutcomes.card, usage) : null;
  const zone = usage.timeZone ?? 'UTC';
  const parts = segments.map(({ card, start, end }): BillPart => {
    const [entries, before] = [usageIn(usage, start, end), usageIn(usage, period.start, start)];
    const span = { start, end };
    const active = { start: Math.max(usage.active.start, start), end: Math.min(usage.active.end, end) };
    return rateLines(
      card,
      entries,
      before,
      { period, span, active, timeZone: zone, outcomes, counts: NO_COUNTS },
      lines,
    );
  });
  return adjust(usage, lines, parts, options);
}

function oneCurrency(segments: readonly CardInForce[]): void {
  const found = [...new Set(segments.map(({ card }) => card.currency))];
  if (found.length === 1) return;
  throw new InputError({ code: 'currency-change', message: `one bill cannot be in ${found.join(' and ')}` });
}

function usageIn({ entries, period }: Usage, start: EpochMs, end: EpochMs): readonly UsageEntry[] {
  if (start === period.start && end === period.end) return entries;
  return entries.filter((entry) => {
    const ms = timeOf(entry, period);
    return ms >= start && ms < end;
  });
}

function timeOf({ hour, index }: UsageEntry, period: Period): EpochMs {
  if (hour !== null) return hourStart(hour);
  throw new InputError({
    code: 'hour-missing',
    message: `prices change within the period that starts ${formatTimestamp(period.start)}, and this usage has no hour`,
    path: `/usage/${index}`,
  });
}
