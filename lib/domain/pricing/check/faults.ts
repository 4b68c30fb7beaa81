import { distance } from 'fastest-levenshtein';
import { InputError } from '../../input-error.ts';

/** One thing that is wrong with a file, and where. */
export interface Fault {
  /** JSON pointer (RFC 6901), `''` for the whole. */
  readonly pointer: string;
  /** Stable, kebab-case. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export type Json = Record<string, unknown>;

/** A value and where it stands; checks report into one list, so that a reader sees all faults at once. */
export class Place {
  readonly value: unknown;
  readonly pointer: string;
  readonly faults: Fault[];

  constructor(value: unknown, pointer: string, faults: Fault[]) {
    this.value = value;
    this.pointer = pointer;
    this.faults = faults;
  }

  fault(code: string, message: string, hint?: string): void {
    this.faults.push({ pointer: this.pointer, code, message, ...(hint === undefined ? {} : { hint }) });
  }

  /** The value under a key or index. */
  at(key: string | number): Place {
    const inside = (this.value as Record<string | number, unknown>)[key];
    return new Place(inside, `${this.pointer}/${escapePointer(String(key))}`, this.faults);
  }

  has(key: string): boolean {
    return isObject(this.value) && Object.hasOwn(this.value, key);
  }

  /** Runs a check on an optional key. */
  optional(key: string, check: (place: Place) => void): void {
    if (this.has(key)) check(this.at(key));
  }
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One segment of a JSON pointer. */
export const escapePointer = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1');

/** What was found, short enough for one line. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The known word that was probably meant, when one is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (word.startsWith(candidate) || (word.length > 2 && candidate.startsWith(word))) return candidate;
    const away = distance(word.toLowerCase(), candidate.toLowerCase());
    if (away < least) [best, least] = [candidate, away];
  }
  return best;
}

/** An object with these keys and no other. @returns whether it is an object at all, so that its keys can be looked at */
export function checkKeys(place: Place, required: readonly string[], optional: readonly string[]): boolean {
  const { value } = place;
  if (!isObject(value)) {
    place.fault('not-an-object', `${shown(value)} is not a JSON object`);
    return false;
  }
  const known = [...required, ...optional];
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant ? `did you mean ${JSON.stringify(meant)}?` : `known keys: ${known.join(', ')}`;
    place.at(key).fault('unknown-key', `unknown key ${JSON.stringify(key)}`, hint);
  }
  for (const key of required) {
    if (!Object.hasOwn(value, key)) place.fault('missing-key', `${JSON.stringify(key)} is missing`);
  }
  return true;
}

/** A list, each item by `check`. @returns the length, 0 for what is no list */
export function checkList(place: Place, check: (item: Place, index: number) => void): number {
  const { value } = place;
  if (!Array.isArray(value)) {
    place.fault('not-a-list', `${shown(value)} is not a list`);
    return 0;
  }
  for (let i = 0; i < value.length; i++) check(place.at(i), i);
  return value.length;
}

/** Text that says something. @returns it, or undefined after a fault */
export function checkText(place: Place): string | undefined {
  const { value } = place;
  if (typeof value !== 'string') {
    place.fault('not-a-string', `${shown(value)} is not a string`);
    return undefined;
  }
  if (value.trim() === '') {
    place.fault('empty', 'this must not be empty');
    return undefined;
  }
  return value;
}

/** One of a few words. */
export function checkWord(place: Place, words: readonly string[]): void {
  const { value } = place;
  if (typeof value === 'string' && words.includes(value)) return;
  const meant = typeof value === 'string' ? nearest(value, words) : undefined;
  place.fault(
    'unknown-value',
    `${shown(value)} is not one of ${words.map((word) => JSON.stringify(word)).join(', ')}`,
    meant && `did you mean ${JSON.stringify(meant)}?`,
  );
}

/** Notes an id and reports when it was there before. */
export function checkUnique(place: Place, id: string, seen: Set<string>, what: string): void {
  if (seen.has(id)) place.fault('duplicate-id', `${what} ${JSON.stringify(id)} stands twice`);
  seen.add(id);
}

/**
 * Stops at the first fault, naming how many more there are.
 * @throws InputError whose path is `<file> <pointer>`, or the pointer alone
 */
export function throwFirst(faults: readonly Fault[], file?: string): void {
  const [first] = faults;
  if (!first) return;
  const more = faults.length > 1 ? `; ${faults.length - 1} more ${faults.length > 2 ? 'faults' : 'fault'}` : '';
  throw new InputError({
    code: first.code,
    message: `${first.message}${more}`,
    path: [file, first.pointer].filter((part) => part).join(' '),
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}
