import { InputError } from '../../domain/input-error.ts';
import { readAccessLine } from '../../domain/metering/access-line.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import { formatHour, type Hour, hourOf, parseTimestamp } from '../../domain/time/time.ts';
import type { BundlePart } from '../../domain/verification/bundle.ts';
import { linesName } from '../../domain/verification/bundle-contents.ts';
import { sha256 } from '../canonical-json.ts';
import { readList } from '../close-hours/input-list.ts';
import { type LedgerKind, ledgerObjectOf, readContent } from '../ledger/ledger-object.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';

const NEWLINE = 10;
const BACKSLASH = 92;

export interface LedgerPorts {
  readonly ledger: Pick<ObjectStore, 'get'>;
  readonly records: ObjectStore;
  /** Where somebody waits for the answer: what may be read and kept at most. @default as much as there is */
  readonly bounds?: {
    /** Of ledger objects, as they are stored. */
    readonly ledgerBytesMax: number;
    /** Of the customer's own lines. */
    readonly ownBytesMax: number;
  };
}

/** An object, and the hours for which it is wanted, each with the first close or adjustment that counts it. */
interface WantedObject {
  readonly stored: StoredObject;
  readonly since: Map<Hour, number>;
}

/** A customer's lines of some hours, byte for byte, by the ledger objects that hold them. */
export interface OwnLines {
  readonly hour: Hour;
  readonly kind: LedgerKind;
  readonly object: string;
  readonly objectSha256: string;
  readonly since: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads every ledger object that was counted for the hours of these rows, one after the other, and keeps the customer's own
 * lines. Memory holds those, and one object.
 *
 * @throws InputError `too-large` beyond the bounds, before anything is read where the objects' sizes say so
 */
export async function* ownLines(
  customer: string,
  rows: readonly ClosedHour[],
  ports: LedgerPorts,
): AsyncGenerator<OwnLines> {
  const wanted = await wantedObjects(rows, ports);
  const { ledgerBytesMax, ownBytesMax } = ports.bounds ?? UNBOUNDED;
  if (wanted.reduce((sum, { stored }) => sum + stored.size, 0) > ledgerBytesMax) throw tooLarge();
  let kept = 0;
  for (const { stored, since } of wanted) {
    const object = ledgerObjectOf(stored);
    const content = object && (await readContent(ports.ledger as ObjectStore, object));
    if (!object || !content || 'unreadable' in content) continue;
    const found = linesOf(customer, object.kind, content.bytes, since);
    if (found.size === 0) continue;
    const raw = await ports.ledger.get(stored.key, stored.version);
    for (const [hour, lines] of found) {
      kept += lines.reduce((sum, { length }) => sum + length + 1, 0);
      if (kept > ownBytesMax) throw tooLarge();
      yield {
        ...{ hour, kind: object.kind, object: `${stored.key}@${stored.version}` },
        ...{ objectSha256: sha256(raw ?? new Uint8Array()), since: since.get(hour) ?? 0 },
        ...{ count: lines.length, bytes: joined(lines) },
      };
    }
  }
}

const UNBOUNDED = { ledgerBytesMax: Number.POSITIVE_INFINITY, ownBytesMax: Number.POSITIVE_INFINITY };

const tooLarge = (): InputError =>
  new InputError({
    code: 'too-large',
    message: 'it holds more log lines than can be gathered while you wait: ask us, and we make it by hand',
    hint: 'tollgate export has no such bound',
  });

export const linesPart = ({ hour, kind, object, objectSha256, since, bytes }: OwnLines): BundlePart => {
  const content = { hour: formatHour(hour), kind, object, objectSha256, since };
  return { part: 'lines', name: linesName(content), content, lines: bytes };
};

async function wantedObjects(rows: readonly ClosedHour[], { records }: LedgerPorts): Promise<WantedObject[]> {
  const last = new Map<Hour, number>();
  for (const { hour, adjustment } of rows) last.set(hour, Math.max(last.get(hour) ?? 0, adjustment));
  const wanted = new Map<string, WantedObject>();
  for (const [hour, adjustments] of last) {
    for (let adjustment = 0; adjustment <= adjustments; adjustment++) {
      const { list } = await readList(records, hour, adjustment);
      for (const stored of list.objects) {
        const name = `${stored.key}\0${stored.version}`;
        const known = wanted.get(name) ?? { stored, since: new Map<Hour, number>() };
        wanted.set(name, known);
        if (!known.since.has(hour)) known.since.set(hour, adjustment);
      }
    }
  }
  return [...wanted.values()];
}

function linesOf(
  customer: string,
  kind: LedgerKind,
  bytes: Uint8Array,
  wanted: ReadonlyMap<Hour, unknown>,
): Map<Hour, Uint8Array[]> {
  const found = new Map<Hour, Uint8Array[]>();
  const hourOfOwn = kind === 'events' ? eventHour : callHour;
  for (const line of candidates(customer, bytes)) {
    const hour = hourOfOwn(customer, line);
    if (hour === undefined || !wanted.has(hour)) continue;
    const lines = found.get(hour);
    if (lines) lines.push(line);
    else found.set(hour, [line]);
  }
  return found;
}

/** Lines that hold the customer's id somewhere, or an escape that could stand for it. */
function* candidates(customer: string, bytes: Uint8Array): Generator<Uint8Array> {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [id, backslash] = [content.indexOf(customer), content.indexOf(BACKSLASH)];
  while (id >= 0 || backslash >= 0) {
    const at = id < 0 ? backslash : backslash < 0 ? id : Math.min(id, backslash);
    const start = at === 0 ? 0 : content.lastIndexOf(NEWLINE, at - 1) + 1;
    const newline = content.indexOf(NEWLINE, at);
    const end = newline < 0 ? content.length : newline;
    yield content.subarray(start, end);
    if (id >= 0 && id < end) id = content.indexOf(customer, end);
    if (backslash >= 0 && backslash < end) backslash = content.indexOf(BACKSLASH, end);
  }
}

function callHour(customer: string, line: Uint8Array): Hour | undefined {
  const read = readAccessLine(line);
  return 'reason' in read || read.customerId !== customer ? undefined : hourOf(read.epochMs);
}

function eventHour(customer: string, line: Uint8Array): Hour | undefined {
  try {
    const { subject, time } = JSON.parse(Buffer.from(line).toString('utf8')) as { subject?: unknown; time?: unknown };
    return subject === customer && typeof time === 'string' ? hourOf(parseTimestamp(time)) : undefined;
  } catch {
    return undefined;
  }
}

/** Each with a newline, the last one too. */
function joined(lines: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(lines.reduce((sum, { length }) => sum + length + 1, 0));
  let at = 0;
  for (const line of lines) {
    all.set(line, at);
    at += line.length;
    all[at++] = NEWLINE;
  }
  return all;
}
