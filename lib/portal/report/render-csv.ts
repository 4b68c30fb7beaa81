import type { UsageReport } from '../../domain/reporting/report.ts';

const COLUMNS = [
  ...[
    'customer',
    'name',
    'period_start',
    'period_end',
    'basis',
    'state',
    'currency',
    'line',
    'title',
    'kind',
    'charge',
  ],
  ...[
    'meter',
    'group',
    'tier',
    'window',
    'quantity',
    'unit_price',
    'amount',
    'rate_card',
    'rule',
    'rules_commit',
    'from',
    'to',
  ],
  ...['explanation', 'credit_reason', 'usage_digest'],
] as const;

/**
 * One row for each rated line, RFC 4180: CRLF, a header, quotes where needed, UTF-8. `basis` is `soFar` for lines that are
 * not invoiced. The amounts of one period add up to its total.
 */
export function renderCsv({ customer, period, currency, bill }: UsageReport): string {
  const rows = bill.lines.map((line) => [
    ...[customer.id, customer.name, period.start, period.end, bill.basis, bill.state, currency, line.id, line.title],
    ...[
      line.kind,
      line.charge,
      line.meter,
      line.group,
      line.tier,
      line.window,
      line.quantity,
      line.unitPrice,
      line.amount,
    ],
    ...[
      line.rateCard,
      line.rule,
      line.rulesCommit,
      line.from,
      line.to,
      line.explanation,
      line.creditReason,
      line.usageDigest,
    ],
  ]);
  return [COLUMNS, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

const NUMBER = /^-?\d+(\.\d+)?$/;
/** What a spreadsheet would run as a formula (OWASP, CSV injection); the apostrophe makes it text. */
const FORMULA = /^[=+\-@\t\r]/;

function cellOf(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
