import type { ClosedHour, ClosedQuantity } from '../metering/meters.ts';
import { formatDecimal } from '../money/decimal.ts';
import { type OpenHour, quantitiesOf } from '../reporting/usage-summary.ts';
import { addHours, type EpochMs, type Hour, hourOf } from '../time/time.ts';

/** Days before the period that are known by their calls alone: what is usual, and a quota that began before the period. */
export const DAYS_BEFORE = 35;

/** A customer's closed hours of one period, so far that they need not be read again with every look. */
export interface UsageArchive {
  readonly customer: string;
  /** Start of the period that `rows` lie in. */
  readonly period: EpochMs;
  /** The first hour that is not in here. */
  readonly until: Hour;
  /** Of the period, in order; an hour may stand there more than once, with its adjustments. */
  readonly rows: readonly ArchivedHour[];
  /** Calls of the {@link DAYS_BEFORE} days before the period, by hour and group. */
  readonly before: readonly (readonly [Hour, string])[];
}

export interface ArchivedHour {
  readonly hour: Hour;
  readonly usage: readonly ClosedQuantity[];
  readonly ruleset: string;
}

/** The first hour that an archive of a period looks back to. */
export const archiveStart = (period: EpochMs): Hour => addHours(hourOf(period), -DAYS_BEFORE * 24);

/** Of a period that begins: nothing of it is closed, and what was called before it is known by its running counters. */
export function newArchive(
  customer: string,
  period: EpochMs,
  before: readonly OpenHour[],
  meter: string | null,
): UsageArchive {
  const calls = quantitiesOf([], before, archiveStart(period))
    .filter((quantity) => quantity.meter === meter)
    .map(({ hour, quantity }) => [hour, formatDecimal(quantity)] as const);
  return { customer, period, until: hourOf(period), rows: [], before: calls };
}

/** The archive with more closed rows: all of [its until, `until`). */
export const archived = (archive: UsageArchive, rows: readonly ClosedHour[], until: Hour): UsageArchive => ({
  ...archive,
  until,
  rows: [...archive.rows, ...rows.map(({ hour, usage, ruleset }) => ({ hour, usage, ruleset }))],
});

/** The form that rating reads. Two rows of one hour are the close and an adjustment of it, as they were. */
export function closedRows({ customer, rows }: UsageArchive): ClosedHour[] {
  const seen = new Map<Hour, number>();
  return rows.map(({ hour, usage, ruleset }) => {
    const adjustment = seen.get(hour) ?? 0;
    seen.set(hour, adjustment + 1);
    return { customer, hour, adjustment, usage, ruleset, digest: 'archived' };
  });
}
