import { DAY_MS, type EpochMs, formatDate, formatTimestamp, parseDate } from '../time/time.ts';

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November'],
  'December',
];
/** The first day of 1970 was a Thursday. */
const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** `2026-10` becomes `October 2026`. */
export const monthName = (month: string): string =>
  `${MONTHS[Number(month.slice(5, 7)) - 1] ?? ''} ${month.slice(0, 4)}`;

/** `15 October 2026` of a date or an RFC 3339 time in UTC. */
export const longDate = (text: string): string => `${Number(text.slice(8, 10))} ${monthName(text.slice(0, 7))}`;

/** `15 October 2026, 10:00 UTC` */
export const longTime = (text: string): string => `${longDate(text)}, ${text.slice(11, 16)} UTC`;

/** `5 October 2026`, in UTC. */
export const dayName = (at: EpochMs): string => longDate(formatDate(at));

/** `5 October 2026, 14:03 UTC` */
export const timeName = (at: EpochMs): string => longTime(formatTimestamp(at));

/** `2026-10-05` becomes `Mon 5 Oct`: a day in a list of which the year is known. */
export function shortDay(date: string): string {
  const weekday = WEEKDAYS[Math.floor(parseDate(date) / DAY_MS) % WEEKDAYS.length] ?? '';
  return `${weekday} ${Number(date.slice(8))} ${monthName(date.slice(0, 7)).slice(0, 3)}`;
}
