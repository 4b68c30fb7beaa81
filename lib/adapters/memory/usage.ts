import type { ClosedMarker, ClosedUsage, ProvisionalUsage } from '../../app/ports/usage.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import { add, formatDecimal, normalize, parseDecimal } from '../../domain/money/decimal.ts';
import { addHours, type Hour, hourOf, hourStart, monthOf, type Period } from '../../domain/time/time.ts';

/** Provisional counters in memory. */
export function memoryProvisionalUsage(): ProvisionalUsage {
  const items = new Map<
    string,
    { customer: string; hour: Hour; counters: Map<string, string>; sources: Set<string> }
  >();
  return {
    async add({ customer, hour, counters, source }) {
      const key = JSON.stringify([customer, hour]);
      const item = items.get(key) ?? { customer, hour, counters: new Map(), sources: new Set() };
      if (item.sources.has(source)) return 'duplicate';
      for (const [name, value] of Object.entries(counters)) {
        const sum = add(parseDecimal(item.counters.get(name) ?? '0'), parseDecimal(value));
        item.counters.set(name, formatDecimal(normalize(sum)));
      }
      item.sources.add(source);
      items.set(key, item);
      return 'counted';
    },
    async provisional(customer, period) {
      return [...items.values()]
        .filter((item) => item.customer === customer && isIn(item.hour, period))
        .sort((a, b) => a.hour - b.hour)
        .map(({ hour, counters }) => ({ customer, hour, counters: Object.fromEntries(counters) }));
    },
  };
}

/** Closed usage in memory. */
export function memoryClosedUsage(): ClosedUsage {
  const rows = new Map<string, ClosedHour>();
  const markers = new Map<string, ClosedMarker>();
  const nameOf = ({ hour, adjustment }: { hour: Hour; adjustment: number }) => `${hour}#${adjustment}`;
  return {
    async putClosedHours(more) {
      for (const row of more) rows.set(JSON.stringify([row.customer, nameOf(row)]), row);
    },
    async putMarker(marker) {
      if (markers.has(nameOf(marker))) return 'exists';
      markers.set(nameOf(marker), marker);
      return 'written';
    },
    async lastClosedHour(month) {
      const hours = [...markers.values()].map(({ hour }) => hour).filter((hour) => monthOf(hourStart(hour)) === month);
      return hours.length === 0 ? undefined : (Math.max(...hours) as Hour);
    },
    async firstOpenHour(period) {
      const closed = [...markers.values()].map(({ hour }) => hour).filter((hour) => hourStart(hour) >= period.start);
      const next = closed.length === 0 ? hourOf(period.start) : addHours(Math.max(...closed) as Hour, 1);
      return hourStart(next) < period.end ? next : undefined;
    },
    async markers(period) {
      return [...markers.values()].filter(({ hour }) => isIn(hour, period)).sort(byHourThenAdjustment);
    },
    async closedHours(customer, period) {
      return [...rows.values()]
        .filter((row) => row.customer === customer && isIn(row.hour, period) && markers.has(nameOf(row)))
        .sort(byHourThenAdjustment);
    },
  };
}

const isIn = (hour: Hour, { start, end }: Period): boolean => hourStart(hour) >= start && hourStart(hour) < end;

const byHourThenAdjustment = <T extends { hour: Hour; adjustment: number }>(a: T, b: T): number =>
  a.hour - b.hour || a.adjustment - b.adjustment;
