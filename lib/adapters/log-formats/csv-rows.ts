import { type ByteSink, LINE_BYTES_MAX } from '../../domain/metering/line-splitter.ts';
import { textLines } from './text-lines.ts';

/** Takes the rows of a CSV file. `line` is where the row begins, from 1: a quoted cell may hold line ends. */
export interface RowSink {
  row(cells: readonly string[], line: number): void;
  malformed(line: number, reason: string): void;
}

/** Reads RFC 4180: CRLF or LF, a last row without line end, quotes doubled inside quotes, line ends inside quotes. */
export function csvRows(to: RowSink): ByteSink {
  let begun: { lines: string[]; length: number; line: number } | null = null;
  const lines = textLines({
    line(text, number) {
      const open = endsInQuotes(text, begun !== null);
      begun ??= { lines: [], length: 0, line: number };
      begun.lines.push(text);
      begun.length += text.length + 1;
      if (begun.length > LINE_BYTES_MAX) to.malformed(begun.line, `row longer than ${LINE_BYTES_MAX} characters`);
      else if (open) return;
      else readRow(begun.lines.join('\n'), begun.line, to);
      begun = null;
    },
    malformed(line, reason) {
      to.malformed(begun?.line ?? line, reason);
      begun = null;
    },
  });
  return {
    write: (piece) => lines.write(piece),
    end(fault) {
      lines.end(fault);
      if (begun) to.malformed(begun.line, 'a quoted cell is not closed');
    },
  };
}

/** Whether a quoted cell goes on in the next line. A quote inside an unquoted cell is text. */
function endsInQuotes(text: string, inQuotes: boolean): boolean {
  for (let at = 0, quoted = inQuotes; ; at++) {
    if (!quoted && text[at] === '"') {
      quoted = true;
      at++;
    }
    if (quoted) {
      at = closingQuote(text, at);
      if (at < 0) return true;
      quoted = false;
    }
    at = text.indexOf(',', at);
    if (at < 0) return false;
  }
}

/** Index of the quote that closes a cell, doubled ones passed over; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function readRow(text: string, line: number, to: RowSink): void {
  const cells = text.trim() === '' ? 'empty line' : cellsOf(text);
  if (typeof cells === 'string') to.malformed(line, cells);
  else to.row(cells, line);
}

/** @returns the cells, or why there are none */
function cellsOf(text: string): string[] | string {
  const cells: string[] = [];
  for (let at = 0; ; at++) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 1;
      if (at < text.length && text[at] !== ',') return 'text after a closing quote';
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      cells.push(text.slice(at, end));
      at = end;
    }
    if (at >= text.length) return cells;
  }
}
