import { ByteTable, fixedBytes, stands } from './byte-table.ts';
import { HASH_START, hashWord, viewOf } from './bytes.ts';
import type { IdentifiedLine } from './hour-ids.ts';
import type { Callers, Shapes } from './interned.ts';
import { LINE_BYTES_MAX } from './line-splitter.ts';

const [NEWLINE, QUOTE, DASH, ZERO, BACKSLASH, CLOSE] = [0x0a, 0x22, 0x2d, 0x30, 0x5c, 0x7d];
const [QUOTES, BACKSLASHES, SPACES] = [0x22222222, 0x5c5c5c5c, 0x20202020];
const [ONES, HIGH_BITS] = [0x01010101, 0x80808080 | 0];
const EPOCH_DIGITS = 13;

const ID = viewOf(new TextEncoder().encode('{"id":"'));
const ID_LENGTH = ID.byteLength;
const ID_HEAD = ID.getInt32(0, true);
const ID_TAIL = ID.getInt32(3, true);
const EPOCH_MS = fixedBytes('","epochMs":"');
const CUSTOMER_ID = fixedBytes('","customerId":"');
const RATE_CARD = fixedBytes('","rateCard":"');
const CLIENT = fixedBytes('","client":"');
const METHOD = fixedBytes('","method":"');
const RESOURCE_PATH = fixedBytes('","resourcePath":"');
const STATUS = fixedBytes('","status":"');
const RESPONSE_BYTES = fixedBytes('","responseBytes":"');
const LATENCY_MS = fixedBytes('","latencyMs":"');

type ScannedLine = Omit<IdentifiedLine, 'bytes' | 'idView' | 'odd'>;

/**
 * Reads access log lines just as the stage writes them, checking every byte, and making no object for a line.
 *
 * Two runs of bytes come back again and again: who calls (customer, rate card and client) and what (method, path and
 * status). Each is checked in full when it is first met; after that, bytes equal to those are as good. A line of any
 * other form is left to `readAccessLine`.
 */
export class LineScanner {
  readonly #callers: Callers;
  readonly #shapes: Shapes;
  readonly #callerOf = new ByteTable();
  readonly #shapeOf = new ByteTable();
  /** The first 8 digits of the time before, and what they are worth: they change every 100 seconds. */
  #epochHead = 0;
  #epochHeadMs = 0;
  /** Where the last text or number that was read ends. */
  #end = 0;

  constructor(callers: Callers, shapes: Shapes) {
    this.#callers = callers;
    this.#shapes = shapes;
  }

  /**
   * @param out gets the line's values, all but the references: its `bytes`, their view and `odd` are the caller's to set
   * @returns where the next line begins, or -1 when this line has another form
   */
  scan(view: DataView, start: number, end: number, out: ScannedLine): number {
    if (start + ID_LENGTH > end) return -1;
    if (view.getInt32(start, true) !== ID_HEAD || view.getInt32(start + 3, true) !== ID_TAIL) return -1;
    const idStart = start + ID_LENGTH;
    out.idHash = this.#plain(view, idStart, end);
    const idEnd = this.#end;
    const epochEnd = idEnd + EPOCH_MS.length + EPOCH_DIGITS;
    if (idEnd - idStart < 2 || epochEnd > end || !stands(view, idEnd, end, EPOCH_MS)) return -1;
    const epochMs = this.#epoch(view, idEnd + EPOCH_MS.length);
    const caller = this.#caller(view, epochEnd, end);
    if (epochMs < 0 || caller < 0) return -1;
    const shapeStart = epochEnd + this.#callerOf.length(caller);
    const shape = this.#shape(view, shapeStart, end);
    if (shape < 0) return -1;
    const responseBytes = this.#number(view, shapeStart + this.#shapeOf.length(shape), end);
    if (responseBytes < -1 || !stands(view, this.#end, end, LATENCY_MS)) return -1;
    const latencyMs = this.#number(view, this.#end + LATENCY_MS.length, end);
    const at = this.#end;
    if (latencyMs < -1 || at + 3 > end || at + 2 - start > LINE_BYTES_MAX) return -1;
    if (view.getUint8(at) !== QUOTE || view.getUint8(at + 1) !== CLOSE || view.getUint8(at + 2) !== NEWLINE) return -1;
    out.start = start;
    out.end = at + 2;
    out.idStart = idStart;
    out.idEnd = idEnd;
    out.epochMs = epochMs;
    out.caller = this.#callerOf.number(caller);
    out.shape = this.#shapeOf.number(shape);
    out.responseBytes = responseBytes;
    out.latencyMs = latencyMs;
    return at + 3;
  }

  /** 13 digits, the first not 0; -1 for anything else. */
  #epoch(view: DataView, start: number): number {
    const head = view.getFloat64(start, true);
    if (head !== this.#epochHead) {
      if (view.getUint8(start) === ZERO) return -1;
      const high = digitsAt(view, start, 8);
      if (high < 0) return -1;
      this.#epochHead = head;
      this.#epochHeadMs = high * 100_000;
    }
    const low = fourDigits(view.getInt32(start + 8, true));
    const last = view.getUint8(start + EPOCH_DIGITS - 1) - ZERO;
    return low < 0 || last < 0 || last > 9 ? -1 : this.#epochHeadMs + low * 10 + last;
  }

  /** The entry of `","customerId":"…","rateCard":"…","client":"…","method":"`, or -1. Hashed by the customer alone. */
  #caller(view: DataView, start: number, end: number): number {
    const idStart = start + CUSTOMER_ID.length;
    const hash = this.#quoted(view, idStart, end);
    if (this.#end === idStart) return -1;
    const known = this.#callerOf.find(view, start, end, hash);
    if (known >= 0) return known;
    const cardAt = this.#plainEnd(view, idStart, end);
    if (!stands(view, start, end, CUSTOMER_ID) || !stands(view, cardAt, end, RATE_CARD)) return -1;
    const clientAt = this.#plainEnd(view, cardAt + RATE_CARD.length, end);
    if (!stands(view, clientAt, end, CLIENT)) return -1;
    const methodAt = this.#plainEnd(view, clientAt + CLIENT.length, end);
    if (!stands(view, methodAt, end, METHOD)) return -1;
    const rateCard = asciiText(view, cardAt + RATE_CARD.length, clientAt);
    const client = asciiText(view, clientAt + CLIENT.length, methodAt);
    const number = this.#callers.numberOf(asciiText(view, idStart, cardAt), rateCard, client);
    return this.#callerOf.add(view, start, methodAt + METHOD.length, hash, number);
  }

  /** The entry of `GET","resourcePath":"…","status":"200","responseBytes":"`, or -1. */
  #shape(view: DataView, start: number, end: number): number {
    const methodHash = this.#quoted(view, start, end);
    const methodEnd = this.#end;
    const pathStart = methodEnd + RESOURCE_PATH.length;
    const pathHash = this.#quoted(view, pathStart, end);
    const pathEnd = this.#end;
    const statusStart = pathEnd + STATUS.length;
    const stop = statusStart + 3 + RESPONSE_BYTES.length;
    if (stop > end) return -1;
    // One byte of the quote, three of the status.
    const hash = hashWord(methodHash ^ pathHash, view.getInt32(statusStart - 1, true));
    const known = this.#shapeOf.find(view, start, end, hash);
    if (known >= 0) return known;
    const isPlain = this.#plainEnd(view, start, end) === methodEnd && this.#plainEnd(view, pathStart, end) === pathEnd;
    if (!isPlain || !stands(view, methodEnd, end, RESOURCE_PATH) || !stands(view, pathEnd, end, STATUS)) return -1;
    if (!stands(view, statusStart + 3, end, RESPONSE_BYTES)) return -1;
    const status = digitsAt(view, statusStart, 3);
    if (status < 0 || view.getUint8(statusStart) === ZERO) return -1;
    const method = asciiText(view, start, methodEnd);
    const number = this.#shapes.numberOf(method, asciiText(view, pathStart, pathEnd), status);
    return this.#shapeOf.add(view, start, stop, hash, number);
  }

