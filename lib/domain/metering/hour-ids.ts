import type { EpochMs } from '../time/time.ts';
import { type AccessLine, UNSET } from './access-line.ts';
import { compareBytes, copyOf, viewOf } from './bytes.ts';
import type { Caller, Callers, Shape, Shapes } from './interned.ts';

/** A line as the table keeps it. Bytes are borrowed: valid until the next line is read. */
export interface IdentifiedLine {
  bytes: Uint8Array;
  /** Where the line stands in `bytes`, without its newline. */
  start: number;
  end: number;
  idView: DataView;
  idStart: number;
  idEnd: number;
  /** `hashBytes` of the id. */
  idHash: number;
  epochMs: EpochMs;
  caller: number;
  shape: number;
  responseBytes: number;
  latencyMs: number;
  /** The line, when its bytes do not follow from its values (other key order, escapes, numbers beyond 9 digits). */
  odd: AccessLine | null;
}

const STRIDE = 8;
const [HASH, ID_START, ID_LENGTH, MS, CALLER, SHAPE, BYTES, LATENCY] = [0, 1, 2, 3, 4, 5, 6, 7];
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The lines of one hour by id, one kept for each: the first in (epochMs, line bytes) order, in whatever order they come.
 * Keeps numbers (32 bytes a line) and the id; a line's bytes are written out again from those where two compete.
 */
export class HourIds {
  size = 0;
  readonly #hourStart: EpochMs;
  readonly #callers: Callers;
  readonly #shapes: Shapes;
  #slots = new Int32Array(64);
  #columns = new Int32Array(32 * STRIDE);
  #ids = new Uint8Array(1024);
  #idsEnd = 0;
  readonly #odd = new Map<number, { line: AccessLine; bytes: Uint8Array }>();

  constructor(hourStart: EpochMs, callers: Callers, shapes: Shapes) {
    this.#hourStart = hourStart;
    this.#callers = callers;
    this.#shapes = shapes;
  }

