import { createHash } from 'node:crypto';
import { assert } from '../assert.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { add, compare, formatDecimal, normalize, parseDecimal, ZERO } from '../money/decimal.ts';
import { formatHour, type Hour } from '../time/time.ts';
import { adjustmentId } from './invoice.ts';
import type { UsageQuantity } from './rater.ts';
import { HoldError } from './terms.ts';

/** Closed rows in (hour, adjustment) order, the order in which they are added up and digested. */
export const inOrder = (rows: readonly ClosedHour[]): ClosedHour[] =>
  [...rows].sort((a, b) => a.hour - b.hour || a.adjustment - b.adjustment);

/**
 * SHA-256 over the rows as JSON lists, `[hour, adjustment, ruleset, marker digest, [[meter, group, quantity, events]]]`, in
 * (hour, adjustment) and (meter, group) order: lists of strings are canonical as they stand, whatever order a store has.
 */
export function usageDigest(rows: readonly ClosedHour[]): string {
  const lists = inOrder(rows).map(({ hour, adjustment, usage, ruleset, digest }) => {
    const quantities = usage.map(
      ({ meter, group, quantity, events }) => [meter, group, quantity, events ?? null] as const,
    );
    if (quantities.length > 1) quantities.sort((a, b) => compareText(key(a[0], a[1]), key(b[0], b[1])));
    return [formatHour(hour), adjustment, ruleset, digest, quantities];
  });
  return createHash('sha256').update(JSON.stringify(lists)).digest('hex');
}

/** `2026-01-15T10:00:00Z#1` of every row that corrects a close. */
export const adjustmentsIn = (rows: readonly ClosedHour[]): string[] =>
  inOrder(rows)
    .filter(({ adjustment }) => adjustment > 0)
    .map(({ hour, adjustment }) => adjustmentId(formatHour(hour), adjustment));

const key = (meter: string, group: string | null): string => JSON.stringify([meter, group]);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What was used in each hour, corrections added: one entry per hour, meter and group, in that order.
 * @throws HoldError `negative-usage` where corrections take away more than there was
 */
export function hourlyUsage(rows: readonly ClosedHour[]): UsageQuantity[] {
  const sums = new Map<string, { at: Hour; name: string; entry: UsageQuantity }>();
  for (const row of inOrder(rows)) {
    const hour = formatHour(row.hour);
    for (const { meter, group, quantity, events } of row.usage) {
      const name = key(meter, group);
      const id = `${row.hour} ${name}`;
      const known = sums.get(id)?.entry;
      const base = { meter, hour, ...(group === null ? {} : { group }) };
      const entry: UsageQuantity = events
        ? { ...base, events: [...(known?.events ?? []), ...events] }
        : { ...base, quantity: known ? sum(known.quantity, quantity) : quantity };
      sums.set(id, { at: row.hour, name, entry });
    }
  }
  const ordered = [...sums.values()]
    .sort((a, b) => a.at - b.at || compareText(a.name, b.name))
    .map(({ entry }) => entry);
  for (const { meter, hour, quantity } of ordered) {
    if (quantity?.startsWith('-') && compare(parseDecimal(quantity), ZERO) < 0) {
      throw new HoldError('negative-usage', `corrections leave ${quantity} of ${meter} in ${hour}`);
    }
  }
  return ordered;
}

const sum = (known: string | undefined, more: string): string =>
  formatDecimal(normalize(add(parseDecimal(known ?? '0'), parseDecimal(more))));

/** Rows belong to the customer and the hours asked for, each once. */
export function assertRows(rows: readonly ClosedHour[], customer: string, start: Hour, end: Hour): void {
  const seen = new Set<string>();
  for (const row of rows) {
    assert(row.customer === customer, `closed usage of ${customer} only`);
    assert(row.hour >= start && row.hour < end, `closed usage of the period only, not ${formatHour(row.hour)}`);
    const id = adjustmentId(formatHour(row.hour), row.adjustment);
    assert(!seen.has(id), `the closed row ${id} stands once`);
    seen.add(id);
  }
}
