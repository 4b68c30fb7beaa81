import { civilFromDays, DAY_MS, daysFromCivil, daysInMonth, type EpochMs, type Period } from '../time/time.ts';

/** `day` 1 to 31: in a shorter month its last day. */
function boundary(year: number, month: number, day: number): EpochMs {
  const index = year * 12 + (month - 1);
  const [y, m] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1];
  return daysFromCivil(y, m, Math.min(day, daysInMonth(y, m))) * DAY_MS;
}

/** The billing period that a time lies in: from the anchor day of one month to that of the next, 00:00 UTC. */
export function periodAt(anchorDay: number, time: EpochMs): Period {
  const { year, month } = civilFromDays(Math.floor(time / DAY_MS));
  const own = boundary(year, month, anchorDay);
  return own <= time
    ? { start: own, end: boundary(year, month + 1, anchorDay) }
    : { start: boundary(year, month - 1, anchorDay), end: own };
}

/**
 * The period after one that ended at `end`: up to the next boundary. After a change of anchor it is a short one, so that
 * periods neither overlap nor leave a gap.
 */
export const nextPeriod = (anchorDay: number, end: EpochMs): Period => ({
  start: end,
  end: periodAt(anchorDay, end).end,
});

/** So many periods from `start` on, each where the one before it ended. */
export function periodsFrom(anchorDay: number, start: EpochMs, count: number): Period[] {
  const periods: Period[] = [];
  for (let at = start; periods.length < count; at = (periods.at(-1) as Period).end)
    periods.push(nextPeriod(anchorDay, at));
  return periods;
}

export interface DueInput {
  readonly anchorDay: number;
  readonly registeredAt: EpochMs;
  /** End of the last period that has an invoice of this kind; null before the first. */
  readonly lastEnd: EpochMs | null;
  /** No period that begins at or after it is asked for: when the customer left, and late usage with it. Null: for ever. */
  readonly until: EpochMs | null;
}

/** Periods without an invoice that ended by `endedBy`, oldest first. The first begins at the boundary at or before registration. */
export function duePeriods({ anchorDay, registeredAt, lastEnd, until }: DueInput, endedBy: EpochMs): Period[] {
  const periods: Period[] = [];
  let period = lastEnd === null ? periodAt(anchorDay, registeredAt) : nextPeriod(anchorDay, lastEnd);
  while (period.end <= endedBy && (until === null || period.start < until)) {
    periods.push(period);
    period = nextPeriod(anchorDay, period.end);
  }
  return periods;
}

/**
 * What an advance invoice is due for at `now`: the period that has begun (and for `year` the eleven after it), unless one
 * was made for it. Fees of periods that are over are left to their usage invoices.
 */
export function dueInAdvance(
  { anchorDay, registeredAt, lastEnd, until }: DueInput,
  feesEvery: 'period' | 'year',
  now: EpochMs,
): Period[] {
  let period = lastEnd === null ? periodAt(anchorDay, registeredAt) : nextPeriod(anchorDay, lastEnd);
  while (period.end <= now) period = nextPeriod(anchorDay, period.end);
  if (period.start > now || registeredAt > now || (until !== null && period.start >= until)) return [];
  return periodsFrom(anchorDay, period.start, feesEvery === 'year' ? 12 : 1);
}

/**
 * The month that fees and shares of a period are measured by: the period itself, unless it is a short one between an old
 * anchor and a new one; then the month that ends with it, so that a fee is prorated for it. Told from the period alone, so
 * that it is the same whatever the anchor is changed to later.
 */
export function wholePeriod(period: Period): Period {
  const { month, day, year } = civilFromDays(Math.floor(period.end / DAY_MS));
  const anchors = day === daysInMonth(year, month) ? range(day, LONGEST_MONTH) : [day];
  const months = anchors.map((anchor) => periodAt(anchor, period.end - 1));
  const isMonth = months.some(({ start, end }) => start === period.start && end === period.end);
  const [first] = months as [Period];
  return !isMonth && first.end === period.end && first.start < period.start ? first : period;
}

const LONGEST_MONTH = 31;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
