import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { periodAt } from '../../domain/invoicing/periods.ts';
import type { ReportedInvoice } from '../../domain/reporting/bill.ts';
import type { UsageReport } from '../../domain/reporting/report.ts';
import { type UsageReportInput, usageReport } from '../../domain/reporting/usage-report.ts';
import type { Period } from '../../domain/time/time.ts';
import type { Directory } from '../ports/directory.ts';
import type { InvoiceHead, Invoices } from '../ports/invoices.ts';
import { type PeriodPorts, type PeriodReader, periodNamed, periodReader } from './read-periods.ts';

/** All that a report reads; it writes nothing. */
export interface ReportPorts extends PeriodPorts {
  readonly directory: Pick<Directory, 'profile'>;
  readonly invoices: Pick<Invoices, 'headsOf' | 'get'>;
}

export type MakeReport = (customer: string, month: string) => Promise<UsageReport | 'unknown-customer'>;

/**
 * Makes usage reports from the stores that bill. What closed hours say to all customers alike is read once for many
 * reports of the same period; nothing of a customer is kept.
 *
 * @returns a function of a customer's id and the UTC month, `YYYY-MM`, in which the billing period begins
 */
export function reportMaker(ports: ReportPorts): MakeReport {
  const reader = periodReader(ports);
  return async (customer, month) => {
    const profile = await ports.directory.profile(customer);
    return profile ? usageReport(await gather(profile, month, ports, reader)) : 'unknown-customer';
  };
}

async function gather(
  profile: CustomerProfile,
  month: string,
  ports: ReportPorts,
  reader: PeriodReader,
): Promise<UsageReportInput> {
  const { customer, status, statusReason } = profile;
  const books = await reader.books(profile);
  const { heads, terms } = books;
  const period = periodNamed(month, books);
  const previous =
    heads.find(({ key }) => key.kind === 'usage' && key.period.end === period.start)?.key.period ??
    periodAt(terms.anchor.day, period.start - 1);
  const [counted, invoices, invoicesBefore] = await Promise.all([
    reader.counted(books, period, previous.start),
    invoicesOf(heads, period, ports),
    profile.registeredAt < period.start ? invoicesOf(heads, previous, ports) : null,
  ]);
  return {
    ...{ ...counted, customer, status, statusReason, invoices, offered: null },
    previous: invoicesBefore && { period: previous, invoices: invoicesBefore },
  };
}

/** Only those of the period are read in full: a customer of years has many. */
async function invoicesOf(
  heads: readonly InvoiceHead[],
  period: Period,
  { invoices }: Pick<ReportPorts, 'invoices'>,
): Promise<ReportedInvoice[]> {
  const wanted = heads.filter(({ key }) => key.period.start >= period.start && key.period.start < period.end);
  const records = await Promise.all(wanted.map(({ key }) => invoices.get(key)));
  return records.flatMap((record) => {
    if (!record) return [];
    const { key, state, invoice, held, creditNotes } = record;
    return [{ ...{ state, invoice, creditNotes, kind: key.kind }, held: held?.message ?? null }];
  });
}
