import { type AccessLine, readAccessLine, type Unreadable } from './access-line.ts';
import { bytesOf, hashBytes, viewOf } from './bytes.ts';
import type { CompiledMeters } from './compile-meters.ts';
import { readEventLine, type UsageEvent } from './event-line.ts';
import type { IdentifiedLine } from './hour-ids.ts';
import type { Callers, Shapes } from './interned.ts';
import { LineScanner } from './line-scanner.ts';
import { LINE_BYTES_MAX, type LineReader, TOO_LONG } from './line-splitter.ts';

const NEWLINE = 10;
const RETURN = 13;
const NONE = new Uint8Array();

/** Where read lines go. */
export interface Lines {
  identified(line: IdentifiedLine, file: string, number: number): void;
  event(event: UsageEvent, bytes: Uint8Array, file: string, number: number): void;
  malformed(file: string, number: number, fault: Unreadable): void;
}

/** Calls `each` with every line of `bytes[start, end)`, without its line end; returns how many. */
function eachLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  each: (start: number, end: number, index: number) => void,
): number {
  let lines = 0;
  for (let at = start; at < end; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const next = newline < 0 || newline >= end ? end : newline;
    each(at, next > at && bytes[next - 1] === RETURN ? next - 1 : next, lines++);
    at = next + 1;
  }
  return lines;
}

export class EventLogReader implements LineReader {
  readonly #file: string;
  readonly #to: Lines;
  readonly #meters: CompiledMeters;

  constructor(file: string, to: Lines, meters: CompiledMeters) {
    this.#file = file;
    this.#to = to;
    this.#meters = meters;
  }

  lines(bytes: Uint8Array, start: number, end: number, line: number): number {
    return eachLine(bytes, start, end, (from, to, index) => {
      if (to - from > LINE_BYTES_MAX) return this.malformed(line + index, TOO_LONG);
      const found = bytes.subarray(from, to);
      const event = readEventLine(found, this.#meters);
      if ('reason' in event) this.#to.malformed(this.#file, line + index, event);
      else this.#to.event(event, found, this.#file, line + index);
    });
  }

  malformed(line: number, reason: string): void {
    this.#to.malformed(this.#file, line, { reason });
  }
}

/** Reads access log lines: as the stage writes them by the scanner, all others exactly. */
export class AccessLogReader implements LineReader {
  readonly #file: string;
  readonly #to: Lines;
  readonly #callers: Callers;
  readonly #shapes: Shapes;
  readonly #scanner: LineScanner;
  readonly #line: IdentifiedLine = {
    bytes: NONE,
    start: 0,
    end: 0,
    idView: viewOf(NONE),
    idStart: 0,
    idEnd: 0,
    idHash: 0,
    epochMs: 0,
    caller: 0,
    shape: 0,
    responseBytes: -1,
    latencyMs: -1,
    odd: null,
  };

  /** @param scanner shared by the files of one count, so that it learns their callers once */
  constructor(
    file: string,
    to: Lines,
    callers: Callers,
    shapes: Shapes,
    scanner: LineScanner = new LineScanner(callers, shapes),
  ) {
    this.#file = file;
    this.#scanner = scanner;
    this.#to = to;
    this.#callers = callers;
    this.#shapes = shapes;
  }

  lines(bytes: Uint8Array, start: number, end: number, line: number): number {
    const view = viewOf(bytes);
    const values = this.#line;
    this.#scannedFrom(bytes, view);
    let number = line;
    for (let at = start; at < end; number++) {
      const next = this.#scanner.scan(view, at, end, values);
      if (next >= 0) {
        at = next;
        this.#to.identified(values, this.#file, number);
      } else {
        at = this.#readExactly(bytes, at, end, number);
        this.#scannedFrom(bytes, view);
      }
    }
    return number - line;
  }

  malformed(line: number, reason: string): void {
    this.#to.malformed(this.#file, line, { reason });
  }

  /** What all lines of a piece have in common; said once, since references cost more to write than numbers. */
  #scannedFrom(bytes: Uint8Array, view: DataView): void {
    this.#line.bytes = bytes;
    this.#line.idView = view;
    this.#line.odd = null;
  }

  /** @returns where the next line begins */
  #readExactly(bytes: Uint8Array, start: number, end: number, number: number): number {
    const newline = bytes.indexOf(NEWLINE, start);
    const stop = newline < 0 || newline >= end ? end : newline;
    const lineEnd = stop > start && bytes[stop - 1] === RETURN ? stop - 1 : stop;
    if (lineEnd - start > LINE_BYTES_MAX) this.malformed(number, TOO_LONG);
    else {
      const read = readAccessLine(bytes.subarray(start, lineEnd));
      if ('reason' in read) this.#to.malformed(this.#file, number, read);
      else this.#to.identified(this.#oddLine(read, bytes, start, lineEnd), this.#file, number);
    }
    return stop + 1;
  }

  #oddLine(read: AccessLine, bytes: Uint8Array, start: number, end: number): IdentifiedLine {
    const id = bytesOf(read.id);
    const idView = viewOf(id);
    return Object.assign(this.#line, {
      bytes,
      start,
      end,
      idView,
      idStart: 0,
      idEnd: id.length,
      idHash: hashBytes(idView, 0, id.length),
      epochMs: read.epochMs,
      caller: this.#callers.numberOf(read.customerId, read.rateCard, read.client),
      shape: this.#shapes.numberOf(read.method, read.resourcePath, read.status),
      responseBytes: read.responseBytes,
      latencyMs: read.latencyMs,
      odd: read,
    });
  }
}
