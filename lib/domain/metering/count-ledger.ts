import { type EpochMs, type Hour, MINUTE_MS } from '../time/time.ts';
import type { CompiledMeters } from './compile-meters.ts';
import { type UsageCount, UsageCounter } from './counter.ts';

/** How far a line or an event may be ahead of the clock before it is held to be from the future. */
export const AHEAD_MS_MAX = 5 * MINUTE_MS;

/** One object of the ledger, already unpacked. */
export interface LedgerObject {
  readonly name: string;
  /** Lines of the access log, or accepted usage events. */
  readonly content: 'accessLog' | 'events';
  readonly bytes: Uint8Array;
  /** Why the bytes end before their end (a cut gzip): one malformed line of this reason. */
  readonly fault?: string | null;
}

/**
 * Counts one object alone: the provisional numbers. Duplicates are looked for inside the object only.
 * @param now where given, lines more than 5 minutes ahead of it are malformed, `from the future`
 */
export function countObject(
  { meters, now }: { readonly meters: CompiledMeters; readonly now?: EpochMs },
  object: LedgerObject,
): UsageCount {
  const counter = new UsageCounter({ meters, ...(now === undefined ? {} : { latest: now + AHEAD_MS_MAX }) });
  read(object, counter);
  return counter.finish();
}

/**
 * Derives the billed counts of one hour from all objects that may hold lines of it: the same answer for the same objects
 * in any order, each once or many times. Lines of other hours are left out, and so are lines that name no hour: those
 * were quarantined when their object was counted. Holds one object and the ids of the one hour.
 */
export async function countHour(
  { hour, meters }: { readonly hour: Hour; readonly meters: CompiledMeters },
  objects: AsyncIterable<LedgerObject> | Iterable<LedgerObject>,
): Promise<UsageCount> {
  const counter = new UsageCounter({ meters, hour });
  for await (const object of objects) read(object, counter);
  return counter.finish();
}

function read({ name, content, bytes, fault = null }: LedgerObject, counter: UsageCounter): void {
  const sink = content === 'events' ? counter.events(name) : counter.accessLog(name);
  sink.write(bytes);
  sink.end(fault);
}
