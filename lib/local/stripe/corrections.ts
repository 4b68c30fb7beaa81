import { badRequest, missingParam, noSuch } from './errors.ts';
import { type Form, mergeMetadata, textOf } from './form.ts';
import { invoiceOf } from './invoices.ts';
import type { PaymentObject, PlainObject } from './objects.ts';
import { newestFirst, page, type Store } from './store.ts';

/** A credit note lowers what an open invoice still asks for, or credits the customer's balance for a paid one. */
export function createCreditNote(store: Store, form: Form): object {
  const invoice = invoiceOf(store, textOf(form.invoice) ?? '');
  if (invoice.status !== 'open' && invoice.status !== 'paid')
    throw badRequest('A credit note needs a finalized invoice.');
  const amount = wholeNumber(form, 'amount');
  if (amount > invoice.total - invoice.post_payment_credit_notes_amount)
    throw badRequest('The amount is more than is left.');
  const open = invoice.status === 'open';
  if (open) {
    invoice.amount_due -= amount;
    invoice.amount_remaining -= amount;
  } else {
    invoice.post_payment_credit_notes_amount += amount;
    const customer = store.customers.get(invoice.customer);
    if (customer) customer.balance -= amount;
  }
  const { id, customer, currency } = invoice;
  const metadata = mergeMetadata({}, form.metadata);
  const note = keep(store, 'cn', 'credit_note', {
    invoice: id,
    customer,
    currency,
    amount,
    status: 'issued',
    metadata,
  });
  store.emit('credit_note.created', note);
  return note;
}

export function createRefund(store: Store, form: Form): object {
  const payment = paymentOf(store, textOf(form.payment_intent) ?? '');
  const amount = form.amount === undefined ? payment.amount_paid : wholeNumber(form, 'amount');
  const refunded = of(store, 'refund').filter(
    ({ payment_intent }) => payment_intent === payment.payment.payment_intent,
  );
  const left = refunded.reduce((rest, refund) => rest - Number(refund.amount), payment.amount_paid);
  if (amount > left) throw badRequest(`Refund amount (${amount}) is greater than unrefunded amount (${left}).`);
  const { payment_intent } = payment.payment;
  const refund = keep(store, 're', 'refund', {
    payment_intent,
    currency: payment.currency,
    amount,
    status: 'succeeded',
  });
  store.emit('charge.refunded', {
    object: 'charge',
    payment_intent,
    amount_refunded: payment.amount_paid - left + amount,
  });
  return refund;
}

/** What a cardholder does at their bank; Stripe has no call for it. */
export function openDispute(store: Store, invoice: string): PlainObject {
  const payment = [...store.payments.values()].find((candidate) => candidate.invoice === invoice);
  if (!payment) throw badRequest(`Invoice ${invoice} has no payment to dispute.`);
  const { payment_intent } = payment.payment;
  const about = { payment_intent, currency: payment.currency, amount: payment.amount_paid, reason: 'general' };
  const dispute = keep(store, 'du', 'dispute', { ...about, status: 'needs_response' });
  store.emit('charge.dispute.created', dispute);
  return dispute;
}

export function closeDispute(store: Store, id: string, status: 'won' | 'lost'): PlainObject {
  const dispute = store.others.get(id);
  if (dispute?.object !== 'dispute') throw noSuch('dispute', id);
  dispute.status = status;
  store.emit('charge.dispute.closed', dispute);
  return dispute;
}

export function listInvoicePayments(store: Store, query: Form): object {
  const wanted = typeof query.payment === 'object' && !Array.isArray(query.payment) ? query.payment : {};
  const intent = textOf(wanted.payment_intent);
  const invoice = textOf(query.invoice);
  const found = newestFirst(store.payments.values()).filter(
    (item) =>
      (intent === undefined || item.payment.payment_intent === intent) &&
      (invoice === undefined || item.invoice === invoice),
  );
  return page(found, query, '/v1/invoice_payments');
}

export function listPlain(store: Store, object: string, query: Form, url: string): object {
  const invoice = textOf(query.invoice);
  return page(
    newestFirst(of(store, object)).filter((item) => invoice === undefined || item.invoice === invoice),
    query,
    url,
  );
}

const of = (store: Store, object: string): PlainObject[] =>
  [...store.others.values()].filter((item) => item.object === object);

function paymentOf(store: Store, intent: string): PaymentObject {
  const found = [...store.payments.values()].find(({ payment }) => payment.payment_intent === intent);
  if (!found) throw noSuch('payment_intent', intent);
  return found;
}

function wholeNumber(form: Form, name: string): number {
  const text = textOf(form[name]);
  if (text === undefined) throw missingParam(name);
  if (!/^[1-9]\d*$/.test(text)) throw badRequest(`Invalid integer: ${text}`, 'parameter_invalid_integer');
  return Number(text);
}

function keep(store: Store, prefix: string, object: string, fields: Record<string, unknown>): PlainObject {
  const item: PlainObject = { id: store.nextId(prefix), object, created: store.seconds(), livemode: false, ...fields };
  store.others.set(item.id, item);
  return item;
}
