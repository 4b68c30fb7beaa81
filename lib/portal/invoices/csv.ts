import type { Invoice, InvoiceLine } from '../../domain/invoicing/invoice.ts';

const COLUMNS = [
  ...(['id', 'kind', 'charge', 'meter', 'group', 'tier', 'window', 'quantity', 'unitPrice', 'amount'] as const),
  ...(['rateCard', 'rule', 'rulesCommit', 'usageDigest', 'from', 'to', 'creditReason', 'explanation'] as const),
] satisfies readonly (keyof InvoiceLine)[];

/** One row per line, RFC 4180. A text that a spreadsheet would run as a formula is kept from that. */
export function linesAsCsv({ currency, lines }: Pick<Invoice, 'currency' | 'lines'>): string {
  const rows = lines.map((line) => [...COLUMNS.map((column) => line[column]), currency]);
  return [[...COLUMNS, 'currency'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = /^[=+@\t]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
