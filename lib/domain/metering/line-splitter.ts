import { copyOf } from './bytes.ts';

/** A line this long is no log line; it is malformed and skipped, so that memory stays flat. */
export const LINE_BYTES_MAX = 1 << 20;
export const TOO_LONG = `longer than ${LINE_BYTES_MAX} bytes`;

/** Takes the bytes of one file, in pieces of any size. */
export interface ByteSink {
  /** The piece is read before this returns; the caller may use its memory again. */
  write(piece: Uint8Array): void;
  /**
   * Ends the file; a last line without newline is a line.
   * @param fault why the file ends before its end (a cut gzip): one malformed line, together with the line it cut
   */
  end(fault?: string | null): void;
}

export interface LineReader {
  /**
   * Reads the lines in `bytes[start, end)`: whole lines, each with its newline but perhaps the last. Refuses those over
   * {@link LINE_BYTES_MAX}, which this cannot see where a piece holds them whole.
   * @param line number of the first, from 1
   * @returns how many lines
   */
  lines(bytes: Uint8Array, start: number, end: number, line: number): number;
  malformed(line: number, reason: string): void;
}

const NEWLINE = 10;

/** Cuts bytes into lines: whole runs of lines go on as they are, only a line that two pieces share is put together. */
export function splitLines(reader: LineReader): ByteSink {
  let line = 1;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const hold = (piece: Uint8Array) => {
    if (piece.length === 0) return;
    heldBytes += piece.length;
    if (heldBytes <= LINE_BYTES_MAX + 1) held.push(copyOf(piece));
    else held = [];
  };
  const release = () => {
    if (heldBytes > LINE_BYTES_MAX + 1) reader.malformed(line++, TOO_LONG);
    else if (heldBytes > 0) line += reader.lines(joined(held, heldBytes), 0, heldBytes, line);
    held = [];
    heldBytes = 0;
  };
  return {
    write(piece) {
      const last = piece.lastIndexOf(NEWLINE);
      if (last < 0) return hold(piece);
      let start = 0;
      if (heldBytes > 0) {
        start = piece.indexOf(NEWLINE) + 1;
        hold(piece.subarray(0, start));
        release();
      }
      if (start <= last) line += reader.lines(piece, start, last + 1, line);
      hold(piece.subarray(last + 1));
    },
    end(fault = null) {
      if (fault === null) return release();
      held = [];
      heldBytes = 0;
      reader.malformed(line++, fault);
    },
  };
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first) return first;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
