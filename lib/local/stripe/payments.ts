import { DAY_MS, SECOND_MS } from '../../domain/time/time.ts';
import { dispute } from './disputes.ts';
import { StripeFault } from './errors.ts';
import { presentInvoice } from './invoice-view.ts';
import type { ChargeObject, InvoiceObject } from './objects.ts';
import { type CardRefusal, DISPUTING_CARD, refusalOf } from './payment-methods.ts';
import type { Store } from './store.ts';

export { CONFIRMING_CARD, DECLINING_CARD, GOOD_CARD } from './payment-methods.ts';

/** Days between automatic attempts; after the last one Stripe does not try again by itself. */
const RETRY_DAYS = [3, 5, 7];

/** One attempt to collect. Answers why it failed, null when it worked. */
export function attemptPayment(store: Store, invoice: InvoiceObject, given?: string): CardRefusal | null {
  const customer = store.customers.get(invoice.customer);
  const method = given ?? (customer?.deleted ? null : (customer?.invoice_settings.default_payment_method ?? null));
  const refused = refusalOf(store, method);
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (refused === null) {
    settle(store, invoice, method);
    return null;
  }
  const days = invoice.auto_advance ? RETRY_DAYS[invoice.attempt_count - 1] : undefined;
  const now = store.secondsOf(invoice.customer);
  invoice.next_payment_attempt = days === undefined ? null : now + (days * DAY_MS) / SECOND_MS;
  if (refused.code === 'authentication_required') {
    store.emit('invoice.payment_action_required', presentInvoice(store, invoice));
  }
  store.emit('invoice.payment_failed', presentInvoice(store, invoice));
  return refused;
}

/**
 * Marks it paid; with an amount due there is a payment that disputes and refunds can name.
 * @param method null: paid outside of Stripe, or nothing was left to pay
 */
export function settle(store: Store, invoice: InvoiceObject, method: string | null): void {
  const now = store.secondsOf(invoice.customer);
  if (invoice.amount_remaining > 0 && method !== null) recordPayment(store, invoice, method, now);
  invoice.status = 'paid';
  invoice.amount_paid = invoice.amount_remaining;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = now;
  store.emit('invoice.paid', presentInvoice(store, invoice));
  if (method === null || store.cards.get(method) !== DISPUTING_CARD) return;
  const charge = chargeOf(store, invoice.id);
  if (charge) dispute(store, charge);
}

function recordPayment(store: Store, invoice: InvoiceObject, payment_method: string, now: number): void {
  const { currency, customer, amount_remaining: amount } = invoice;
  const payment_intent = store.nextId('pi');
  const id = store.nextId('inpay');
  store.payments.set(id, {
    ...{ id, object: 'invoice_payment', created: now, livemode: false, invoice: invoice.id, currency },
    ...{ amount_paid: amount, amount_requested: amount, is_default: true, status: 'paid' },
    ...{ status_transitions: { canceled_at: null, paid_at: now }, payment: { type: 'payment_intent', payment_intent } },
  });
  const charge: ChargeObject = {
    ...{ id: store.nextId('ch'), object: 'charge', created: now, livemode: false, amount, amount_captured: amount },
    ...{ amount_refunded: 0, captured: true, currency, customer, disputed: false, metadata: {}, paid: true },
    ...{ billing_details: { address: null, email: null, name: null, phone: null, tax_id: null } },
    ...{ payment_intent, payment_method, refunded: false, status: 'succeeded' },
  };
  store.charges.set(charge.id, charge);
}

/** Of an invoice that was paid through Stripe. */
export function chargeOf(store: Store, invoice: string): ChargeObject | undefined {
  const intents = new Set<string>();
  for (const item of store.payments.values()) if (item.invoice === invoice) intents.add(item.payment.payment_intent);
  return [...store.charges.values()].find(({ payment_intent }) => intents.has(payment_intent));
}

/** Collects whatever is due by now: automatic attempts, and invoices sent that nobody paid in time. */
export function collectDue(store: Store): void {
  for (const invoice of store.invoices.values()) {
    if (invoice.status !== 'open' || !invoice.auto_advance) continue;
    if (store.customers.get(invoice.customer)?.deleted) continue;
    const now = store.secondsOf(invoice.customer);
    if (invoice.next_payment_attempt !== null && invoice.next_payment_attempt <= now) attemptPayment(store, invoice);
    if (invoice.status === 'open' && invoice.due_date !== null && invoice.due_date <= now && !invoice.attempted) {
      invoice.attempted = true;
      store.emit('invoice.overdue', presentInvoice(store, invoice));
    }
  }
}

export const declined = ({ code, declineCode, message }: CardRefusal): StripeFault =>
  new StripeFault({ status: 402, type: 'card_error', code, declineCode, message, saved: true });