  /**
   * Passes over plain text: bytes that stand for themselves in a JSON string and are ASCII. `#end` is where it ends.
   * Four bytes at a time: `(x - 0x01…) & ~x & 0x80…` marks the zero bytes of x, and its lowest mark is right.
   * Source: H. S. Warren, Hacker's Delight, "Find first 0-byte".
   *
   * @returns the hash of the text
   */
  #plain(view: DataView, start: number, end: number): number {
    let hash = HASH_START;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      const quote = word ^ QUOTES;
      const backslash = word ^ BACKSLASHES;
      const marks =
        (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | ((word - SPACES) & ~word) | word) & HIGH_BITS;
      if (marks !== 0) return this.#lastWord(hash, word, marks, at);
      hash = hashWord(hash, word);
    }
    return this.#lastBytes(hash, view, at, end, true);
  }

  /** The same up to the next quote, whatever stands before it. */
  #quoted(view: DataView, start: number, end: number): number {
    let hash = HASH_START;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, true);
      const quote = word ^ QUOTES;
      const marks = (quote - ONES) & ~quote & HIGH_BITS;
      if (marks !== 0) return this.#lastWord(hash, word, marks, at);
      hash = hashWord(hash, word);
    }
    return this.#lastBytes(hash, view, at, end, false);
  }

  #lastWord(hash: number, word: number, marks: number, at: number): number {
    const bits = (31 - Math.clz32(marks & -marks)) & 24;
    this.#end = at + (bits >> 3);
    return hashWord(hash, word & ((1 << bits) - 1));
  }

  /** The end of the data: too near for a word. */
  #lastBytes(hash: number, view: DataView, start: number, end: number, plain: boolean): number {
    let rest = 0;
    let at = start;
    for (; at < end; at++) {
      const byte = view.getUint8(at);
      if (byte === QUOTE || (plain && (byte < 0x20 || byte > 0x7f || byte === BACKSLASH))) break;
      rest |= byte << (8 * (at - start));
    }
    this.#end = at;
    return hashWord(hash, rest);
  }

  #plainEnd(view: DataView, start: number, end: number): number {
    this.#plain(view, start, end);
    return this.#end;
  }

  /** A number of up to 9 digits without leading zeros, -1 for `-`, -2 for anything else. */
  #number(view: DataView, start: number, end: number): number {
    let at = start;
    let value = 0;
    const stop = end < start + 9 ? end : start + 9;
    while (at < stop) {
      const digit = view.getUint8(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    this.#end = at;
    if (at > start) return view.getUint8(start) === ZERO && at > start + 1 ? -2 : value;
    if (start >= end || view.getUint8(start) !== DASH) return -2;
    this.#end = start + 1;
    return -1;
  }
}

/** The value of four digits in a little-endian word, or -1 when one is none. */
function fourDigits(word: number): number {
  const digits = word - 0x30303030;
  if (((digits | (digits + 0x76767676)) & HIGH_BITS) !== 0) return -1;
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

/** The value of digits within the bytes, or -1 when one is none. At most 9. */
function digitsAt(view: DataView, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = view.getUint8(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function asciiText(view: DataView, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(view.getUint8(at));
  return text;
}
