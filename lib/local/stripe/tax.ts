import type { CustomerObject, InvoiceObject, TaxObject } from './objects.ts';

/**
 * Percent by country: one fixed rate each, so that a test can say what it expects. Nothing here is what is owed anywhere;
 * at Stripe, Stripe Tax knows.
 */
const PERCENT: Readonly<Record<string, number>> = { AT: 20, DE: 19, ES: 21, FR: 20, GB: 20, IE: 23, IT: 22, NL: 21 };

/** Brings subtotal, taxes, total and what is due up to date after the lines have changed. */
export function computeTotals(invoice: InvoiceObject, customer: CustomerObject | undefined, amounts: number[]): void {
  invoice.subtotal = amounts.reduce((sum, amount) => sum + amount, 0);
  invoice.total_excluding_tax = invoice.subtotal;
  invoice.total_taxes = taxesOf(invoice, customer);
  invoice.total = invoice.subtotal + invoice.total_taxes.reduce((sum, { amount }) => sum + amount, 0);
  invoice.amount_due = Math.max(0, invoice.total + invoice.starting_balance);
  invoice.amount_remaining = invoice.amount_due;
}

function taxesOf({ automatic_tax, subtotal }: InvoiceObject, customer: CustomerObject | undefined): TaxObject[] {
  if (!automatic_tax.enabled || subtotal === 0) return [];
  const country = customer?.address?.country ?? null;
  automatic_tax.status = country === null ? 'requires_location_inputs' : 'complete';
  if (country === null) return [];
  return [taxOn(subtotal, country, customer?.tax_exempt ?? 'none')];
}

function taxOn(taxable_amount: number, country: string, exempt: CustomerObject['tax_exempt']): TaxObject {
  const percent = exempt === 'none' ? (PERCENT[country] ?? 0) : 0;
  const amount = Math.round((taxable_amount * percent) / 100);
  const reasons = { exempt: 'customer_exempt', reverse: 'reverse_charge' } as const;
  const taxability_reason =
    exempt === 'none' ? (country in PERCENT ? 'standard_rated' : 'not_collecting') : reasons[exempt];
  const tax_rate_details = { tax_rate: `txr_${country}_${percent}` };
  return {
    amount,
    tax_behavior: 'exclusive',
    tax_rate_details,
    taxability_reason,
    taxable_amount,
    type: 'tax_rate_details',
  };
}

/** The tax on a part of an invoice, as its credit notes give it back. */
export const taxOnPart = ({ subtotal, total_taxes }: InvoiceObject, part: number): number =>
  subtotal === 0 ? 0 : Math.round((total_taxes.reduce((sum, { amount }) => sum + amount, 0) * part) / subtotal);
