import { formatHour, type Hour } from '../time/time.ts';
import type { AccessLine } from './access-line.ts';
import type { CompiledMeters, Contribution } from './compile-meters.ts';
import type { HourUsage } from './hour-usage.ts';
import type { UsageRecord } from './meters.ts';
import { byCodeUnits } from './quantities.ts';

/** Writes out the usage of all hours, a customer at a time. */
export function* recordsOf(
  usage: ReadonlyMap<Hour, HourUsage>,
  customerNames: readonly string[],
  meters: CompiledMeters,
): Generator<UsageRecord> {
  const hours = [...usage].sort(([a], [b]) => a - b).map(([hour, of]) => ({ name: formatHour(hour), of }));
  const active = new Set(hours.flatMap(({ of }) => [...of.customers()]));
  const customers = [...active]
    .map((number) => ({ number, name: customerNames[number] as string }))
    .sort((a, b) => byCodeUnits(a.name, b.name));
  for (const { number, name } of customers) {
    const records = hours.flatMap(({ name: hour, of }) =>
      of.quantitiesOf(number, meters).map(({ meter, group, quantity, events, outcomes }): UsageRecord => {
        const record = { customer: name, meter, group, hour, quantity };
        if (outcomes) return { ...record, outcomes };
        return events ? { ...record, events } : record;
      }),
    );
    // Array.sort is stable, so that hours stay in order within a meter and group.
    yield* records.sort((a, b) => byCodeUnits(a.meter, b.meter) || byCodeUnits(a.group ?? '', b.group ?? ''));
  }
}

/** Gives meters the value that a call has for them; one that the log does not have (`-`) is none, not 0. */
export function addValues(
  usage: HourUsage,
  customer: number,
  contributions: readonly Contribution[],
  line: AccessLine,
): void {
  for (const contribution of contributions) {
    const field = contribution.meter.definition.value as keyof AccessLine;
    const value = line[field];
    if (value === -1 || value === '-') continue;
    usage.add(customer, contribution, { ms: line.epochMs, source: '', id: line.id, value });
  }
}
