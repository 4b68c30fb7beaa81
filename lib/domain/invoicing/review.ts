import { type StoredInvoice, standing } from '../credits/balances.ts';
import { add, compare, formatDecimal, multiply, parseDecimal, ZERO } from '../money/decimal.ts';
import type { Invoice } from './invoice.ts';

/** How careful the team wants to be before an invoice leaves. */
export interface InvoicingSettings {
  /** `shadow`: everything but Stripe, while another system still bills. */
  readonly mode: 'live' | 'shadow';
  /** Nothing leaves before an operator has approved the first run. */
  readonly approveFirstRun: boolean;
  /** null: no bill is too high to be true. */
  readonly anomaly: AnomalyBound | null;
}

/** A bill is held that is above `factor` × the largest of the customer's last bills, and above `floor`. */
export interface AnomalyBound {
  /** Decimal string, `"3"`. */
  readonly factor: string;
  /** Decimal string in major units of the invoice's own currency: what is below it is never held. */
  readonly floor: string;
}

export type Review = 'send' | 'shadow' | { readonly hold: 'first-run' | 'anomaly'; readonly message: string };

/** So many earlier bills are looked at. */
const BILLS_COMPARED = 3;

/** The amount of an invoice before credits pay a part of it. */
export const billedAmount = ({ total, credits }: Invoice): string =>
  formatDecimal(credits.reduce((sum, { used }) => add(sum, parseDecimal(used)), parseDecimal(total)));

/** What the customer's last invoices of the same kind and currency came to, before credits, newest last. */
export const earlierTotals = (invoice: Invoice, records: readonly StoredInvoice[]): string[] =>
  standing(records)
    .filter(
      ({ kind, currency, start }) => kind === invoice.kind && currency === invoice.currency && start < invoice.start,
    )
    .sort((a, b) => (a.start < b.start ? -1 : 1))
    .slice(-BILLS_COMPARED)
    .map(billedAmount);

/**
 * Whether a drafted invoice may leave. One of 0 leaves at once, since nobody is charged; who has no history yet has
 * nothing to be compared with; credit that was asked for is never an anomaly.
 *
 * @param totals of {@link earlierTotals}
 * @param firstRunApproved by an operator, once and for all customers
 */
export function reviewDraft(
  invoice: Invoice,
  totals: readonly string[],
  settings: InvoicingSettings,
  firstRunApproved: boolean,
): Review {
  if (settings.mode === 'shadow') return 'shadow';
  if (parseDecimal(invoice.total).units === 0n) return 'send';
  if (settings.approveFirstRun && !firstRunApproved) {
    return { hold: 'first-run', message: 'the first run waits for the approval of an operator' };
  }
  return (invoice.kind === 'top-up' ? undefined : anomaly(invoice, totals, settings.anomaly)) ?? 'send';
}

function anomaly(invoice: Invoice, totals: readonly string[], bound: AnomalyBound | null): Review | undefined {
  if (bound === null || totals.length === 0) return undefined;
  const bill = parseDecimal(billedAmount(invoice));
  const largest = totals.map(parseDecimal).reduce((most, one) => (compare(one, most) > 0 ? one : most), ZERO);
  const most = multiply(largest, parseDecimal(bound.factor));
  if (compare(bill, parseDecimal(bound.floor)) <= 0 || compare(bill, most) <= 0) return undefined;
  const message =
    `the bill of ${formatDecimal(bill)} ${invoice.currency} is more than ${bound.factor} times the largest of the ` +
    `customer's last ${totals.length}, ${formatDecimal(largest)}`;
  return { hold: 'anomaly', message };
}
