import { DAY_MS, daysInMonth, formatDate, parseDate } from './time.ts';

/**
 * The same day some months later; the last day where that month is shorter: `2026-01-31` and 1 is `2026-02-28`.
 * @param date `YYYY-MM-DD` @throws InputError for what is no date
 */
export function addMonths(date: string, months: number): string {
  parseDate(date);
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const index = year * 12 + (month - 1) + months;
  const [y, m] = [Math.floor(index / 12), (index % 12) + 1];
  const start = parseDate(`${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-01`);
  return formatDate(start + (Math.min(day, daysInMonth(y, m)) - 1) * DAY_MS);
}
