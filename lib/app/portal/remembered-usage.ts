import type { ClosedHour } from '../../domain/metering/meters.ts';
import {
  DAY_MS,
  type EpochMs,
  formatTimestamp,
  type Hour,
  hourStart,
  MINUTE_MS,
  monthOf,
  type Period,
  parseMonth,
} from '../../domain/time/time.ts';
import type { ClosedMarker, ClosedUsageReader } from '../ports/usage.ts';
import type { Clock } from '../runtime.ts';

/** Late objects adjust an hour for 35 days; after that its rows stand. */
const SETTLED_MS = 40 * DAY_MS;
const SETTLED_LIFE_MS = 60 * MINUTE_MS;
const LIFE_MS = MINUTE_MS;
/** Some two customers' years; a month of hours is below one MiB. */
const MONTHS_MAX = 48;
const MARKED_MAX = 4;

/**
 * Closed usage as pages read it: a customer looks at one page after the other, each asks for the same weeks, and what is
 * closed hardly ever changes. A customer's month is remembered for a minute, after the time of adjustments for an hour; the
 * month that is still being closed only as long as no further hour has been, so that an hour never falls between what is
 * closed and what is provisional. Only for pages: billing reads the store.
 */
export function rememberedUsage(usage: ClosedUsageReader, clock: Clock): ClosedUsageReader {
  const rows = remembering<readonly ClosedHour[]>(MONTHS_MAX, clock);
  const marked = remembering<ClosedMarker[]>(MARKED_MAX, clock);
  const ofMonth = async (customer: string, month: string): Promise<readonly ClosedHour[]> => {
    const period = parseMonth(month);
    const open: Hour | undefined = await usage.firstOpenHour(period);
    const life = period.end + SETTLED_MS < clock.now() ? SETTLED_LIFE_MS : LIFE_MS;
    return rows(`${customer} ${month} ${open ?? 'closed'}`, life, () => usage.closedHours(customer, period));
  };
  return {
    firstOpenHour: usage.firstOpenHour,
    markers: (period) => marked(`${formatTimestamp(period.start)} ${period.end}`, LIFE_MS, () => usage.markers(period)),
    async closedHours(customer, period) {
      const within = ({ hour }: ClosedHour) => hourStart(hour) >= period.start && hourStart(hour) < period.end;
      const months = monthsOf(period).map(async (month) => {
        const { start, end } = parseMonth(month);
        const found = await ofMonth(customer, month);
        return start >= period.start && end <= period.end ? found : found.filter(within);
      });
      return (await Promise.all(months)).flat();
    },
  };
}

function monthsOf({ start, end }: Period): string[] {
  const months: string[] = [];
  for (let at = start; at < end; at = parseMonth(monthOf(at)).end) months.push(monthOf(at));
  return months;
}

/** The newest answers by name, each for its life; two who ask at once wait for one. A failure is not remembered. */
function remembering<T>(most: number, clock: Clock) {
  const kept = new Map<string, { readonly until: EpochMs; readonly value: Promise<T> }>();
  return (name: string, life: number, read: () => Promise<T>): Promise<T> => {
    const known = kept.get(name);
    if (known !== undefined && known.until > clock.now()) return known.value;
    const value = read();
    kept.delete(name);
    kept.set(name, { until: clock.now() + life, value });
    value.catch(() => kept.delete(name));
    const oldest = kept.keys().next();
    if (kept.size > most && !oldest.done) kept.delete(oldest.value);
    return value;
  };
}
