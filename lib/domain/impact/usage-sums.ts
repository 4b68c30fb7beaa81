import { type Exact, plus, shift } from '../money/exact.ts';
import type { UsageEntry } from '../pricing/usage.ts';
import type { Hour } from '../time/time.ts';
import type { UsageFact } from './collected-usage.ts';

/** More hours than there are until the year 2448, and few enough that a code stays a safe integer. */
export const HOURS = 2 ** 22;

export interface Key {
  readonly meter: string;
  readonly group: string | null;
}

/** Quantities added up by meter and group, and by hour where prices need it. */
export class Sums {
  readonly #keys: readonly Key[];
  readonly #byHour: boolean;
  readonly #totals = new Map<number, { key: number; hour: Hour | null; units: Exact; scale: number }>();
  readonly #events: UsageEntry[] = [];

  constructor(keys: readonly Key[], byHour: boolean) {
    this.#keys = keys;
    this.#byHour = byHour;
  }

  addWhole(key: number, hour: number, quantity: number): void {
    const code = this.#byHour ? key * HOURS + hour : key;
    const total = this.#totals.get(code);
    if (total === undefined) {
      this.#totals.set(code, { key, hour: this.#byHour ? (hour as Hour) : null, units: quantity, scale: 0 });
    } else total.units = plus(total.units, total.scale === 0 ? quantity : shift(quantity, total.scale));
  }

  add(key: number, { meter, group, hour, quantity, events, outcomes = null }: UsageFact): void {
    if (events !== null || outcomes !== null) {
      const at = this.#byHour ? hour : null;
      this.#events.push({ index: 0, meter, group, hour: at, quantity: 0, scale: 0, events, outcomes });
      return;
    }
    const code = this.#byHour ? (hour === null ? -1 - key : key * HOURS + hour) : key;
    const total = this.#totals.get(code);
    if (total === undefined) {
      this.#totals.set(code, {
        key,
        hour: this.#byHour ? hour : null,
        units: quantity.units,
        scale: quantity.scale,
      });
      return;
    }
    const scale = Math.max(total.scale, quantity.scale);
    total.units = plus(shift(total.units, scale - total.scale), shift(quantity.units, scale - quantity.scale));
    total.scale = scale;
  }

  /** In (meter and group, hour) order of arrival: sums do not depend on it. */
  entries(): UsageEntry[] {
    const entries: UsageEntry[] = [];
    for (const { key, hour, units, scale } of this.#totals.values()) {
      const { meter, group } = this.#keys[key] as Key;
      entries.push({ index: entries.length, meter, group, hour, quantity: units, scale, events: null });
    }
    for (const entry of this.#events) entries.push({ ...entry, index: entries.length });
    return entries;
  }
}
