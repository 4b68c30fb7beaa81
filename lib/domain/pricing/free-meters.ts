import { InputError } from '../input-error.ts';
import { type Exact, plus, shift } from '../money/exact.ts';
import type { ExactLine } from './bill.ts';
import { eventsOf, scaleOf, sumOf, sumOfEvents } from './models/charge.ts';
import type { NotCounted } from './models/outcome.ts';
import type { Outcome } from './outcomes.ts';
import type { PricedBy } from './price-kinds.ts';
import type { UsageEntry } from './usage.ts';

/** Usage that no charge takes, by its meter. */
export type FreeUse = Map<string, UsageEntry[]>;

/**
 * One line for each free meter that was used, by name: what was used is shown even where it costs nothing. Outcomes count
 * nowhere here, and the line says so of each: a reversal may be meant for one that another card charged.
 */
export function freeLines(use: FreeUse): ExactLine[] {
  return [...use]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([meter, entries]) => {
      const notCounted = entries.flatMap(({ outcomes }) => (outcomes ?? []).map(uncounted));
      const { units, scale } = poolOf(meter, entries);
      if (notCounted.length > 0)
        return [{ ...freeLine(meter, units, scale), detail: { of: 'unattributed', notCounted } }];
      return units > 0 ? [freeLine(meter, units, scale)] : [];
    });
}

const uncounted = ({ id, at, reverses }: Outcome): NotCounted => ({ id, at, reverses, why: 'is of a free meter' });

function poolOf(meter: string, entries: readonly UsageEntry[]): { units: Exact; scale: number } {
  const kinds = new Set(entries.map(kindOf));
  const odd = kinds.size > 1 ? entries.find((entry) => kindOf(entry) !== 'quantity') : undefined;
  if (odd) {
    const kind = kindOf(odd);
    throw new InputError({
      code: 'wrong-kind-of-usage',
      message: `the meter ${JSON.stringify(meter)} has ${[...kinds].join(' and ')}, which do not mix`,
      path: `/usage/${odd.index}/${kind}`,
    });
  }
  const worth = entries.flatMap(({ outcomes }) => (outcomes ?? []).map(({ amount }) => amount));
  const sum = sumOfEvents([...eventsOf(entries), ...worth]);
  const scale = scaleOf(entries, sum.scale);
  return { units: plus(sumOf(entries, scale), shift(sum.units, scale - sum.scale)), scale };
}

const kindOf = ({ events, outcomes }: UsageEntry): PricedBy =>
  outcomes ? 'outcomes' : events === null ? 'quantity' : 'events';

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
