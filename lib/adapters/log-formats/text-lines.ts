import {
  type ByteSink,
  LINE_BYTES_MAX,
  type LineReader,
  splitLines,
  TOO_LONG,
} from '../../domain/metering/line-splitter.ts';

export interface TextLineSink {
  /** @param number from 1 */
  line(text: string, number: number): void;
  malformed(number: number, reason: string): void;
}

const [NEWLINE, RETURN] = [10, 13];

/** Lines as text, without LF or CRLF. Bytes that are not UTF-8 become U+FFFD: old logs hold them where they do not matter. */
export function textLines(to: TextLineSink): ByteSink {
  const reader: LineReader = {
    lines(bytes, start, end, first) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let count = 0;
      for (let at = start; at < end; count++) {
        const newline = buffer.indexOf(NEWLINE, at);
        const next = newline < 0 || newline >= end ? end : newline;
        const stop = next > at && buffer[next - 1] === RETURN ? next - 1 : next;
        if (stop - at > LINE_BYTES_MAX) to.malformed(first + count, TOO_LONG);
        else to.line(buffer.toString('utf8', at, stop), first + count);
        at = next + 1;
      }
      return count;
    },
    malformed: (line, reason) => to.malformed(line, reason),
  };
  return splitLines(reader);
}
