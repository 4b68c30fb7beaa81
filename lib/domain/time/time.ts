import { InputError } from '../input-error.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Whole hours since 1970-01-01T00:00:00Z: the grain at which usage is counted, closed and rated. */
export type Hour = number & { readonly __unit: 'hour' };

/** Half open: `start` is in, `end` is not. Both on whole hours. */
export interface Period {
  readonly start: EpochMs;
  readonly end: EpochMs;
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const RFC3339_UTC = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|z|([+-])(\d\d):(\d\d))$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/**
 * Days from 1970-01-01 to a civil date of the proleptic Gregorian calendar.
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
 */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of {@link daysFromCivil}; months and days count from 1. */
export function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

export function daysInMonth(year: number, month: number): number {
  return month === 12 ? 31 : daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1);
}

function civilMs(text: string, year: number, month: number, day: number): EpochMs {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new InputError({ code: 'not-a-date', message: `${JSON.stringify(text)} is not a day of the calendar` });
  }
  return daysFromCivil(year, month, day) * DAY_MS;
}

/**
 * Reads an RFC 3339 timestamp; an offset is applied, digits beyond milliseconds are cut.
 * @throws InputError `not-a-timestamp` or `not-a-date`
 */
export function parseTimestamp(text: string): EpochMs {
  const found = RFC3339_UTC.exec(text);
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = found ?? [];
  if (
    !found ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 60 ||
    Number(offsetHour ?? 0) > 23 ||
    Number(offsetMinute ?? 0) > 59
  ) {
    throw new InputError({
      code: 'not-a-timestamp',
      message: `${JSON.stringify(text)} is not an RFC 3339 time such as "2026-01-15T10:00:00Z"`,
    });
  }
  const offset = (Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0)) * MINUTE_MS * (sign === '-' ? -1 : 1);
  const ms = Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  const date = civilMs(text, Number(year), Number(month), Number(day));
  return date + Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS + Number(second) * SECOND_MS + ms - offset;
}

/** `2026-01-15T10:00:00Z`; milliseconds are shown only when there are any. */
export function formatTimestamp(ms: EpochMs): string {
  const rest = ((ms % DAY_MS) + DAY_MS) % DAY_MS;
  const pad = (n: number, width = 2) => String(n).padStart(width, '0');
  const millis = rest % SECOND_MS;
  const time = [rest / HOUR_MS, (rest % HOUR_MS) / MINUTE_MS, (rest % MINUTE_MS) / SECOND_MS].map((n) =>
    pad(Math.floor(n)),
  );
  return `${formatDate(ms)}T${time.join(':')}${millis === 0 ? '' : `.${pad(millis, 3)}`}Z`;
}

/** `2026-01-15`, in UTC. */
export function formatDate(ms: EpochMs): string {
  const { year, month, day } = civilFromDays(Math.floor(ms / DAY_MS));
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** @throws InputError unless the text is `YYYY-MM-DD`; the answer is that day's first instant in UTC. */
export function parseDate(text: string): EpochMs {
  const found = DATE.exec(text);
  if (!found)
    throw new InputError({ code: 'not-a-date', message: `${JSON.stringify(text)} is not a date such as "2026-01-15"` });
  return civilMs(text, Number(found[1]), Number(found[2]), Number(found[3]));
}

export const hourOf = (ms: EpochMs): Hour => Math.floor(ms / HOUR_MS) as Hour;
export const hourStart = (hour: Hour): EpochMs => hour * HOUR_MS;
export const addHours = (hour: Hour, hours: number): Hour => (hour + hours) as Hour;
/** `2026-01-15T10:00:00Z`: an hour is named by its start. */
export const formatHour = (hour: Hour): string => formatTimestamp(hourStart(hour));

/** @throws InputError unless the text names the start of an hour. */
export function parseHour(text: string): Hour {
  const ms = parseTimestamp(text);
  if (ms % HOUR_MS !== 0) {
    throw new InputError({ code: 'not-an-hour', message: `${JSON.stringify(text)} is not the start of an hour` });
  }
  return hourOf(ms);
}

/** The calendar month `YYYY-MM` in UTC. @throws InputError */
export function parseMonth(text: string): Period {
  const found = MONTH.exec(text);
  if (!found)
    throw new InputError({ code: 'not-a-month', message: `${JSON.stringify(text)} is not a month such as "2026-01"` });
  const [year, month] = [Number(found[1]), Number(found[2])];
  const start = civilMs(text, year, month, 1);
  return { start, end: start + daysInMonth(year, month) * DAY_MS };
}

/** The UTC month that an instant lies in, `YYYY-MM`. */
export const monthOf = (ms: EpochMs): string => formatDate(ms).slice(0, 7);

/** Every hour of a period, in order. */
export function* hoursOf(period: Period): Generator<Hour> {
  for (let hour = hourOf(period.start); hourStart(hour) < period.end; hour = addHours(hour, 1)) yield hour;
}
