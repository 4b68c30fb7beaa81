import type { CompiledMeters } from '../../domain/metering/compile-meters.ts';
import type { OnCall } from '../../domain/metering/counter.ts';
import type { Shape } from '../../domain/metering/interned.ts';
import type { HourTallies } from '../../domain/metering/meters.ts';

const FIRST_ERROR_STATUS = 400;

interface Tally {
  calls: number;
  errors: number;
  readonly byGroup: Map<string, number>;
  readonly byClient: Map<string, number>;
  readonly byStatus: Map<string, number>;
}

/** Gathers the tallies of one hour from its calls. */
export function hourTallies(meters: CompiledMeters): {
  readonly add: OnCall;
  readonly customers: () => Iterable<string>;
  readonly of: (customer: string) => HourTallies | undefined;
} {
  const tallies = new Map<string, Tally>();
  const groups = new Map<Shape, string>();
  // A call that failed counts nowhere and so has no class, but the route still tells its group.
  const groupOf = (shape: Shape): string => {
    const known = groups.get(shape);
    if (known !== undefined) return known;
    const [counted] = shape.usageClass.contributions;
    const [routed] = meters.classify(shape.method, shape.resourcePath, 200).contributions;
    const group = (counted ?? routed)?.group ?? '';
    groups.set(shape, group);
    return group;
  };
  return {
    add(customer, client, shape) {
      const tally = tallies.get(customer) ?? emptyTally();
      tallies.set(customer, tally);
      const group = groupOf(shape);
      tally.calls++;
      if (shape.status >= FIRST_ERROR_STATUS) tally.errors++;
      tally.byGroup.set(group, (tally.byGroup.get(group) ?? 0) + 1);
      tally.byClient.set(client, (tally.byClient.get(client) ?? 0) + 1);
      const statusClass = `${Math.floor(shape.status / 100)}xx`;
      tally.byStatus.set(statusClass, (tally.byStatus.get(statusClass) ?? 0) + 1);
    },
    customers: () => tallies.keys(),
    of(customer) {
      const tally = tallies.get(customer);
      if (tally === undefined) return undefined;
      const { calls, errors, byGroup, byClient, byStatus } = tally;
      return { calls, errors, byGroup: sorted(byGroup), byClient: sorted(byClient), byStatus: sorted(byStatus) };
    },
  };
}

const emptyTally = (): Tally => ({
  ...{ calls: 0, errors: 0 },
  byGroup: new Map(),
  byClient: new Map(),
  byStatus: new Map(),
});

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
