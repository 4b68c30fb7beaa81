import { offsetMinutes } from '../../domain/pricing/local-time.ts';
import { type EpochMs, formatDate, formatTimestamp, hourOf, MINUTE_MS } from '../../domain/time/time.ts';
import { dayName, longDate, timeName } from '../../domain/words/dates.ts';
import { grouped } from '../../domain/words/numbers.ts';

export { dayName, longDate, longTime, monthName, shortDay, timeName } from '../../domain/words/dates.ts';
export { spelled } from '../../domain/words/names.ts';
export { grouped, legible, money, plural, signless } from '../../domain/words/numbers.ts';

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

/** `7 days`; null is for ever. */
export const daysWords = (days: number | null): string =>
  days === null ? 'ever' : days === 1 ? 'one day' : `${days} days`;

/** `48,213` becomes `47 KB`. */
export const bytesName = (bytes: number): string =>
  bytes < 1_000_000 ? `${grouped(BigInt(Math.ceil(bytes / 1_000)))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

/** `growth@2026-01-01` becomes `growth, prices of 1 January 2026`. */
export function cardName(card: string): string {
  const [id = '', date = ''] = card.split('@');
  return /^\d{4}-\d\d-\d\d$/.test(date) ? `${id}, prices of ${longDate(date)}` : id;
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