  /** True when the id is new in this hour; false for a duplicate, whichever of the two is kept. */
  add(line: IdentifiedLine): boolean {
    const hash = line.idHash;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = (this.#slots[slot] as number) - 1;
      if (entry < 0) break;
      if (this.#columns[entry * STRIDE + HASH] === hash && this.#hasId(entry, line)) {
        if (this.#comesFirst(line, entry)) this.#put(entry, line);
        return false;
      }
      slot = (slot + 1) & mask;
    }
    const entry = this.#append(line, hash);
    this.#slots[slot] = entry + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return true;
  }

  caller(entry: number): number {
    return this.#columns[entry * STRIDE + CALLER] as number;
  }
  shape(entry: number): number {
    return this.#columns[entry * STRIDE + SHAPE] as number;
  }

  /** The kept line with its values. */
  line(entry: number): AccessLine {
    const at = entry * STRIDE;
    const columns = this.#columns;
    const idStart = columns[at + ID_START] as number;
    const values = {
      idView: viewOf(this.#ids),
      idStart,
      idEnd: idStart + (columns[at + ID_LENGTH] as number),
      epochMs: this.#hourStart + (columns[at + MS] as number),
      caller: columns[at + CALLER] as number,
      shape: columns[at + SHAPE] as number,
      responseBytes: columns[at + BYTES] as number,
      latencyMs: columns[at + LATENCY] as number,
      odd: this.#odd.get(entry)?.line ?? null,
    };
    return accessLineOf(values, this.#callers, this.#shapes);
  }

  #hasId(entry: number, { idView, idStart, idEnd }: IdentifiedLine): boolean {
    const at = entry * STRIDE;
    const columns = this.#columns;
    const length = idEnd - idStart;
    if (columns[at + ID_LENGTH] !== length) return false;
    const start = columns[at + ID_START] as number;
    for (let i = 0; i < length; i++) if (this.#ids[start + i] !== idView.getUint8(idStart + i)) return false;
    return true;
  }

  #comesFirst(line: IdentifiedLine, entry: number): boolean {
    const at = entry * STRIDE;
    const columns = this.#columns;
    const ms = line.epochMs - this.#hourStart;
    if (ms !== columns[at + MS]) return ms < (columns[at + MS] as number);
    const odd = this.#odd.get(entry);
    const alike =
      columns[at + CALLER] === line.caller &&
      columns[at + SHAPE] === line.shape &&
      columns[at + BYTES] === line.responseBytes &&
      columns[at + LATENCY] === line.latencyMs;
    if (alike && !odd && !line.odd) return false;
    const kept = odd ? odd.bytes : encoder.encode(writeAccessLine(this.line(entry)));
    return compareBytes(line.bytes.subarray(line.start, line.end), kept) < 0;
  }

  #append(line: IdentifiedLine, hash: number): number {
    const entry = this.size++;
    if ((entry + 1) * STRIDE > this.#columns.length) this.#columns = doubled(this.#columns, this.#columns.length * 2);
    const length = line.idEnd - line.idStart;
    while (this.#idsEnd + length > this.#ids.length) this.#ids = doubled(this.#ids, this.#ids.length * 2);
    const ids = this.#ids;
    let to = this.#idsEnd;
    for (let i = line.idStart; i < line.idEnd; i++) ids[to++] = line.idView.getUint8(i);
    const at = entry * STRIDE;
    this.#columns[at + HASH] = hash;
    this.#columns[at + ID_START] = this.#idsEnd;
    this.#columns[at + ID_LENGTH] = length;
    this.#idsEnd = to;
    this.#put(entry, line);
    return entry;
  }

  #put(entry: number, line: IdentifiedLine): void {
    const at = entry * STRIDE;
    const columns = this.#columns;
    columns[at + MS] = line.epochMs - this.#hourStart;
    columns[at + CALLER] = line.caller;
    columns[at + SHAPE] = line.shape;
    columns[at + BYTES] = line.responseBytes;
    columns[at + LATENCY] = line.latencyMs;
    if (line.odd) this.#odd.set(entry, { line: line.odd, bytes: copyOf(line.bytes.subarray(line.start, line.end)) });
    else if (this.#odd.size > 0) this.#odd.delete(entry);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.size; entry++) {
      let slot = (this.#columns[entry * STRIDE + HASH] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}

function doubled<T extends Int32Array | Uint8Array>(from: T, length: number): T {
  const larger = new (from.constructor as new (length: number) => T)(length);
  larger.set(from);
  return larger;
}

/** The values of a line that the scanner read. */
export function accessLineOf(
  line: Omit<IdentifiedLine, 'bytes' | 'start' | 'end' | 'idHash'>,
  callers: Callers,
  shapes: Shapes,
): AccessLine {
  if (line.odd) return line.odd;
  const { method, resourcePath, status } = shapes.all[line.shape] as Shape;
  const { name, rateCard, client } = callers.all[line.caller] as Caller;
  const { epochMs, responseBytes, latencyMs } = line;
  return {
    id: decoder.decode(
      new Uint8Array(line.idView.buffer, line.idView.byteOffset + line.idStart, line.idEnd - line.idStart),
    ),
    epochMs,
    customerId: name,
    rateCard,
    client,
    method,
    resourcePath,
    status,
    responseBytes,
    latencyMs,
  };
}

/** The canonical form of a line, as the stage writes it. */
export function writeAccessLine(line: AccessLine): string {
  const number = (value: number) => (value < 0 ? UNSET : String(value));
  return JSON.stringify({
    id: line.id,
    epochMs: String(line.epochMs),
    customerId: line.customerId,
    rateCard: line.rateCard,
    client: line.client,
    method: line.method,
    resourcePath: line.resourcePath,
    status: line.status === 0 ? UNSET : String(line.status),
    responseBytes: number(line.responseBytes),
    latencyMs: number(line.latencyMs),
  });
}
