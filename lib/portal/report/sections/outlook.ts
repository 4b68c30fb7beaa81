import type { Bounds, Change, UsageReport } from '../../../domain/reporting/report.ts';
import { grouped } from '../../../domain/words/numbers.ts';
import { type Cell, cell, type Section } from '../document.ts';
import { amount, monthName, percent, plural, signed, signless } from '../wording.ts';

/** This period against the one before. */
export function comparison({ comparison, currency, usage, period }: UsageReport): Section | null {
  if (comparison === null) return null;
  const row = (name: string, change: Change): Cell[] => [
    cell(name),
    cell(signless(change.before)),
    cell(signless(change.after)),
    cell(signed(change.change), ...(change.percent === null ? [] : [percent(change.percent)])),
  ];
  const now = comparison.basis === 'forecast' ? `${monthName(period.name)}, expected` : monthName(period.name);
  const rows = [row(`Billable ${plural(usage.unit)}`, comparison.quantity)];
  if (comparison.total) rows.push(row(`Bill, ${currency}`, comparison.total));
  return {
    id: 'compared',
    title: `Compared with ${monthName(comparison.period)}`,
    blocks: [
      {
        kind: 'table',
        caption: 'This period and the one before',
        columns: [
          { title: '', share: 0.34 },
          { title: monthName(comparison.period), number: true, share: 0.22 },
          { title: now, number: true, share: 0.24 },
          { title: 'Change', number: true, share: 0.2 },
        ],
        rows,
      },
    ],
  };
}

/** Where an open period is going. */
export function forecast({ forecast, currency, usage }: UsageReport): Section | null {
  if (forecast === null || forecast.quantity === null) return null;
  const row = (name: string, { low, expected, high }: Bounds, write: (text: string) => string): Cell[] => [
    cell(name),
    ...[low, expected, high].map((text) => cell(write(text))),
  ];
  const rows = [row(`Billable ${plural(usage.unit)}`, forecast.quantity, grouped)];
  if (forecast.total) rows.push(row('Bill', forecast.total, (text) => amount(currency, text)));
  return {
    id: 'forecast',
    title: 'Where this period is going',
    blocks: [
      {
        kind: 'table',
        caption: 'Forecast for the whole period',
        columns: [
          { title: '', share: 0.34 },
          ...['Low', 'Expected', 'High'].map((title) => ({ title, number: true, share: 0.22 })),
        ],
        rows,
      },
      { kind: 'text', text: forecast.explanation, soft: true },
    ],
  };
}
