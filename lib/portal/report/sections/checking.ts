import type { UsageReport } from '../../../domain/reporting/report.ts';
import { grouped } from '../../../domain/words/numbers.ts';
import { cell, type Section } from '../document.ts';
import { longTime } from '../wording.ts';
import { dayBars } from './usage.ts';

/** Where the numbers come from, so that a doubt can be followed up. */
export function checking(report: UsageReport): Section {
  const { bill, period, reasons } = report;
  const rows = [
    [cell('Numbers stand up to'), cell(longTime(period.closedUntil))],
    [cell('Made'), cell(longTime(period.asOf))],
    ...[...new Set(reasons.map(({ rulesCommit }) => rulesCommit))].map((commit) => [
      cell('Rules, commit'),
      cell(commit),
    ]),
    ...[...new Set(bill.lines.map(({ usageDigest }) => usageDigest))].map((digest) => [
      cell('Usage, SHA-256'),
      cell(digest),
    ]),
    ...(bill.digest === null ? [] : [[cell('Invoice, SHA-256'), cell(bill.digest)]]),
  ];
  return {
    id: 'check',
    title: 'How to check this report',
    blocks: [
      {
        kind: 'text',
        text: 'Every number here is read from the records that the bill is made from. Each line names its rate card, rule and commit; its amount can be worked out again from its quantity and prices. Days are UTC days, as the billing period is; hours of the day are in your own time zone.',
      },
      {
        kind: 'table',
        caption: 'What this report was made from',
        columns: [
          { title: 'What', share: 0.3 },
          { title: 'Which', share: 0.7 },
        ],
        rows,
      },
    ],
  };
}

/** The day chart in numbers. */
export function daily(report: UsageReport): Section | null {
  if (report.usage.groups.length === 0) return null;
  const { days, series } = dayBars(report);
  const share = 0.7 / (series.length + 1);
  const totals = new Map(report.usage.days.map(({ day, total }) => [day, total]));
  return {
    id: 'daily',
    title: 'Day by day',
    blocks: [
      {
        kind: 'table',
        caption: `Billable usage per UTC day`,
        columns: [
          { title: 'Day', share: 0.3 },
          ...series.map((title) => ({ title, number: true, share })),
          { title: 'Total', number: true, share },
        ],
        rows: days
          .filter(({ day }) => totals.has(day))
          .map(({ day, quantities, provisional }) => [
            cell(provisional ? `${day}, provisional` : day),
            ...quantities.map((quantity) => cell(grouped(quantity))),
            cell(grouped(totals.get(day) ?? '0')),
          ]),
        folded: true,
      },
    ],
  };
}
