import { createHash } from 'node:crypto';
import { assert } from '../assert.ts';
import type { ClosedHour, ClosedQuantity, ReportedOutcome } from '../metering/meters.ts';
import { normalize, parseDecimal } from '../money/decimal.ts';
import { at, type Exact, exact, formatShort, plus, type Scaled, shift } from '../money/exact.ts';
import type { UsageEntry } from '../pricing/usage.ts';
import { formatDate, formatHour, type Hour, hourStart } from '../time/time.ts';
import { listedOutcomes, outcomesOf } from './closed-outcomes.ts';
import { adjustmentId } from './invoice.ts';
import { HoldError } from './terms.ts';

/** Closed rows in (hour, adjustment) order, the order in which they are added up and digested. */
export function inOrder(rows: readonly ClosedHour[]): readonly ClosedHour[] {
  const isBefore = (a: ClosedHour, b: ClosedHour) =>
    a.hour < b.hour || (a.hour === b.hour && a.adjustment < b.adjustment);
  for (let i = 1; i < rows.length; i++) {
    if (isBefore(rows[i - 1] as ClosedHour, rows[i] as ClosedHour)) continue;
    return [...rows].sort((a, b) => a.hour - b.hour || a.adjustment - b.adjustment);
  }
  return rows;
}

/** The same, with the quantities of each row in (meter, group) order: whatever a store lists first changes nothing. */
export function canonicalRows(rows: readonly ClosedHour[]): readonly ClosedHour[] {
  if (CANONICAL.has(rows)) return rows;
  const quantitiesOf = ordering(naming());
  const canonical = inOrder(rows).map((row) => {
    const usage = quantitiesOf(row);
    return usage === row.usage ? row : { ...row, usage };
  });
  CANONICAL.add(canonical);
  return canonical;
}

/** Lists that were answered: one is rated in many ways where somebody asks what else it would cost. */
const CANONICAL = new WeakSet<readonly ClosedHour[]>();

/** Quantities of one row after the other in (meter, group) order. Most rows name what the row before them does. */
function ordering(nameOf: NameOf): (row: ClosedHour) => readonly ClosedQuantity[] {
  let tidy: readonly ClosedQuantity[] = [];
  let untidy: readonly ClosedQuantity[] = [];
  let order: readonly number[] = [];
  return ({ usage }) => {
    if (areNamedAlike(usage, tidy)) return usage;
    if (!areNamedAlike(usage, untidy)) {
      const own = orderOf(usage, nameOf);
      if (own.every((from, to) => from === to)) {
        tidy = usage;
        return usage;
      }
      [untidy, order] = [usage, own];
    }
    return order.map((from) => usage[from] as ClosedQuantity);
  };
}

function areNamedAlike(some: readonly ClosedQuantity[], others: readonly ClosedQuantity[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) {
    const [a, b] = [some[i] as ClosedQuantity, others[i] as ClosedQuantity];
    if (a.meter !== b.meter || a.group !== b.group) return false;
  }
  return true;
}

/** Where in the row each quantity stands that is first, second …; those of one name as they are. */
function orderOf(usage: readonly ClosedQuantity[], nameOf: NameOf): number[] {
  const names = usage.map(({ meter, group }) => nameOf(meter, group));
  return [...names.keys()].sort((a, b) => compareText(names[a] as string, names[b] as string));
}

type NameOf = (meter: string, group: string | null) => string;

