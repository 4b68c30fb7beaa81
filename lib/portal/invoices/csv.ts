import type { Invoice, InvoiceLine } from '../../domain/invoicing/invoice.ts';
import type { OutcomePage } from '../../domain/invoicing/outcome-pages.ts';
import { parseTimestamp } from '../../domain/time/time.ts';

const COLUMNS = [
  ...(['id', 'kind', 'charge', 'meter', 'group', 'tier', 'window', 'quantity', 'unitPrice', 'amount'] as const),
  ...(['rateCard', 'rule', 'rulesCommit', 'usageDigest', 'from', 'to', 'creditReason', 'explanation'] as const),
] satisfies readonly (keyof InvoiceLine)[];

/** One row per line, RFC 4180. A text that a spreadsheet would run as a formula is kept from that. */
export function linesAsCsv({ currency, lines }: Pick<Invoice, 'currency' | 'lines'>): string {
  return csvOf([
    [...COLUMNS, 'currency'],
    ...lines.map((line) => [...COLUMNS.map((column) => line[column]), currency]),
  ]);
}

const OUTCOME_COLUMNS = ['period', 'id', 'at', 'became', 'reverses', 'amount', 'currency', 'why'];

/** One row per report of an outcome, in the order of time: a line names the first of them, this all. */
export function outcomesAsCsv(pages: readonly OutcomePage[]): string {
  const rows = pages.flatMap(({ start, currency, charged, givenBack, notCounted }) => {
    const row = (id: string, at: string, ...rest: (string | null)[]) => [start, id, at, ...rest];
    return [
      ...charged.map(({ id, at, charged: amount }) => row(id, at, 'charged', null, amount, currency, null)),
      ...givenBack.map(({ id, at, reverses, charged: amount }) =>
        row(id, at, 'given back', reverses, `-${amount}`, currency, null),
      ),
      ...notCounted.map(({ id, at, reverses, why }) => row(id, at, 'not counted', reverses, null, null, why)),
    ].sort(([, , a], [, , b]) => parseTimestamp(a ?? '') - parseTimestamp(b ?? ''));
  });
  return csvOf([OUTCOME_COLUMNS, ...rows]);
}

const csvOf = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = /^[=+@\t]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
