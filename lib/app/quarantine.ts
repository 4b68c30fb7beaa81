import { type EpochMs, formatDate } from '../domain/time/time.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ObjectStore } from './ports/object-store.ts';

/** What could not be processed and where it came from. Nothing is dropped: the ledger or this record keeps its content. */
export interface QuarantineRecord {
  /** Ledger object, or `POST /events`. */
  readonly from: string;
  readonly version: string | null;
  /** Why nothing of it could be read; null when only the entries below are at fault. */
  readonly reason: string | null;
  readonly entries: readonly QuarantinedEntry[];
  /** Further entries that are not shown here; all stand in the ledger object. */
  readonly omitted: number;
}

export interface QuarantinedEntry {
  /** Line of the object or event of the batch, from 1. */
  readonly line: number;
  readonly reason: string;
  /** The content, shortened where `from` still has all of it. */
  readonly text: string;
}

/**
 * Writes a record once, under a name that follows from its origin: a second reader of the same origin writes nothing
 * and counts nothing.
 */
export async function quarantine(
  records: ObjectStore,
  day: EpochMs,
  name: string,
  record: QuarantineRecord,
): Promise<'written' | 'exists'> {
  const key = `quarantine/${formatDate(day)}/${name}.json`;
  return records.putOnce(key, Buffer.from(canonicalJson(record), 'utf8'));
}
