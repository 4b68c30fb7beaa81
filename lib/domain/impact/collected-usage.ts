import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import type { Scaled } from '../money/exact.ts';
import type { EarlierOutcome, Outcome } from '../pricing/outcomes.ts';
import type { Usage, UsageEntry } from '../pricing/usage.ts';
import type { HourOfCalls } from '../segmentation/usage-facts.ts';
import { addHours, HOUR_MS, type Hour, hourOf, hourStart, type Period } from '../time/time.ts';
import { NumberBlocks, type Run } from './number-blocks.ts';
import { HOURS, type Key, Sums } from './usage-sums.ts';

/** One quantity (or the amounts of events) of one customer. */
export interface UsageFact {
  readonly meter: string;
  readonly group: string | null;
  /** null: somewhere in `within`. */
  readonly hour: Hour | null;
  readonly within: Period | null;
  readonly quantity: Scaled;
  readonly events: readonly Scaled[] | null;
  readonly outcomes?: readonly Outcome[] | null | undefined;
}

/** What rating and facts take of one customer's usage. */
export interface PeriodUse {
  /** Of the period: an entry for each meter and group, and hour where prices need it. */
  readonly entries: readonly UsageEntry[];
  /** Outcomes that invoices of earlier periods charged for, as the usage says. */
  readonly earlierOutcomes: readonly EarlierOutcome[];
  readonly active: Period;
  readonly timeZone: string | null;
  /** Records that lie outside the period. */
  readonly outside: number;
  /** Whether some of it has no hour, so that facts about days and peaks cannot be told. */
  readonly hourless: boolean;
}

interface Odd {
  readonly key: number;
  readonly fact: UsageFact;
}

/** Usage of one customer: whole numbers with an hour as a run of numbers, and the rare rest as it came. */
interface Rows {
  /** `key * HOURS + hour`, quantity, and so on. */
  readonly packed: Run;
  odd: Odd[] | null;
  active: { from: number; to: number } | null;
  earlierOutcomes: readonly EarlierOutcome[];
  timeZone: string | null;
}

const RECENT_HOURS = 30 * 24;
const NO_GROUPS: HourOfCalls['byGroup'] = {};

/**
 * The usage of many customers, in any order, several records of one customer added up. Memory: 16 bytes a record of a
 * whole quantity with an hour, outside the heap.
 */
