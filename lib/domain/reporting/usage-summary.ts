import type { ClosedHour, Meters, ReportedOutcome } from '../metering/meters.ts';
import {
  add,
  compare,
  type Decimal,
  divideHalfEven,
  formatDecimal,
  normalize,
  parseDecimal,
  unitsAt,
  ZERO,
} from '../money/decimal.ts';
import { localTime } from '../pricing/local-time.ts';
import { callMeter } from '../segmentation/hours-of-calls.ts';
import { DAY_MS, formatDate, formatHour, type Hour, hourStart, type Period } from '../time/time.ts';
import type { DayOfUsage, GroupUsage, MeterUsage, ReportedUsage, StatusUsage } from './report.ts';

/** Quantity of one meter and group in one hour, wherever it was counted. */
export interface HourQuantity {
  readonly hour: Hour;
  readonly meter: string;
  readonly group: string | null;
  readonly quantity: Decimal;
  /** How many events, of meters that carry money and of outcomes. */
  readonly events: number | null;
  readonly provisional: boolean;
}

/** A customer's hour that is not closed: counters by `c:<meter>|<group>`, as the store keeps them. */
export interface OpenHour {
  readonly hour: Hour;
  readonly counters: Readonly<Record<string, string>>;
}

export const writeQuantity = (value: Decimal): string => formatDecimal(normalize(value));

/** Closed rows and the counters of hours that are not closed, as one list. Counters of closed hours are left out: the closed number stands. */
export function quantitiesOf(
  rows: readonly ClosedHour[],
  open: readonly OpenHour[],
  closedUntil: Hour,
): HourQuantity[] {
  const all: HourQuantity[] = [];
  for (const { hour, usage } of rows) {
    for (const { meter, group, quantity: text, events: amounts, outcomes } of usage) {
      const quantity = amounts ? sumOf(amounts.map(parseDecimal)) : parseDecimal(text);
      const events = amounts ? amounts.length : outcomes ? reportsIn(outcomes) : null;
      // One literal for all, and no list between: a page goes through thousands of them.
      all.push({ hour, meter, group, quantity, events, provisional: false });
    }
  }
  for (const { hour, counters } of open) {
    if (hour < closedUntil) continue;
    for (const [name, quantity] of Object.entries(counters)) {
      // `t:` counts calls with test keys, which are never billed.
      const [, meter, group] = /^c:([^|]*)\|(.*)$/s.exec(name) ?? [];
      if (meter === undefined) continue;
      const read = parseDecimal(quantity);
      all.push({ hour, meter, group: group || null, quantity: read, events: null, provisional: true });
    }
  }
  return all;
}

/** Adjustments may take reports away again. */
const reportsIn = (outcomes: readonly ReportedOutcome[]): number =>
  outcomes.reduce((count, { withdrawn }) => count + (withdrawn ? -1 : 1), 0);

export const sumOf = (values: readonly Decimal[]): Decimal => values.reduce(add, ZERO);

