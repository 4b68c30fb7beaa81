import { addHours, type EpochMs, formatDate, type Hour } from '../../domain/time/time.ts';
import { canonicalJson } from '../canonical-json.ts';
import { inParallel } from '../in-parallel.ts';
import { type ExaminePorts, examineObject } from '../ledger/examine-object.ts';
import {
  dayPrefix,
  daysOf,
  LEDGER_KINDS,
  type LedgerKind,
  type LedgerObject,
  ledgerObjectOf,
} from '../ledger/ledger-object.ts';

/** A ledger object and the hours that its lines name. */
export interface IndexedObject {
  readonly object: LedgerObject;
  readonly hours: readonly Hour[];
  readonly unreadable: string | null;
}

/** What the ledger holds, by arrival. Lists each day at most once: an index is made for one run and thrown away. */
export interface LedgerIndex {
  /** Objects whose arrival prefix is one of these hours, both included, in (kind, key, version) order. */
  arrived(from: Hour, to: Hour): Promise<IndexedObject[]>;
}

/** Raised when what an entry means changes: older files are then made anew. */
const FORMAT = 1;
const EXAMINED_AT_ONCE = 2;
const DAYS_AT_ONCE = 8;

interface Entry {
  readonly key: string;
  readonly version: string;
  readonly hours: readonly Hour[];
  readonly unreadable: string | null;
}

/**
 * Objects are found by listing, never by notifications. Which hours an object holds follows from its bytes, which never
 * change, so that is remembered in `index/<kind>/<day>.json`: a day's objects are read once and not at each of the
 * closes that come after. The file is a cache: lost, outdated or overwritten by another run it costs reads, not truth.
 */
export function ledgerIndex(ports: ExaminePorts): LedgerIndex {
  const days = new Map<string, Promise<IndexedObject[]>>();
  const dayOf = (kind: LedgerKind, day: EpochMs) => {
    const prefix = dayPrefix(kind, day);
    const known = days.get(prefix) ?? indexedDay(ports, kind, day);
    days.set(prefix, known);
    return known;
  };
  return {
    async arrived(from, to) {
      const wanted = LEDGER_KINDS.flatMap((kind) => daysOf(from, to).map((day) => ({ kind, day })));
      const found = await inParallel(wanted, DAYS_AT_ONCE, ({ kind, day }) => dayOf(kind, day));
      return found.flat().filter(({ object: { arrival } }) => arrival >= from && arrival <= to);
    },
  };
}

async function indexedDay(ports: ExaminePorts, kind: LedgerKind, day: EpochMs): Promise<IndexedObject[]> {
  const listed = await ports.ledger.list(dayPrefix(kind, day));
  const objects = listed.flatMap((stored) => ledgerObjectOf(stored) ?? []);
  const key = `index/${kind}/${formatDate(day)}.json`;
  const known = objects.length === 0 ? new Map<string, Entry>() : parseIndex(await ports.records.get(key));
  const unknown = objects.filter((object) => !known.has(nameOf(object)));
  const examined = await inParallel(unknown, EXAMINED_AT_ONCE, async (object): Promise<Entry> => {
    const { hours, unreadable } = await examineObject(ports, object);
    return { key: object.key, version: object.version, hours, unreadable };
  });
  for (const entry of examined) known.set(nameOf(entry), entry);
  const indexed = objects.flatMap((object) => {
    const entry = known.get(nameOf(object));
    return entry === undefined ? [] : [{ object, hours: entry.hours, unreadable: entry.unreadable }];
  });
  if (examined.length > 0) {
    const entries = objects.flatMap((object) => known.get(nameOf(object)) ?? []);
    await ports.records.put(key, Buffer.from(canonicalJson({ format: FORMAT, entries }), 'utf8'));
  }
  return indexed;
}

const nameOf = ({ key, version }: { key: string; version: string }): string => `${key}\0${version}`;

function parseIndex(bytes: Uint8Array | undefined): Map<string, Entry> {
  if (bytes === undefined) return new Map();
  const { format, entries } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { format: number; entries: Entry[] };
  return new Map(format === FORMAT ? entries.map((entry) => [nameOf(entry), entry]) : []);
}

/** Objects of an hour's close: those that arrived from one hour before it to its watermark. */
export const arrivalsOf = (index: LedgerIndex, hour: Hour, watermarkHours: number): Promise<IndexedObject[]> =>
  index.arrived(addHours(hour, -1), addHours(hour, watermarkHours));
