import { assert } from '../../domain/assert.ts';
import { formatHour, type Hour } from '../../domain/time/time.ts';
import { canonicalJson, sha256 } from '../canonical-json.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';

/** What a close or an adjustment counts: exactly these objects, by this ruleset. Written once, then only read. */
export interface InputList {
  /** `2026-01-15T10:00:00Z` */
  readonly hour: string;
  readonly adjustment: number;
  /** Hash of the ruleset record in force in the hour; every adjustment keeps it. */
  readonly ruleset: string;
  /** All objects with lines of the hour, those of earlier lists included, in (key, version) order. */
  readonly objects: readonly StoredObject[];
  /** Objects that arrived in the hour and could not be read: in quarantine, counted nowhere. */
  readonly unreadable: readonly { readonly key: string; readonly version: string; readonly reason: string }[];
}

export interface WrittenList {
  readonly list: InputList;
  readonly key: string;
  /** SHA-256, hex, of its bytes. */
  readonly digest: string;
}

/** `hours/2026-01-15T10/0/` */
export const hourFolder = (hour: Hour, adjustment: number): string =>
  `hours/${formatHour(hour).slice(0, 13)}/${adjustment}/`;

/**
 * Writes the list, or finds the one that is there already: whoever comes second works from the first one's list, even
 * when more objects have landed since.
 */
export async function writeOnce(records: ObjectStore, hour: Hour, list: InputList): Promise<WrittenList> {
  const key = `${hourFolder(hour, list.adjustment)}inputs.json`;
  const bytes = Buffer.from(canonicalJson(list), 'utf8');
  if ((await records.putOnce(key, bytes)) === 'written') return { list, key, digest: sha256(bytes) };
  return readList(records, hour, list.adjustment);
}

export async function readList(records: ObjectStore, hour: Hour, adjustment: number): Promise<WrittenList> {
  const key = `${hourFolder(hour, adjustment)}inputs.json`;
  const bytes = await records.get(key);
  assert(bytes !== undefined, `${key} exists: it is written before anything that refers to it`);
  const list = JSON.parse(Buffer.from(bytes).toString('utf8')) as InputList;
  assert(list.hour === formatHour(hour) && list.adjustment === adjustment, `${key} is the list of its own hour`);
  return { list, key, digest: sha256(bytes) };
}

/** Objects as a list names them: nothing but what names and describes them, in (key, version) order. */
export function listed(objects: readonly StoredObject[]): StoredObject[] {
  const names = objects.map(({ key, version, etag, size }) => ({ key, version, etag, size }));
  return names.sort((a, b) => byCodeUnits(a.key, b.key) || byCodeUnits(a.version, b.version));
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Names a set of objects: two sets are equal when their digests are. */
export function objectsDigest(objects: readonly Pick<StoredObject, 'key' | 'version'>[]): string {
  const names = objects.map(({ key, version }) => `${key}\n${version}\n`);
  return sha256(names.sort().join(''));
}
