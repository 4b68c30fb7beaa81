import { offsetMinutes } from '../../domain/pricing/local-time.ts';
import { type EpochMs, formatDate, formatTimestamp, hourOf, MINUTE_MS } from '../../domain/time/time.ts';
import { grouped } from '../charts/numbers.ts';

export { grouped };

/** `USD 1,234.50` */
export const money = (currency: string, amount: string): string => `${currency} ${grouped(amount)}`;

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November'],
  'December',
];

/** `2026-10` becomes `October 2026`. */
export const monthName = (month: string): string =>
  `${MONTHS[Number(month.slice(5, 7)) - 1] ?? ''} ${month.slice(0, 4)}`;

/** `5 October 2026`, in UTC. */
export function dayName(at: EpochMs): string {
  const date = formatDate(at);
  return `${Number(date.slice(8))} ${monthName(date.slice(0, 7))}`;
}

/** `5 October 2026, 14:03 UTC` */
export const timeName = (at: EpochMs): string => `${dayName(at)}, ${formatTimestamp(at).slice(11, 16)} UTC`;

/**
 * As {@link timeName}, and what the customer's own clock says then: `1 December 2026, 00:00 UTC (01:00 in Europe/Berlin)`; the
 * day as well where it is another one.
 */
export function timeIn(at: EpochMs, timeZone: string | null): string {
  if (timeZone === null || timeZone === 'UTC') return timeName(at);
  const local = at + offsetMinutes(timeZone, hourOf(at)) * MINUTE_MS;
  const day = formatDate(local) === formatDate(at) ? '' : `${dayName(local)}, `;
  return `${timeName(at)} (${day}${formatTimestamp(local).slice(11, 16)} in ${timeZone})`;
}

/** `85 minutes`, `2 hours`: rounded up, so that nobody is told too soon. */
export function spanWords(ms: number): string {
  const minutes = Math.ceil(ms / MINUTE_MS);
  if (minutes <= 90) return minutes === 1 ? 'one minute' : `${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.ceil(hours / 24)} days`;
}

/** `PAYMENT_OVERDUE` and `payment-overdue` become `payment overdue`. */
export const spelled = (token: string): string => token.toLowerCase().replace(/[_-]+/g, ' ');

/** `7 days`; null is for ever. */
export const daysWords = (days: number | null): string =>
  days === null ? 'ever' : days === 1 ? 'one day' : `${days} days`;

/** `48,213` becomes `47 KB`. */
export const bytesName = (bytes: number): string =>
  bytes < 1_000_000 ? `${grouped(BigInt(Math.ceil(bytes / 1_000)))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

/** `growth@2026-01-01` becomes `growth, prices of 1 January 2026`. */
export function cardName(card: string): string {
  const [id = '', date = ''] = card.split('@');
  return /^\d{4}-\d\d-\d\d$/.test(date)
    ? `${id}, prices of ${Number(date.slice(8))} ${monthName(date.slice(0, 7))}`
    : id;
}

/** What a fact is to a reader: `40`, `fintech`, `yes`, `payments 0.6484, search 0.2986`. Four digits show why as well as sixteen. */
export function valueWords(value: unknown): string {
  if (value === undefined || value === null) return 'not known';
  if (value === '') return 'empty';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  if (Array.isArray(value)) return value.map(valueWords).join(', ') || 'none';
  if (typeof value !== 'object') return String(value);
  return (
    Object.entries(value)
      .map(([name, part]) => `${name} ${valueWords(part)}`)
      .join(', ') || 'none'
  );
}
