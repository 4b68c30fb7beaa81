import { InputError } from '../input-error.ts';
import { type Exact, plus, shift } from '../money/exact.ts';
import type { ExactLine } from './bill.ts';
import { eventsOf, scaleOf, sumOf, sumOfEvents } from './models/charge.ts';
import type { UsageEntry } from './usage.ts';

/** Usage that no charge takes, by its meter. */
export type FreeUse = Map<string, UsageEntry[]>;

/** One line for each free meter that was used, by name: what was used is shown even where it costs nothing. */
export function freeLines(use: FreeUse): ExactLine[] {
  return [...use]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([meter, entries]) => {
      const { units, scale } = poolOf(meter, entries);
      return units > 0 ? [freeLine(meter, units, scale)] : [];
    });
}

function poolOf(meter: string, entries: readonly UsageEntry[]): { units: Exact; scale: number } {
  const withEvents = entries.filter(({ events }) => events !== null);
  const outcome = entries.find(({ outcomes }) => outcomes);
  if (outcome) {
    throw new InputError({
      code: 'wrong-kind-of-usage',
      message: `the meter ${JSON.stringify(meter)} is free, and outcomes are not counted for nothing`,
      path: `/usage/${outcome.index}/outcomes`,
    });
  }
  const odd = withEvents.length < entries.length ? withEvents[0] : undefined;
  if (odd) {
    throw new InputError({
      code: 'wrong-kind-of-usage',
      message: `the meter ${JSON.stringify(meter)} has quantities and events, which do not mix`,
      path: `/usage/${odd.index}/events`,
    });
  }
  const sum = sumOfEvents(eventsOf(entries));
  const scale = scaleOf(entries, sum.scale);
  return { units: plus(sumOf(entries, scale), shift(sum.units, scale - sum.scale)), scale };
}

const freeLine = (meter: string, units: Exact, scale: number): ExactLine => ({
  head: { kind: 'free', charge: null, meter, group: null, window: undefined },
  tier: undefined,
  packages: undefined,
  quantity: units,
  scale,
  unitPrice: '0',
  flat: '0',
  amount: 0,
  detail: undefined,
});