/** Sums under any text. */
class Sums {
  readonly #sums = new Map<string, Decimal>();
  add(key: string, quantity: Decimal): void {
    this.#sums.set(key, add(this.#sums.get(key) ?? ZERO, quantity));
  }
  get(key: string): Decimal {
    return this.#sums.get(key) ?? ZERO;
  }
  entries(): [string, Decimal][] {
    return [...this.#sums];
  }
}

const groupKey = (group: string | null): string => (group === null ? '' : `g${group}`);
const groupOf = (key: string): string | null => (key === '' ? null : key.slice(1));

/**
 * @param quantities of the period only
 * @param until the present hour: days after it are not shown
 */
export function summarizeUsage(
  quantities: readonly HourQuantity[],
  rows: readonly ClosedHour[],
  { period, until, timeZone, meters }: { period: Period; until: number; timeZone: string; meters: Meters },
): ReportedUsage {
  const meter = callMeter(meters) ?? quantities[0]?.meter ?? null;
  const own = quantities.filter((quantity) => quantity.meter === meter);
  const total = sumOf(own.map(({ quantity }) => quantity));
  const groups = groupsOf(own, total);
  return {
    meter,
    unit: meters.meters.find(({ id }) => id === meter)?.unit ?? 'unit',
    total: writeQuantity(total),
    provisional: writeQuantity(sumOf(own.filter(({ provisional }) => provisional).map(({ quantity }) => quantity))),
    groups,
    days: daysOf(own, groups, period, until),
    week: weekOf(own, timeZone),
    peak: peakOf(own),
    statuses: statusesOf(rows),
    meters: metersOf(quantities, meters),
  };
}

function groupsOf(own: readonly HourQuantity[], total: Decimal): GroupUsage[] {
  const sums = new Sums();
  for (const { group, quantity } of own) sums.add(groupKey(group), quantity);
  return sums
    .entries()
    .filter(([, quantity]) => compare(quantity, ZERO) !== 0)
    .sort(([a, x], [b, y]) => compare(y, x) || (a < b ? -1 : 1))
    .map(([key, quantity]) => ({
      group: groupOf(key),
      quantity: writeQuantity(quantity),
      percent: percentOf(quantity, total) ?? '0.0',
    }));
}

/** `12.3`, half-even; null of nothing. */
export function percentOf(part: Decimal, whole: Decimal): string | null {
  const scale = Math.max(part.scale, whole.scale);
  const [a, b] = [unitsAt(part, scale), unitsAt(whole, scale)];
  if (b === 0n) return null;
  const permille = b < 0n ? divideHalfEven(-a * 1000n, -b) : divideHalfEven(a * 1000n, b);
  return formatDecimal({ units: permille, scale: 1 });
}

function daysOf(
  own: readonly HourQuantity[],
  groups: readonly GroupUsage[],
  period: Period,
  until: number,
): DayOfUsage[] {
  const sums = new Sums();
  const provisional = new Set<string>();
  for (const entry of own) {
    const day = formatDate(hourStart(entry.hour));
    sums.add(`${day}${groupKey(entry.group)}`, entry.quantity);
    sums.add(`${day}=`, entry.quantity);
    if (entry.provisional) provisional.add(day);
  }
  const days: DayOfUsage[] = [];
  for (let at = period.start; at < Math.min(period.end, Math.max(until, period.start + 1)); at += DAY_MS) {
    const day = formatDate(at);
    days.push({
      day,
      total: writeQuantity(sums.get(`${day}=`)),
      quantities: groups.map(({ group }) => writeQuantity(sums.get(`${day}${groupKey(group)}`))),
      provisional: provisional.has(day),
    });
  }
  return days;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

function weekOf(own: readonly HourQuantity[], timeZone: string): ReportedUsage['week'] {
  const sums = new Sums();
  for (const { hour, quantity } of own) {
    const { weekday, minute } = localTime(timeZone, hour);
    sums.add(`${weekday}${Math.floor(minute / 60)}`, quantity);
  }
  return WEEKDAYS.map((weekday) => ({
    weekday,
    hours: HOURS.map((hour) => writeQuantity(sums.get(`${weekday}${hour}`))),
  }));
}

function peakOf(own: readonly HourQuantity[]): ReportedUsage['peak'] {
  const byHour = new Map<Hour, Decimal>();
  for (const { hour, quantity } of own) byHour.set(hour, add(byHour.get(hour) ?? ZERO, quantity));
  let peak: [Hour, Decimal] | undefined;
  for (const entry of [...byHour].sort(([a], [b]) => a - b)) {
    if (compare(entry[1], peak?.[1] ?? ZERO) > 0) peak = entry;
  }
  return peak ? { hour: formatHour(peak[0]), quantity: writeQuantity(peak[1]) } : null;
}

/** Null where no closed hour says anything. */
function statusesOf(rows: readonly ClosedHour[]): StatusUsage | null {
  const tallies = rows.flatMap(({ tallies }) => tallies ?? []);
  if (tallies.length === 0) return null;
  let [calls, errors] = [0n, 0n];
  const classes = new Map<string, bigint>();
  for (const tally of tallies) {
    calls += BigInt(tally.calls);
    errors += BigInt(tally.errors);
    for (const [name, count] of Object.entries(tally.byStatus ?? {})) {
      classes.set(name, (classes.get(name) ?? 0n) + BigInt(count));
    }
  }
  const known = [...classes.values()].reduce((all, count) => all + count, 0n);
  return {
    calls: calls.toString(),
    errors: errors.toString(),
    errorPercent: percentOf({ units: errors, scale: 0 }, { units: calls, scale: 0 }) ?? '0.0',
    classes:
      known === calls
        ? [...classes]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([statusClass, count]) => ({ statusClass, calls: count.toString() }))
        : null,
  };
}

function metersOf(quantities: readonly HourQuantity[], { meters }: Meters): MeterUsage[] {
  const found = new Map<string, { meter: string; group: string | null; quantity: Decimal; events: number | null }>();
  for (const { meter, group, quantity, events } of quantities) {
    const key = JSON.stringify([meter, group]);
    const known = found.get(key) ?? { meter, group, quantity: ZERO, events: null };
    known.quantity = add(known.quantity, quantity);
    if (events !== null) known.events = (known.events ?? 0) + events;
    found.set(key, known);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { meter, group, quantity, events }]) => ({
      ...{ meter, group, events, quantity: writeQuantity(quantity) },
      unit: meters.find(({ id }) => id === meter)?.unit ?? 'unit',
    }));
}
