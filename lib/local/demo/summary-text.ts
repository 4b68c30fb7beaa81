import { grouped } from '../../domain/words/numbers.ts';
import type { MonthSummary } from './summary.ts';

const LINES_SHOWN = 12;

/** The summary for a terminal: 24 to 40 lines of at most 100 characters. */
export function summaryText(summary: MonthSummary): string {
  const { month, remark, lines, hoursClosed, adjustments, customers, quarantined, undecided, largest } = summary;
  const n = (value: number) => value.toLocaleString('en-US');
  const rows: [string, string][] = [
    ['customers', n(customers)],
    ...answersRow(summary.answers),
    [
      'log lines',
      `${n(lines.read)} read = ${n(lines.counted)} billable + ${n(lines.notBillable)} not billable + ${n(lines.duplicate)} duplicate + ${n(lines.malformed)} malformed`,
    ],
    ['quarantined', `${n(quarantined)} lines kept aside with their reasons`],
    ['hours closed', `${n(hoursClosed)}${adjustments > 0 ? `, ${n(adjustments)} adjusted since` : ''}`],
    ['segments', list(summary.segments)],
    ['rate cards', list(summary.rateCards)],
    ...(undecided.length > 0 ? [['undecided', undecided.slice(0, 5).join(', ')] as [string, string]] : []),
    ['invoices', list(summary.invoices).toLowerCase().replaceAll('_', ' ')],
    [
      'revenue',
      Object.entries(summary.revenue)
        .map(([currency, sum]) => `${currency} ${grouped(sum)}`)
        .join(', ') || 'none',
    ],
  ];
  const text = [`${month}, closed and invoiced`, ...rows.map(([name, value]) => `  ${name.padEnd(13)} ${value}`)];
  if (remark) text.push(`  note          ${remark}`);
  if (largest)
    text.push(
      '',
      `  Largest invoice: ${largest.customer}, ${largest.currency} ${grouped(largest.total)}`,
      ...invoiceLines(largest),
    );
  return `${text.join('\n')}\n`;
}

function answersRow(answers: MonthSummary['answers']): [string, string][] {
  const entries = Object.entries(answers);
  if (entries.length === 0) return [];
  const all = entries.reduce((sum, [, n]) => sum + n, 0);
  return [
    [
      'calls',
      `${all.toLocaleString('en-US')} sent, answered ${entries.map(([status, n]) => `${status}: ${n.toLocaleString('en-US')}`).join(', ')}`,
    ],
  ];
}

function invoiceLines({ lines }: NonNullable<MonthSummary['largest']>): string[] {
  const shown = lines.filter(({ kind, amount }) => kind !== 'free' || Number(amount) !== 0).slice(0, LINES_SHOWN);
  const width = Math.max(...shown.map(({ amount }) => grouped(amount).length), 0);
  const left = lines.length - shown.length;
  return [
    ...shown.map(({ kind, charge, rateCard, amount, explanation }) => {
      const name = charge === null ? kind : kind === 'usage' || kind === charge ? charge : `${charge} (${kind})`;
      return `  ${grouped(amount).padStart(width + 2)}  ${clip(`${name.padEnd(20)} ${explanation}  [${rateCard ?? '-'}]`, 92)}`;
    }),
    ...(left > 0 ? [`  ${''.padStart(width + 2)}  … and ${left} lines without a charge`] : []),
  ];
}

const clip = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`)
    .join(', ') || 'none';
