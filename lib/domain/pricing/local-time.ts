import { DAY_MS, daysFromCivil, HOUR_MS, type Hour, hourStart, MINUTE_MS } from '../time/time.ts';
import type { Weekday } from './rate-card.ts';

/** Where an hour's first instant stands on the clock and calendar of a zone. */
export interface LocalTime {
  /** Minutes since local midnight, 0 to 1439. */
  readonly minute: number;
  readonly weekday: Weekday;
}

const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MINUTES_PER_DAY = 1440;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 3;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<Hour, number>>();
/** Two years of hours; beyond it a zone's offsets are found anew, so that memory stays bounded. */
const MAX_OFFSETS_PER_ZONE = 17_568;

/** Whether the platform's time zone database knows the name. */
export function isTimeZone(name: string): boolean {
  try {
    format(name);
    return true;
  } catch {
    return false;
  }
}

function format(timeZone: string): Intl.DateTimeFormat {
  let found = formats.get(timeZone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, found);
  }
  return found;
}

/** What the zone's clock is ahead of UTC at an hour's first instant, in whole minutes (rounded down where it has seconds). */
export function offsetMinutes(timeZone: string, hour: Hour): number {
  const known = offsets.get(timeZone) ?? new Map<Hour, number>();
  if (known.size === 0) offsets.set(timeZone, known);
  let offset = known.get(hour);
  if (offset === undefined) {
    if (known.size >= MAX_OFFSETS_PER_ZONE) known.clear();
    offset = findOffset(timeZone, hour);
    known.set(hour, offset);
  }
  return offset;
}

function findOffset(timeZone: string, hour: Hour): number {
  if (timeZone === 'UTC') return 0;
  const at = hourStart(hour);
  const part: Record<string, number> = {};
  for (const { type, value } of format(timeZone).formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour: h = 0, minute = 0, second = 0 } = part;
  const local = daysFromCivil(year, month, day) * DAY_MS + h * HOUR_MS + minute * MINUTE_MS + second * 1000;
  return Math.floor((local - at) / MINUTE_MS);
}

/** An hour is judged by the instant it starts. */
export function localTime(timeZone: string, hour: Hour): LocalTime {
  const minutes = (hour * HOUR_MS) / MINUTE_MS + offsetMinutes(timeZone, hour);
  const day = Math.floor(minutes / MINUTES_PER_DAY);
  const weekday = WEEKDAYS[(((day + FIRST_WEEKDAY) % 7) + 7) % 7] as Weekday;
  return { minute: minutes - day * MINUTES_PER_DAY, weekday };
}