/** `["api-calls",null]`, remembered: a month has few names and thousands of quantities. */
function naming(): NameOf {
  const names = new Map<string, Map<string | null, string>>();
  let [last, byGroup] = ['', new Map<string | null, string>()];
  return (meter, group) => {
    if (meter !== last) [last, byGroup] = [meter, names.get(meter) ?? new Map<string | null, string>()];
    const known = byGroup.get(group);
    if (known !== undefined) return known;
    const name = JSON.stringify([meter, group]);
    names.set(meter, byGroup.set(group, name));
    return name;
  };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * SHA-256 over the rows as JSON lists, `[hour, adjustment, ruleset, marker digest, [[meter, group, quantity, events]]]`, in
 * (hour, adjustment) and (meter, group) order: lists of strings are canonical as they stand, whatever order a store has.
 * Where there are outcomes they are a fifth item, each `[id, at, amount, touchedAt, reverses, withdrawn]`.
 * The text is what `JSON.stringify` makes of the lists, put together by hand because it is made for every invoice.
 */
export function usageDigest(rows: readonly ClosedHour[]): string {
  const nameOf = naming();
  const quantitiesOf = ordering(nameOf);
  const hourText = hourNames();
  const quoted = quoting();
  const text: string[] = [];
  for (const row of inOrder(rows)) {
    const { hour, adjustment, ruleset, digest } = row;
    text.push(text.length === 0 ? '[["' : ',["', hourText(hour), '",', String(adjustment), ',', quoted(ruleset));
    text.push(',', JSON.stringify(digest), ',[');
    let separator = '';
    for (const { meter, group, quantity, events, outcomes } of quantitiesOf(row)) {
      text.push(separator, nameOf(meter, group).slice(0, -1), ',', quoteQuantity(quantity));
      text.push(events ? `,${JSON.stringify(events)}` : ',null', outcomes ? `,${listedOutcomes(outcomes)}]` : ']');
      separator = ',';
    }
    text.push(']]');
  }
  text.push(text.length === 0 ? '[]' : ']');
  return createHash('sha256').update(text.join('')).digest('hex');
}

/** The rows of a period name one ruleset, or a few, one after the other. */
function quoting(): (text: string) => string {
  let [last, quoted]: [string | undefined, string] = [undefined, ''];
  return (text) => {
    if (text !== last) [last, quoted] = [text, JSON.stringify(text)];
    return quoted;
  };
}

const quoteQuantity = (text: string): string => (PLAIN_DIGITS.test(text) ? `"${text}"` : JSON.stringify(text));

const HOURS_A_DAY = 24;

/** As `formatHour`, with each day's date made once. */
function hourNames(): (hour: Hour) => string {
  let [day, date] = [Number.NaN, ''];
  return (hour) => {
    const own = Math.floor(hour / HOURS_A_DAY);
    if (own !== day) [day, date] = [own, formatDate(hourStart(hour))];
    const inDay = hour - own * HOURS_A_DAY;
    return `${date}T${inDay < 10 ? '0' : ''}${inDay}:00:00Z`;
  };
}

/** `2026-01-15T10:00:00Z#1` of every row that corrects a close. */
export const adjustmentsIn = (rows: readonly ClosedHour[]): string[] =>
  inOrder(rows)
    .filter(({ adjustment }) => adjustment > 0)
    .map(({ hour, adjustment }) => adjustmentId(formatHour(hour), adjustment));

/** Rows belong to the customer and the hours asked for, each once, in order. */
export function assertRows(rows: readonly ClosedHour[], customer: string, start: Hour, end: Hour): void {
  let last: ClosedHour | undefined;
  for (const row of rows) {
    assert(row.customer === customer, `closed usage of ${customer} only`);
    assert(row.hour >= start && row.hour < end, `closed usage of the period only, not hour ${row.hour}`);
    if (last?.hour === row.hour && last.adjustment === row.adjustment) {
      assert(false, `the closed row ${adjustmentId(formatHour(row.hour), row.adjustment)} stands once`);
    }
    last = row;
  }
}

/**
 * What was used in each part of a period, corrections added: one entry for each meter and group, or for each hour of it
 * where the meter's price depends on the hour.
 *
 * @param rows as {@link canonicalRows} answers them
 * @param starts first hour of each part, ascending; hours before the first belong to it
 * @param hourly meters whose price depends on the hour
 * @throws HoldError `negative-usage` where corrections take away more than there was in an hour
 */
export function usageByPart(
  rows: readonly ClosedHour[],
  starts: readonly Hour[],
  hourly: ReadonlySet<string>,
): UsageEntry[][] {
  const parts = starts.map(() => new PartUsage(hourly));
  let part = 0;
  let mayBeNegative = false;
  for (const { hour, usage } of rows) {
    while (part + 1 < starts.length && hour >= (starts[part + 1] as Hour)) part += 1;
    const into = parts[part] as PartUsage;
    for (const quantity of usage) {
      const value = scaled(quantity.quantity);
      if (value.units < 0) mayBeNegative = true;
      into.add(hour, quantity, value);
    }
  }
  if (mayBeNegative) assertNoNegativeHour(rows);
  return parts.map((one) => one.entries());
}

interface OpenEntry {
  readonly meter: string;
  readonly group: string | null;
  readonly hour: Hour | null;
  units: Exact;
  scale: number;
  events: Scaled[] | null;
  outcomes: ReportedOutcome[] | null;
}

/** Sums as they grow. Rows come in the order of hours, so the entry to add to is the last one of its name. */
class PartUsage {
  readonly hourly: ReadonlySet<string>;
  readonly all: OpenEntry[] = [];
  readonly last = new Map<string, Map<string | null, OpenEntry>>();

  constructor(hourly: ReadonlySet<string>) {
    this.hourly = hourly;
  }

  add(hour: Hour, { meter, group, events, outcomes }: ClosedQuantity, value: Scaled): void {
    const entry = this.open(meter, group, this.hourly.has(meter) ? hour : null);
    if (outcomes) {
      entry.outcomes ??= [];
      for (const outcome of outcomes) entry.outcomes.push(outcome);
      return;
    }
    if (events) {
      entry.events ??= [];
      for (const event of events) entry.events.push(scaledEvent(event, meter));
      return;
    }
    const scale = Math.max(entry.scale, value.scale);
    entry.units = plus(shift(entry.units, scale - entry.scale), at(value, scale));
    entry.scale = scale;
  }

  open(meter: string, group: string | null, hour: Hour | null): OpenEntry {
    const byGroup = this.last.get(meter) ?? new Map<string | null, OpenEntry>();
    const known = byGroup.get(group);
    if (known && known.hour === hour) return known;
    const entry = { meter, group, hour, units: 0, scale: 0, events: null, outcomes: null };
    this.last.set(meter, byGroup.set(group, entry));
    this.all.push(entry);
    return entry;
  }

  /** In the order of hours, and in each as the canonical rows have them. */
  entries(): UsageEntry[] {
    return this.all.map(({ meter, group, hour, units, scale, events, outcomes }, index) => {
      const entry = { index, meter, group, hour, quantity: units, scale, events: null };
      if (outcomes !== null) return { ...entry, outcomes: outcomesOf(outcomes, meter) };
      return events === null ? entry : { ...entry, quantity: 0, scale: 0, events };
    });
  }
}

const PLAIN_DIGITS = /^\d{1,15}$/;

/** Most quantities are whole and small; the others take the long way. Trailing zeros are dropped. */
function scaled(text: string): Scaled {
  if (PLAIN_DIGITS.test(text)) return { units: Number(text), scale: 0 };
  const { units, scale } = normalize(parseDecimal(text));
  return { units: exact(units), scale };
}

function scaledEvent(text: string, meter: string): Scaled {
  const value = scaled(text);
  if (value.units < 0) throw new HoldError('negative-usage', `an event of ${meter} is of ${text}`);
  return value;
}

function assertNoNegativeHour(rows: readonly ClosedHour[]): void {
  const nameOf = naming();
  let hour: Hour | undefined;
  let sums = new Map<string, { meter: string; sum: Scaled }>();
  const check = () => {
    for (const { meter, sum } of sums.values()) {
      if (hour === undefined || sum.units >= 0) continue;
      const left = formatShort(sum.units, sum.scale);
      throw new HoldError('negative-usage', `corrections leave ${left} of ${meter} in ${formatHour(hour)}`);
    }
  };
  for (const row of rows) {
    if (row.hour !== hour) {
      check();
      [hour, sums] = [row.hour, new Map()];
    }
    for (const { meter, group, quantity } of row.usage) {
      const name = nameOf(meter, group);
      const [known, value] = [sums.get(name)?.sum ?? NOTHING, scaled(quantity)];
      const scale = Math.max(known.scale, value.scale);
      sums.set(name, { meter, sum: { units: plus(at(known, scale), at(value, scale)), scale } });
    }
  }
  check();
}

/** Every closed unit of each meter, events by their amounts: what the invoice's lines must add up to. */
export function usedByMeter(rows: readonly ClosedHour[]): Map<string, Scaled> {
  const sums = new Map<string, Scaled>();
  for (const { usage } of rows) {
    for (const { meter, quantity, events } of usage) {
      for (const text of events ?? [quantity]) {
        const [known, value] = [sums.get(meter) ?? NOTHING, scaled(text)];
        const scale = Math.max(known.scale, value.scale);
        sums.set(meter, { units: plus(at(known, scale), at(value, scale)), scale });
      }
    }
  }
  return sums;
}

const NOTHING: Scaled = { units: 0, scale: 0 };
