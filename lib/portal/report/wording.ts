import { grouped } from '../charts/numbers.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `USD 1,234.50`; a true minus before the amount. */
export const amount = (currency: string | null, value: string): string => `${currency ?? ''} ${signless(value)}`.trim();

/** `1,234.50`, `−3.00` */
export const signless = (value: string): string => grouped(value).replace(/^-/, '−');

/** `+3.00`, `−3.00`, `0.00` */
export const signed = (value: string): string =>
  value.startsWith('-') ? signless(value) : /^[0.]+$/.test(value) ? value : `+${grouped(value)}`;

/** `+2.3 %`; nothing where it cannot be said. */
export const percent = (value: string | null): string => (value === null ? '' : `${signed(value)} %`);

/** `15 October 2026` of an RFC 3339 time or a date. */
export function longDate(text: string): string {
  const [year, month, day] = text.slice(0, 10).split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}`;
}

/** `15 October 2026, 10:00 UTC` */
export const longTime = (text: string): string => `${longDate(text)}, ${text.slice(11, 16)} UTC`;

/** `October 2026` of `2026-10`. */
export const monthName = (period: string): string =>
  `${MONTHS[Number(period.slice(5)) - 1] ?? period} ${period.slice(0, 4)}`;

/** `calls` for the unit `call`. */
export const plural = (unit: string): string => (/[a-z]$/.test(unit) && !unit.endsWith('s') ? `${unit}s` : unit);

export const groupName = (group: string | null): string => group ?? 'no group';

/** `rated` of RATED. */
export const stateName = (state: string): string => state.toLowerCase().replaceAll('_', ' ');
