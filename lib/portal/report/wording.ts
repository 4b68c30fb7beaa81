import { grouped } from '../charts/numbers.ts';
import { monthName, valueWords } from '../design/words.ts';

export { monthName, spelled as stateName } from '../design/words.ts';

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
export const longDate = (text: string): string => `${Number(text.slice(8, 10))} ${monthName(text.slice(0, 7))}`;

/** `15 October 2026, 10:00 UTC` */
export const longTime = (text: string): string => `${longDate(text)}, ${text.slice(11, 16)} UTC`;

/** `calls` for the unit `call`. */
export const plural = (unit: string): string => (/[a-z]$/.test(unit) && !unit.endsWith('s') ? `${unit}s` : unit);

export const groupName = (group: string | null): string => group ?? 'no group';

/** `industry = fintech; routeGroupShare = payments 0.6484, search 0.2986`: what a rule read, to be read by a person. */
export const factWords = (facts: Readonly<Record<string, unknown>>): string =>
  Object.entries(facts)
    .map(([fact, value]) => `${fact} = ${valueWords(value)}`)
    .join('; ');
