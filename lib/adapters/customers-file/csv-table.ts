import { InputError } from '../../domain/input-error.ts';

/** A row of a CSV file, and the line on which it begins. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** One cell and what ends it: a quoted cell may hold anything, its quotes doubled. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/y;

/**
 * Reads RFC 4180: commas, quotes, CR LF or LF; empty lines are skipped.
 * @throws InputError `not-csv` with the line
 */
export const csvTable = (text: string): CsvRow[] => [...csvRows(text)];

/** As {@link csvTable}, a row at a time. */
export function* csvRows(text: string): Generator<CsvRow, undefined> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let cells: string[] = [];
  let [line, start] = [1, 1];
  while (at < text.length || cells.length > 0) {
    CELL.lastIndex = at;
    const found = CELL.exec(text);
    if (!found) {
      throw new InputError({
        code: 'not-csv',
        message: `line ${line}: a quote stands where none may`,
        hint: 'quote the whole cell and double the quotes in it',
      });
    }
    at = CELL.lastIndex;
    const [all, quoted, plain, end] = found;
    cells.push(quoted === undefined ? (plain as string) : quoted.replaceAll('""', '"'));
    line += all.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ',') continue;
    if (cells.length > 1 || cells[0] !== '') yield { line: start, cells };
    [cells, start] = [[], line];
  }
}
