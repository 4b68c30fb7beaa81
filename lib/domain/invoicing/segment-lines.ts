import type { RatedLine } from '../pricing/bill.ts';
import type { EarlierOutcome } from '../pricing/outcomes.ts';
import { presentBill } from '../pricing/present.ts';
import { rateExact } from '../pricing/rate.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { UsageEntry } from '../pricing/usage.ts';
import { type Hour, hourStart, type Period } from '../time/time.ts';
import { NO_REPORTS, type OutcomeReports, reportsIn } from './outcome-pages.ts';
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
  /** Outcomes that were charged before: by other periods, and in the period's earlier segments. */
  readonly known: readonly EarlierOutcome[];
}

export interface RatedSegment {
  readonly lines: readonly SegmentLine[];
  readonly outcomes: OutcomeReports;
}

/**
 * The lines of one segment of a period, without adjustments of the whole bill. Usage from before the segment counts
 * against its card's allowance and tiers. Fees follow the active part as the card prorates them; reserved capacity, which
 * a card charges for the whole period, is charged for the segment's hours or its share of the period.
 *
 * @throws InputError where the card cannot price the usage
 */
export function rateSegment(card: RateCard, used: UsedHours, scope: RatingScope): RatedSegment {
  const { customer, period, timeZone } = scope;
  const usage = {
    ...{ customer, period, timeZone: timeZone ?? null, entries: used.entries, credits: [] },
    active: { start: hourStart(used.start), end: hourStart(used.end) },
    earlierOutcomes: used.known,
  };
  const compiled = scope.rater.charges(card);
  const bill = rateExact(compiled, usage, { before: used.before, span: usage.active });
  const lines = presentBill(bill, true).lines.map((line) => ({ ...line, explanation: line.explanation ?? '' }));
  const isReported = used.entries.some(({ outcomes }) => outcomes);
  return { lines, outcomes: isReported ? reportsIn(bill.lines, compiled.decimals) : NO_REPORTS };
}
