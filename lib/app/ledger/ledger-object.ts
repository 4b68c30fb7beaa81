import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { assert } from '../../domain/assert.ts';
import { DAY_MS, type EpochMs, formatDate, type Hour, hourStart, parseHour } from '../../domain/time/time.ts';
import { sha256 } from '../canonical-json.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';

/** What an object's lines are: access log lines or accepted usage events. */
export type LedgerKind = 'usage' | 'events';
export const LEDGER_KINDS: readonly LedgerKind[] = ['usage', 'events'];

/** A ledger object as its key tells it. */
export interface LedgerObject extends StoredObject {
  readonly kind: LedgerKind;
  /** The hour of its arrival prefix, by Firehose's clock: when the oldest of its lines came in. */
  readonly arrival: Hour;
}

/** Firehose's buffers take at most 128 MiB; what expands further was not written by it. */
const EXPANDED_BYTES_MAX = 512 * 1024 * 1024;
const KEY = /^(usage|events)\/(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\/./;

/** The object as part of the ledger; undefined for keys outside it (`failed/…`). */
export function ledgerObjectOf(stored: StoredObject): LedgerObject | undefined {
  const [, kind, year, month, day, hour] = KEY.exec(stored.key) ?? [];
  if (kind === undefined) return undefined;
  const arrival = parseHour(`${year}-${month}-${day}T${hour}:00:00Z`);
  return { ...stored, kind: kind as LedgerKind, arrival };
}

/** `usage/2026/01/15/`: a day is listed at once, since most listings need more than one of its hours. */
export const dayPrefix = (kind: LedgerKind, day: EpochMs): string => `${kind}/${formatDate(day).replaceAll('-', '/')}/`;

/** Start of every UTC day touched by the hours `from` to `to`, both included. */
export function daysOf(from: Hour, to: Hour): EpochMs[] {
  const first = Math.floor(hourStart(from) / DAY_MS);
  const last = Math.floor(hourStart(to) / DAY_MS);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * DAY_MS);
}

/** 8 bytes, base64url, that name one version of an object in the sources of a provisional item: short, so that an hour's fit. */
export const sourceOf = ({ key, version }: Pick<StoredObject, 'key' | 'version'>, part: number): string =>
  createHash('sha256').update(`${key}\0${version}\0${part}`).digest().subarray(0, 8).toString('base64url');

/** Names the quarantine record of one version of an object. */
export const objectHash = ({ key, version }: Pick<StoredObject, 'key' | 'version'>): string =>
  sha256(`${key}\0${version}`).slice(0, 32);

export type Content = { readonly bytes: Uint8Array } | { readonly unreadable: string };

/**
 * The lines of an object, uncompressed. An object arrives whole or not at all and never changes, so one that cannot be
 * decompressed now never can: it is unreadable for good, with a reason that does not depend on who reads it or when.
 * None of its lines count, not even those before the damage: a repaired copy, put into the ledger again, counts whole.
 *
 * @throws whatever the store throws (a fault that may pass), and InvariantError when a listed version is gone
 */
export async function readContent(
  ledger: ObjectStore,
  object: Pick<StoredObject, 'key' | 'version'>,
): Promise<Content> {
  const stored = await ledger.get(object.key, object.version);
  assert(stored !== undefined, `ledger object ${object.key} (${object.version}) exists: the ledger only grows`);
  if (stored.length === 0) return { unreadable: 'empty object' };
  // Firehose compresses; a replay tool may put plain lines, and no line of JSON begins with gzip's magic number.
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return { bytes: stored };
  try {
    return { bytes: gunzipSync(stored, { maxOutputLength: EXPANDED_BYTES_MAX }) };
  } catch (fault) {
    return { unreadable: gzipFault(fault) };
  }
}

function gzipFault(fault: unknown): string {
  const code = (fault as { code?: unknown }).code;
  if (code === 'Z_BUF_ERROR') return 'gzip is cut short';
  if (code === 'ERR_BUFFER_TOO_LARGE') return `gzip expands beyond ${EXPANDED_BYTES_MAX} bytes`;
  if (typeof code === 'string' && code.startsWith('Z_')) return 'gzip is damaged';
  throw fault;
}
