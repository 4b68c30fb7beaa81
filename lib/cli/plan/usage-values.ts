import type { CollectedUsage } from '../../domain/impact/collected-usage.ts';
import { InputError } from '../../domain/input-error.ts';
import { parseUsage, type Usage } from '../../domain/pricing/usage.ts';
import { parseHour } from '../../domain/time/time.ts';
import { PlainLines } from './plain-lines.ts';

/** Whose usage is taken; the rest belongs to other workers. */
export type Mine = (customer: string) => boolean;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ALWAYS = { start: '1970-01-01T00:00:00Z', end: '2448-01-01T00:00:00Z' };
const MAX_DIGITS = 15;

/**
 * Takes usage from JSON values: what `meter` answers, one of its records, or a usage object. What is written plainly
 * goes a fast way; everything else goes through `parseUsage`, which says what is wrong.
 */
export class UsageValues {
  readonly #collected: CollectedUsage;
  readonly #mine: Mine;
  readonly #lines: PlainLines;
  readonly #hours = new Map<string, number>();

  constructor(collected: CollectedUsage, mine: Mine) {
    this.#collected = collected;
    this.#mine = mine;
    this.#lines = new PlainLines(collected);
  }

  /**
   * A line whose customer is known to be ours.
   * @returns false where it must be parsed as JSON
   */
  plainLine(bytes: Buffer, start: number, end: number): boolean {
    return this.#lines.take(bytes, start, end);
  }

  /** @throws InputError whose path is a JSON pointer */
  take(value: unknown): void {
    if (isObject(value) && 'usage' in value) this.#object(value);
    else if (isObject(value) && Array.isArray(value.records)) {
      for (const [i, record] of value.records.entries()) at(`/records/${i}`, () => this.record(record));
    } else if (isObject(value) && 'meter' in value) this.record(value);
    else {
      const message = 'neither "usage", nor "records" as tollgate meter answers';
      throw new InputError({ code: 'missing-key', message });
    }
  }

  /** One record of `meter`. @throws InputError */
  record(value: unknown): void {
    if (!isObject(value)) throw new InputError({ code: 'not-an-object', message: 'a record is an object' });
    const { customer, meter, group, hour, quantity, ...rest } = value;
    const id = named(customer);
    if (!this.#mine(id)) return;
    const known = typeof hour === 'string' ? this.#hour(hour) : undefined;
    const whole = wholeOf(quantity);
    let plain = known !== undefined && whole >= 0 && typeof meter === 'string' && meter !== '';
    for (const _ in rest) plain = false;
    if (plain && (typeof group === 'string' ? group !== '' : group === null || group === undefined)) {
      const key = this.#collected.key(meter as string, (group as string | null | undefined) ?? null);
      this.#collected.addWhole(this.#collected.enter(id), key, known as number, whole);
      return;
    }
    this.#careful(id, { customer: id, period: ALWAYS, usage: [recordEntry(value)] }, (path) =>
      path.replace(/^\/usage\/0/, ''),
    );
  }

  #object(value: Json): void {
    const id = named(value.customer);
    if (this.#mine(id)) this.#careful(id, value, (path) => path);
  }

  #hour(text: string): number | undefined {
    const known = this.#hours.get(text);
    if (known !== undefined) return known;
    try {
      const hour = parseHour(text);
      if (hour < 0 || hour >= 2 ** 22) return undefined;
      this.#hours.set(text, hour);
      return hour;
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  }

  #careful(id: string, json: Json, pathOf: (path: string) => string): void {
    let usage: Usage;
    try {
      usage = parseUsage(json);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw withPath(error, pathOf(error.path));
    }
    const { timeZone, earlierOutcomes = [] } = usage;
    const active = 'active' in json ? { active: usage.active } : {};
    const rows = this.#collected.enter(id, { ...active, timeZone, earlierOutcomes });
    for (const { index, meter, group, hour, quantity, scale, events, outcomes } of usage.entries) {
      at(pathOf(`/usage/${index}/hour`), () =>
        this.#collected.add(rows, {
          meter,
          group,
          hour,
          within: hour === null ? usage.period : null,
          quantity: { units: quantity, scale },
          events,
          outcomes,
        }),
      );
    }
  }
}

/** A record as an entry of a usage object: `group: null` is no group, and `events` or `outcomes` stand for the quantity. */
function recordEntry({ customer: _customer, group, ...entry }: Json): Json {
  const { quantity, events, outcomes, ...rest } = entry;
  const listed = Array.isArray(outcomes) ? { outcomes } : Array.isArray(events) ? { events } : null;
  const amount = listed ?? { ...(quantity === undefined ? {} : { quantity }) };
  return { ...rest, ...(group === null || group === undefined ? {} : { group }), ...amount };
}

function named(customer: unknown): string {
  if (typeof customer === 'string' && customer !== '') return customer;
  throw new InputError({ code: 'missing-key', message: 'usage without a "customer"', path: '/customer' });
}

/** A plain whole number, else -1. */
function wholeOf(quantity: unknown): number {
  if (typeof quantity === 'number') return Number.isSafeInteger(quantity) && quantity >= 0 ? quantity : -1;
  if (typeof quantity !== 'string') return -1;
  const { length } = quantity;
  if (length === 0 || length > MAX_DIGITS) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = quantity.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return length > 1 && quantity.charCodeAt(0) === 48 ? -1 : value;
}

const withPath = ({ code, message, hint }: InputError, path: string): InputError =>
  new InputError({ code, message, path, ...(hint === undefined ? {} : { hint }) });

function at<T>(pointer: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw withPath(error, error.path === '' ? pointer : `${pointer}${error.path}`);
  }
}
