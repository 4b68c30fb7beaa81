import { InputError } from '../../domain/input-error.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { monthOf, parseMonth } from '../../domain/time/time.ts';
import type { Bundle } from '../../domain/verification/bundle.ts';
import { gatherUsage } from '../invoice-customer/gather.ts';
import type { DraftingPorts } from '../invoice-customer/ports.ts';
import type { Directory } from '../ports/directory.ts';
import { type ExportPorts, exportBundle } from './export-bundle.ts';

export interface ExportInvoicePorts extends DraftingPorts, Omit<ExportPorts, 'usage' | 'rulesets'> {
  readonly customers: Pick<Directory, 'profile'>;
}

/** Which invoice: of a period that begins in a month. */
export interface InvoiceOfMonth {
  readonly customer: string;
  /** `YYYY-MM` */
  readonly month: string;
}

/**
 * The bundle of a customer's usage invoice. Agreements (billing terms, time zone) are as they are now: where they were edited
 * after the invoice was made, and not by their own dates, verification says that it cannot be rated again.
 *
 * @throws InputError `unknown-customer`, `no-invoice`, `not-rated`
 */
export async function exportInvoice({ customer, month }: InvoiceOfMonth, ports: ExportInvoicePorts): Promise<Bundle> {
  parseMonth(month);
  const profile = await ports.customers.profile(customer);
  if (!profile) throw new InputError({ code: 'unknown-customer', message: `there is no customer ${customer}` });
  const heads = await ports.invoices.headsOf(customer);
  const found = heads.find(({ key }) => key.kind === 'usage' && monthOf(key.period.start) === month);
  if (!found) {
    const known = heads.filter(({ key }) => key.kind === 'usage').map(({ key }) => monthOf(key.period.start));
    throw new InputError({
      code: 'no-invoice',
      message: `${customer} has no usage invoice of a period that begins in ${month}`,
      ...(known.length > 0 ? { hint: `it has those of ${known.join(', ')}` } : {}),
    });
  }
  const { key } = found;
  const invoice = (await ports.invoices.get(key))?.invoice;
  if (!invoice) {
    const message = `the invoice of ${customer} for ${month} waits for a person and is not rated yet`;
    throw new InputError({ code: 'not-rated', message, hint: found.held?.message ?? '' });
  }
  const earlier = heads.filter((head) => head.key.kind !== 'usage' || head.key.period.start < key.period.start);
  const terms = parseBillingTerms(profile.customer.overrides);
  const input = await gatherUsage({ key, profile, terms, heads: earlier }, ports);
  return exportBundle({ invoice, input }, ports);
}
