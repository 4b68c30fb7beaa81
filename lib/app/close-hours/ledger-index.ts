import { addHours, DAY_MS, type EpochMs, formatDate, type Hour } from '../../domain/time/time.ts';
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

/** What the ledger holds, by arrival. Lists each day once: an index is made for one run and thrown away. */
export interface LedgerIndex {
  /** Objects whose arrival prefix is one of these hours, both included, in (kind, key, version) order. */
  arrived(from: Hour, to: Hour): Promise<IndexedObject[]>;
}

/** Raised when what an entry means changes: older files are then made anew. */
const FORMAT = 1;
const EXAMINED_AT_ONCE = 2;
const DAYS_AT_ONCE = 8;
/** A listing answers a thousand keys a call: a week of a quiet ledger is one call, and those of a busy one run side by side. */
const DAYS_LISTED_TOGETHER = 7;

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
  const known = new Map<string, readonly IndexedObject[]>();
  return {
    async arrived(from, to) {
      const days = daysOf(from, to);
      const unlisted = LEDGER_KINDS.flatMap((kind) =>
        chunksOf(days.filter((day) => !known.has(dayPrefix(kind, day)))).map((chunk) => ({ kind, days: chunk })),
      );
      const listed = await inParallel(unlisted, DAYS_AT_ONCE, (chunk) => listDays(ports, chunk));
      const indexed = await inParallel(listed.flat(), DAYS_AT_ONCE, async (day) => ({
        prefix: dayPrefix(day.kind, day.day),
        objects: await indexedDay(ports, day),
      }));
      for (const { prefix, objects } of indexed) known.set(prefix, objects);
      const found = LEDGER_KINDS.flatMap((kind) => days.flatMap((day) => known.get(dayPrefix(kind, day)) ?? []));
      return found.filter(({ object: { arrival } }) => arrival >= from && arrival <= to);
    },
  };
}

interface Day {
  readonly kind: LedgerKind;
  readonly day: EpochMs;
  readonly objects: readonly LedgerObject[];
}

function chunksOf(days: readonly EpochMs[]): EpochMs[][] {
  const chunks: EpochMs[][] = [];
  for (let at = 0; at < days.length; at += DAYS_LISTED_TOGETHER) chunks.push(days.slice(at, at + DAYS_LISTED_TOGETHER));
  return chunks;
}

/** The ledger objects of some days, oldest day first, by one listing from the first to the last. */
async function listDays(
  { ledger }: ExaminePorts,
  { kind, days }: { readonly kind: LedgerKind; readonly days: readonly EpochMs[] },
): Promise<Day[]> {
  const [first = 0, last = 0] = [days[0], days.at(-1)];
  const range = { after: dayPrefix(kind, first), before: dayPrefix(kind, last + DAY_MS) };
  const objects = (await ledger.list(`${kind}/`, range)).flatMap((stored) => ledgerObjectOf(stored) ?? []);
  return days.map((day) => {
    const prefix = dayPrefix(kind, day);
    return { kind, day, objects: objects.filter(({ key }) => key.startsWith(prefix)) };
  });
}

async function indexedDay(ports: ExaminePorts, { kind, day, objects }: Day): Promise<IndexedObject[]> {
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
