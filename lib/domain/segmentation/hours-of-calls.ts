import { InputError } from '../input-error.ts';
import type { Meters } from '../metering/meters.ts';
import { parseHour } from '../time/time.ts';
import type { HourOfCalls } from './usage-facts.ts';

/** One quantity of a usage record or a usage object, as far as facts need it. */
export interface CallRecord {
  readonly meter: string;
  readonly group?: string | null;
  readonly hour?: string;
  readonly quantity?: string | number;
}

/** The meter that facts about usage rest on: the first that counts lines of the access log. null where there is none. */
export const callMeter = ({ meters }: Pick<Meters, 'meters'>): string | null =>
  meters.find(({ source, aggregation }) => source === 'accessLog' && aggregation === 'count')?.id ?? null;

/**
 * Metered quantities of one customer as hours of calls, for `usageFacts`. Other meters are left out. Errors and clients
 * are not in metered usage, so that facts about them keep their defaults.
 * @throws InputError where a quantity has no hour: growth, days and peaks cannot be told without
 */
export function hoursOfCalls(records: Iterable<CallRecord>, meter: string | null): HourOfCalls[] {
  const hours: HourOfCalls[] = [];
  for (const { meter: name, group, hour, quantity } of records) {
    if (name !== meter) continue;
    if (hour === undefined) {
      throw new InputError({
        code: 'missing-hour',
        message: `usage of ${JSON.stringify(name)} has no "hour", and facts about usage need it`,
        hint: 'take the answer of tollgate meter, which names the hours',
      });
    }
    const calls = Number(quantity ?? 0);
    hours.push({ hour: parseHour(hour), calls, byGroup: { [group ?? '']: calls } });
  }
  return hours;
}
