import { grouped, signless, valueWords } from '../design/words.ts';

export {
  grouped,
  legible,
  longDate,
  longTime,
  monthName,
  plural,
  signless,
  spelled as stateName,
} from '../design/words.ts';

/** `USD 1,234.50`; a true minus before the amount. */
export const amount = (currency: string | null, value: string): string => `${currency ?? ''} ${signless(value)}`.trim();

/** `+3.00`, `−3.00`, `0.00` */
export const signed = (value: string): string =>
  value.startsWith('-') ? signless(value) : /^[0.]+$/.test(value) ? value : `+${grouped(value)}`;

/** `+2.3 %`; nothing where it cannot be said. */
export const percent = (value: string | null): string => (value === null ? '' : `${signed(value)} %`);

/** `Calls` */
export const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;

export const groupName = (group: string | null): string => group ?? 'no group';

/** `industry = fintech; routeGroupShare = payments 0.6484, search 0.2986`: what a rule read, to be read by a person. */
export const factWords = (facts: Readonly<Record<string, unknown>>): string =>
  Object.entries(facts)
    .map(([fact, value]) => `${fact} = ${valueWords(value)}`)
    .join('; ');