export class CollectedUsage {
  readonly #rows = new Map<string, Rows>();
  readonly #blocks = new NumberBlocks();
  readonly #keys: Key[] = [];
  readonly #keyOf = new Map<string, Map<string | null, number>>();
  #latest = -1;
  #earliest = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#rows.size;
  }

  customers(): IterableIterator<string> {
    return this.#rows.keys();
  }

  has(customer: string): boolean {
    return this.#rows.has(customer);
  }

  /** The last instant that any usage lies in; null without usage. */
  get latest(): number | null {
    return this.#latest < 0 ? null : this.#latest;
  }

  /** The first instant that any usage may lie in; null without usage. */
  get earliest(): number | null {
    return this.#latest < 0 ? null : this.#earliest;
  }

  /** Makes the customer known, with when they were active and where: for usage objects that say so. */
  enter(
    customer: string,
    { active, timeZone, earlierOutcomes = [] }: Partial<Pick<Usage, 'active' | 'timeZone' | 'earlierOutcomes'>> = {},
  ): Rows {
    let rows = this.#rows.get(customer);
    if (rows === undefined) {
      rows = { packed: this.#blocks.empty(), odd: null, active: null, earlierOutcomes: [], timeZone: null };
      this.#rows.set(customer, rows);
    }
    if (active) {
      const { from, to } = rows.active ?? { from: active.start, to: active.end };
      rows.active = { from: Math.min(from, active.start), to: Math.max(to, active.end) };
    }
    if (typeof timeZone === 'string') rows.timeZone = timeZone;
    if (earlierOutcomes.length > 0) rows.earlierOutcomes = [...rows.earlierOutcomes, ...earlierOutcomes];
    return rows;
  }

  /** The number of a meter and group, for {@link addWhole}. */
  key(meter: string, group: string | null): number {
    let groups = this.#keyOf.get(meter);
    if (groups === undefined) {
      groups = new Map();
      this.#keyOf.set(meter, groups);
    }
    let key = groups.get(group);
    if (key === undefined) {
      key = this.#keys.push({ meter, group }) - 1;
      groups.set(group, key);
    }
    return key;
  }

  /** The common case: a whole, safe quantity in an hour. */
  addWhole(rows: Rows, key: number, hour: number, quantity: number): void {
    const { packed } = rows;
    this.#blocks.reserve(packed, 2);
    packed.block[packed.at + packed.used++] = key * HOURS + hour;
    packed.block[packed.at + packed.used++] = quantity;
    const at = hour * HOUR_MS;
    if (at > this.#latest) this.#latest = at;
    if (at < this.#earliest) this.#earliest = at;
  }

  /** How a meter, group and hour are written in what {@link addPacked} takes. */
  code(meter: string, group: string | null, hour: number): number {
    return this.key(meter, group) * HOURS + hour;
  }

  /** Many whole quantities at once: code, quantity, code, quantity. @param used how much of `packed` is meant */
  addPacked(customer: string, packed: readonly number[], used: number): void {
    const run = this.enter(customer).packed;
    this.#blocks.reserve(run, used);
    const { block } = run;
    let to = run.at + run.used;
    run.used += used;
    for (let i = 0; i < used; i += 2) {
      const code = packed[i] as number;
      block[to++] = code;
      block[to++] = packed[i + 1] as number;
      const at = (code % HOURS) * HOUR_MS;
      if (at > this.#latest) this.#latest = at;
      if (at < this.#earliest) this.#earliest = at;
    }
  }

  /** @throws InputError `out-of-range` for an hour before 1970 */
  add(rows: Rows, fact: UsageFact): void {
    const key = this.key(fact.meter, fact.group);
    const { hour, quantity, events, outcomes = null } = fact;
    if (hour !== null && (hour < 0 || hour >= HOURS)) {
      throw new InputError({ code: 'out-of-range', message: 'an hour lies between 1970 and 2448' });
    }
    if (
      hour !== null &&
      events === null &&
      outcomes === null &&
      quantity.scale === 0 &&
      typeof quantity.units === 'number'
    ) {
      this.addWhole(rows, key, hour, quantity.units);
      return;
    }
    rows.odd ??= [];
    rows.odd.push({ key, fact });
    const at = hour === null ? (fact.within?.end ?? 1) - 1 : hourStart(hour);
    if (at > this.#latest) this.#latest = at;
    const from = hour === null ? (fact.within?.start ?? 0) : hourStart(hour);
    if (from < this.#earliest) this.#earliest = from;
  }

  /** The customer's part of the period as rating takes it. @param byHour whether a price needs the hours */
  use(customer: string, period: Period, byHour: boolean): PeriodUse {
    const rows = this.#rows.get(customer);
    if (!rows) {
      return { entries: [], earlierOutcomes: [], active: period, timeZone: null, outside: 0, hourless: false };
    }
    const [start, end] = [hourOf(period.start), hourOf(period.end)];
    const sums = new Sums(this.#keys, byHour);
    let outside = 0;
    const { block, at, used } = rows.packed;
    for (let i = at; i < at + used; i += 2) {
      const code = block[i] as number;
      const hour = code % HOURS;
      if (hour < start || hour >= end) outside++;
      else sums.addWhole((code - hour) / HOURS, hour, block[i + 1] as number);
    }
    let hourless = false;
    for (const { key, fact } of rows.odd ?? []) {
      const where = placeOf(fact, period);
      if (where === 'outside') outside++;
      else sums.add(key, fact);
      if (fact.hour === null && where === 'inside') hourless = true;
    }
    const active = rows.active
      ? { start: Math.max(period.start, rows.active.from), end: Math.min(period.end, rows.active.to) }
      : period;
    const { earlierOutcomes, timeZone } = rows;
    return { entries: sums.entries(), earlierOutcomes, active, timeZone, outside, hourless };
  }

  /**
   * Calls by hour, for facts: those of the 30 days before `end`, and of the 30 before them only the sum, in one hour.
   * Groups are added up in one row too: facts see only sums of them. What has no hour counts in the period's last hour,
   * so that the sum of calls is right.
   */
  calls(customer: string, meter: string | null, period: Period): HourOfCalls[] {
    const rows = this.#rows.get(customer);
    if (!rows || meter === null) return [];
    const end = hourOf(period.end);
    const from = addHours(end, -RECENT_HOURS);
    const found: HourOfCalls[] = [];
    const byGroup: Record<string, number> = {};
    let [before, any] = [0, false];
    const add = (key: Key, hour: number, calls: number) => {
      if (hour < from) before += calls;
      else {
        found.push({ hour: hour as Hour, calls, byGroup: NO_GROUPS });
        const group = key.group ?? '';
        byGroup[group] = (byGroup[group] ?? 0) + calls;
        any = true;
      }
    };
    const { block, at, used } = rows.packed;
    for (let i = at; i < at + used; i += 2) {
      const code = block[i] as number;
      const hour = code % HOURS;
      if (hour < from - RECENT_HOURS || hour >= end) continue;
      const key = this.#keys[(code - hour) / HOURS] as Key;
      if (key.meter === meter) add(key, hour, block[i + 1] as number);
    }
    for (const { key, fact } of rows.odd ?? []) {
      if (fact.meter !== meter || fact.events !== null || fact.outcomes) continue;
      const hour = fact.hour ?? (placeOf(fact, period) === 'inside' ? addHours(end, -1) : null);
      if (hour === null || hour < from - RECENT_HOURS || hour >= end) continue;
      add(this.#keys[key] as Key, hour, Number(fact.quantity.units) / 10 ** fact.quantity.scale);
    }
    if (any) found.push({ hour: addHours(end, -1), calls: 0, byGroup });
    if (before > 0) found.push({ hour: addHours(from, -1), calls: before, byGroup: NO_GROUPS });
    return found;
  }

  /** Forgets everything: the next part of the customers takes its place. */
  clear(): void {
    this.#rows.clear();
    this.#blocks.clear();
  }
}

/** @throws InputError `hour-missing` where usage without hours lies on both sides of the period's bounds */
function placeOf({ hour, within, meter }: UsageFact, period: Period): 'inside' | 'outside' {
  if (hour !== null) return hourStart(hour) >= period.start && hourStart(hour) < period.end ? 'inside' : 'outside';
  assert(within !== null, 'usage has an hour or a period');
  if (within.end <= period.start || within.start >= period.end) return 'outside';
  if (within.start >= period.start && within.end <= period.end) return 'inside';
  throw new InputError({
    code: 'hour-missing',
    message: `usage of ${JSON.stringify(meter)} has no hour, and its period is only in part the one that is planned`,
    hint: 'give each record its hour, or a period of its own for each month',
  });
}
