import type { Unreadable } from '../../domain/metering/access-line.ts';
import {
  type CompiledMeter,
  type CompiledMeters,
  compileMeters,
  DEFAULT_METERS,
} from '../../domain/metering/compile-meters.ts';
import type { UsageEvent } from '../../domain/metering/event-line.ts';
import type { IdentifiedLine } from '../../domain/metering/hour-ids.ts';
import { asLogged, Callers, Shapes } from '../../domain/metering/interned.ts';
import { LineScanner } from '../../domain/metering/line-scanner.ts';
import { type LineReader, splitLines } from '../../domain/metering/line-splitter.ts';
import { AccessLogReader, EventLogReader, type Lines } from '../../domain/metering/log-readers.ts';
import { addHours, type EpochMs, formatTimestamp, type Hour, hourOf, hourStart } from '../../domain/time/time.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type QuarantinedEntry, type QuarantineRecord, quarantine } from '../quarantine.ts';
import type { Log, Metrics } from '../runtime.ts';
import { type LedgerObject, objectHash, readContent } from './ledger-object.ts';

/** Enough to see what is wrong; the ledger object has them all. */
const ENTRIES_KEPT = 1_000;
const TEXT_BYTES_MAX = 1_000;
const NEWLINE = 10;

/** What an object holds, whoever reads it and whenever: it follows from the object alone. */
export interface Examination {
  /** Hours that its lines name, in order. */
  readonly hours: readonly Hour[];
  /** Lines that no hour can count: they cannot be read, or lie ahead of their arrival. */
  readonly malformed: number;
  /** Why none of its lines can be read; null when they can. */
  readonly unreadable: string | null;
}

export interface ExaminePorts {
  readonly ledger: ObjectStore;
  readonly records: ObjectStore;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Reads an object for the hours in it, and quarantines what no hour can count. The record's name and content follow from
 * the object, so that counting and closing, whichever comes first, leave the same one and it is reported once.
 */
export async function examineObject(
  ports: ExaminePorts,
  object: LedgerObject,
): Promise<Examination & { readonly bytes: Uint8Array | null }> {
  const content = await readContent(ports.ledger, object);
  if ('unreadable' in content) {
    const { unreadable } = content;
    await setAside(ports, object, { reason: unreadable, entries: [], omitted: 0 });
    return { hours: [], malformed: 0, unreadable, bytes: null };
  }
  const seen = new HoursSeen(lastInstantOf(object));
  const sink = splitLines(readerOf(object, seen));
  sink.write(content.bytes);
  sink.end();
  const malformed = seen.malformedLines;
  if (malformed > 0) {
    const entries = withTexts(content.bytes, seen.faults);
    await setAside(ports, object, { reason: null, entries, omitted: malformed - entries.length });
  }
  return { hours: [...seen.hours].sort((a, b) => a - b), malformed, unreadable: null, bytes: content.bytes };
}

function readerOf({ kind, key }: LedgerObject, seen: HoursSeen): LineReader {
  if (kind === 'events') return new EventLogReader(key, seen, ANY_METER);
  const callers = new Callers(asLogged);
  const shapes = new Shapes(ANY_METER);
  return new AccessLogReader(key, seen, callers, shapes, new LineScanner(callers, shapes));
}

/**
 * A call is logged when it has ended, so no line names an hour after its arrival; one hour more allows for clocks that
 * differ. A line beyond that is from the future: no close would look for it here.
 */
export const lastInstantOf = ({ arrival }: Pick<LedgerObject, 'arrival'>): EpochMs =>
  hourStart(addHours(arrival, 2)) - 1;

async function setAside(
  { records, log, metrics }: ExaminePorts,
  object: LedgerObject,
  found: Pick<QuarantineRecord, 'reason' | 'entries' | 'omitted'>,
): Promise<void> {
  const { key, version, arrival } = object;
  const record = { from: key, version, ...found };
  const outcome = await quarantine(records, hourStart(arrival), objectHash(object), record);
  if (outcome === 'exists') return;
  // How many lines an unreadable object has cannot be known; it counts as one, so that whoever watches lines hears of it.
  const lines = found.reason === null ? found.entries.length + found.omitted : 1;
  metrics.count('QuarantinedLines', lines);
  if (found.reason !== null) metrics.count('QuarantinedObjects', 1);
  log.warn('quarantined from the ledger', { key, version, lines, reason: found.reason ?? found.entries[0]?.reason });
}

/** Which hours the lines name, and the lines that cannot be counted in any. */
class HoursSeen implements Lines {
  readonly hours = new Set<Hour>();
  readonly faults: { readonly line: number; readonly reason: string }[] = [];
  malformedLines = 0;
  readonly #latest: EpochMs;

  constructor(latest: EpochMs) {
    this.#latest = latest;
  }

  identified({ epochMs }: IdentifiedLine, file: string, number: number): void {
    this.#seen(epochMs, file, number);
  }

  event({ ms }: UsageEvent, _bytes: Uint8Array, file: string, number: number): void {
    this.#seen(ms, file, number);
  }

  malformed(_file: string, line: number, { reason }: Unreadable): void {
    this.malformedLines++;
    if (this.faults.length < ENTRIES_KEPT) this.faults.push({ line, reason });
  }

  #seen(ms: EpochMs, file: string, line: number): void {
    if (ms <= this.#latest) this.hours.add(hourOf(ms));
    else this.malformed(file, line, { reason: `from the future: ${formatTimestamp(ms)}` });
  }
}

/** Meters that take an event whatever meter it names: which meters there are is a question for the event's hour. */
const ANY_METER: CompiledMeters = {
  ...compileMeters(DEFAULT_METERS),
  events: new (class extends Map<string, CompiledMeter> {
    readonly #counting: CompiledMeter = {
      index: 0,
      definition: { id: 'any', unit: 'event', source: 'event', aggregation: 'count' },
      counts: () => true,
      takesAny: true,
    };
    override get(): CompiledMeter {
      return this.#counting;
    }
  })(),
};

function withTexts(bytes: Uint8Array, faults: HoursSeen['faults']): QuarantinedEntry[] {
  const decoder = new TextDecoder();
  let [line, start] = [1, 0];
  return faults.map((fault) => {
    for (; line < fault.line; line++) start = bytes.indexOf(NEWLINE, start) + 1;
    const newline = bytes.indexOf(NEWLINE, start);
    const end = Math.min(newline < 0 ? bytes.length : newline, start + TEXT_BYTES_MAX);
    return { ...fault, text: decoder.decode(bytes.subarray(start, end)) };
  });
}
