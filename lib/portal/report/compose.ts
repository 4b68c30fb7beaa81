import type { UsageReport } from '../../domain/reporting/report.ts';
import type { ReportDocument, Section } from './document.ts';
import { advice } from './sections/advice.ts';
import { bill } from './sections/bill.ts';
import { checking, daily } from './sections/checking.ts';
import { opening } from './sections/opening.ts';
import { comparison, forecast } from './sections/outlook.ts';
import { reasons, savings } from './sections/reasons.ts';
import { usage } from './sections/usage.ts';
import { longDate, longTime, monthName } from './wording.ts';

/** Puts a report into words, tables and pictures. */
export function composeReport(report: UsageReport): ReportDocument {
  const { customer, period } = report;
  const parts = [opening, bill, usage, reasons, savings, comparison, forecast, advice, checking, daily];
  const name = customer.name.trim() === '' ? customer.id : customer.name;
  return {
    title: `Usage report, ${monthName(period.name)}`,
    name,
    subtitle: `${spanOf(report)} · customer ${customer.id}`,
    sections: parts.map((part): Section | null => part(report)).filter((section) => section !== null),
    footer: `${customer.id} · ${period.name} · as of ${longTime(period.asOf)}`,
  };
}

function spanOf({ period }: UsageReport): string {
  const last = new Date(Date.parse(period.end) - 1).toISOString();
  return `${longDate(period.start)} to ${longDate(last)} (UTC)${period.state === 'open' ? ', still open' : ''}`;
}
