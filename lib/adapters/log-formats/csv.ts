import { InputError } from '../../domain/input-error.ts';
import type { CompiledMeters, Contribution } from '../../domain/metering/compile-meters.ts';
import type { MeasuredRow, UsageCounter } from '../../domain/metering/counter.ts';
import type { ByteSink } from '../../domain/metering/line-splitter.ts';
import type { MeterDefinition } from '../../domain/metering/meters.ts';
import { type Decimal, parseDecimal } from '../../domain/money/decimal.ts';
import { csvRows } from './csv-rows.ts';
import { readLogTime } from './log-time.ts';

export interface CsvColumns {
  readonly time: string;
  /** Without it every row is of the customer `all`. */
  readonly customer?: string;
  readonly measures: readonly { readonly meter: string; readonly column: string }[];
  readonly meters: CompiledMeters;
}

/** The meter that counts the rows themselves. */
const ROWS_METER = 'api-calls';
const EVERYONE = 'all';

/** The columns of a file by their place. */
interface Layout {
  readonly width: number;
  readonly time: number;
  readonly customer: number | null;
  readonly rows: Contribution;
  readonly measures: readonly { readonly contribution: Contribution; readonly column: string; readonly at: number }[];
}

/**
 * Counts a CSV file with a header: each row 1 for `api-calls`, and its measured cells by the aggregation of their meter
 * (`sum` when the meters do not say). Rows have no route and no status, so filters and groups do not apply.
 *
 * @throws InputError while writing, when the header lacks a column that is asked for
 */
export function csvLog(file: string, counter: UsageCounter, columns: CsvColumns): ByteSink {
  let layout: Layout | null = null;
  return csvRows({
    row(cells, line) {
      if (!layout) {
        layout = layoutOf(cells, columns, file);
        return;
      }
      const row = readCsvRow(cells, layout);
      if (typeof row === 'string') counter.malformed(file, line, { reason: row });
      else counter.measured(row, file, line);
    },
    malformed: (line, reason) => counter.malformed(file, line, { reason }),
  });
}

function layoutOf(header: readonly string[], columns: CsvColumns, file: string): Layout {
  const place = (column: string): number => {
    const at = header.findIndex((name) => name.trim() === column);
    if (at >= 0 && header.some((name, i) => i > at && name.trim() === column)) {
      const message = `the column ${JSON.stringify(column)} stands twice in the header`;
      throw new InputError({ code: 'duplicate-key', message, path: file, hint: 'give each column a name of its own' });
    }
    if (at >= 0) return at;
    throw new InputError({
      code: 'unknown-column',
      message: `no column ${JSON.stringify(column)}`,
      path: file,
      hint: `its columns are ${header.map((name) => JSON.stringify(name.trim())).join(', ')}`,
    });
  };
  return {
    width: header.length,
    time: place(columns.time),
    customer: columns.customer === undefined ? null : place(columns.customer),
    rows: contributionOf(ROWS_METER, 'count', -1, columns.meters),
    measures: columns.measures.map(({ meter, column }) => {
      const index = -2 - columns.measures.findIndex((measure) => measure.meter === meter);
      return { contribution: contributionOf(meter, 'sum', index, columns.meters), column, at: place(column) };
    }),
  };
}

function contributionOf(
  id: string,
  aggregation: MeterDefinition['aggregation'],
  index: number,
  { meters }: CompiledMeters,
): Contribution {
  const known = id === ROWS_METER ? undefined : meters.find(({ definition }) => definition.id === id);
  if (known?.definition.aggregation === 'outcomes') {
    const message = `the meter ${JSON.stringify(id)} counts outcomes, which a column of numbers does not say`;
    throw new InputError({ code: 'not-a-measure', message, path: '--measure', hint: 'report them as --format events' });
  }
  const definition: MeterDefinition = { id, unit: 'unit', source: 'accessLog', aggregation };
  return { meter: known ?? { index, definition, counts: () => false }, group: null };
}

/** @returns the row, or why it cannot be counted */
function readCsvRow(cells: readonly string[], layout: Layout): MeasuredRow | string {
  if (cells.length !== layout.width) return `${cells.length} cells where the header has ${layout.width}`;
  const epochMs = readLogTime((cells[layout.time] as string).trim());
  if (epochMs === null) return 'its time is empty or unreadable';
  const caller = layout.customer === null ? EVERYONE : (cells[layout.customer] as string).trim();
  if (caller === '') return 'its customer is empty';
  const values: MeasuredRow['values'][number][] = [{ contribution: layout.rows, value: 1 }];
  for (const { contribution, column, at } of layout.measures) {
    const value = readQuantity((cells[at] as string).trim());
    if (value === null) return `${JSON.stringify(column)} is empty or no decimal number of 0 or more`;
    values.push({ contribution, value });
  }
  return { epochMs, caller, values };
}

function readQuantity(text: string): number | Decimal | null {
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (text.startsWith('-')) return null;
  try {
    return parseDecimal(text);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
