import { DAY_MS, SECOND_MS } from '../../domain/time/time.ts';
import { StripeFault } from './errors.ts';
import { presentInvoice } from './invoice-view.ts';
import type { InvoiceObject } from './objects.ts';
import type { Store } from './store.ts';

/** Days between automatic attempts; after the last one Stripe does not try again by itself. */
const RETRY_DAYS = [3, 5, 7];
/** A test card of Stripe's whose charges are declined after it was stored. */
export const DECLINING_CARD = 'pm_card_chargeCustomerFail';
export const GOOD_CARD = 'pm_card_visa';

/** One attempt to collect. Answers whether it worked. */
export function attemptPayment(store: Store, invoice: InvoiceObject): boolean {
  const customer = store.customers.get(invoice.customer);
  const method = customer?.invoice_settings.default_payment_method ?? null;
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (customer && !customer.deleted && method !== null && method !== DECLINING_CARD) {
    settle(store, invoice);
    return true;
  }
  const days = invoice.auto_advance ? RETRY_DAYS[invoice.attempt_count - 1] : undefined;
  invoice.next_payment_attempt = days === undefined ? null : store.seconds() + (days * DAY_MS) / SECOND_MS;
  store.emit('invoice.payment_failed', presentInvoice(store, invoice));
  return false;
}

/** Marks it paid; with an amount due there is a payment that disputes and refunds can name. */
export function settle(store: Store, invoice: InvoiceObject): void {
  if (invoice.amount_due > 0) {
    const payment = { type: 'payment_intent', payment_intent: store.nextId('pi') } as const;
    const id = store.nextId('inpay');
    const { currency, amount_due: amount_paid } = invoice;
    const created = store.seconds();
    store.payments.set(id, {
      id,
      object: 'invoice_payment',
      created,
      invoice: invoice.id,
      currency,
      amount_paid,
      status: 'paid',
      payment,
    });
  }
  invoice.status = 'paid';
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = store.seconds();
  store.emit('invoice.paid', presentInvoice(store, invoice));
}

/** Collects whatever is due by now: automatic attempts, and invoices sent that nobody paid in time. */
export function collectDue(store: Store): void {
  const now = store.seconds();
  for (const invoice of store.invoices.values()) {
    if (invoice.status !== 'open' || !invoice.auto_advance) continue;
    if (invoice.next_payment_attempt !== null && invoice.next_payment_attempt <= now) attemptPayment(store, invoice);
    if (invoice.status === 'open' && invoice.due_date !== null && invoice.due_date <= now && !invoice.attempted) {
      invoice.attempted = true;
      store.emit('invoice.overdue', presentInvoice(store, invoice));
    }
  }
}

export const declined = (): StripeFault =>
  new StripeFault({
    status: 402,
    type: 'card_error',
    code: 'card_declined',
    message: 'Your card was declined.',
    saved: true,
  });
