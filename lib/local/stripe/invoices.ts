import { fromStripeAmount } from '../../adapters/stripe/amounts.ts';
import { reachesMinimumCharge } from '../../domain/money/charge-units.ts';
import { DAY_MS, SECOND_MS } from '../../domain/time/time.ts';
import { badRequest, missingParam, noSuch } from './errors.ts';
import { type Form, listOf, mapOf, mergeMetadata, textOf } from './form.ts';
import { presentInvoice } from './invoice-view.ts';
import type { InvoiceObject, LineObject } from './objects.ts';
import { attemptPayment, declined, settle } from './payments.ts';
import { newestFirst, page, type Store } from './store.ts';

const LINES_A_CALL = 250;

export function createInvoice(store: Store, form: Form): object {
  const customer = textOf(form.customer);
  if (customer === undefined) throw missingParam('customer');
  const known = store.customers.get(customer);
  if (!known || known.deleted) throw noSuch('customer', customer);
  const collection = textOf(form.collection_method) ?? 'charge_automatically';
  if (collection !== 'charge_automatically' && collection !== 'send_invoice')
    throw badRequest('Invalid collection_method');
  const days = textOf(form.days_until_due);
  if (collection === 'send_invoice' && days === undefined) throw missingParam('days_until_due');
  const invoice: InvoiceObject = {
    id: store.nextId('in'),
    object: 'invoice',
    created: store.seconds(),
    customer,
    currency: textOf(form.currency) ?? 'usd',
    billing_reason: 'manual',
    livemode: false,
    status: 'draft',
    number: null,
    auto_advance: textOf(form.auto_advance) === 'true',
    collection_method: collection,
    days_until_due: days === undefined ? null : Number(days),
    due_date: null,
    description: textOf(form.description) ?? null,
    metadata: mergeMetadata({}, form.metadata),
    subtotal: 0,
    total: 0,
    starting_balance: known.balance,
    ending_balance: null,
    amount_due: 0,
    amount_paid: 0,
    amount_remaining: 0,
    attempted: false,
    attempt_count: 0,
    next_payment_attempt: null,
    post_payment_credit_notes_amount: 0,
    status_transitions: { finalized_at: null, paid_at: null, voided_at: null, marked_uncollectible_at: null },
  };
  store.invoices.set(invoice.id, invoice);
  store.lines.set(invoice.id, []);
  store.emit('invoice.created', presentInvoice(store, invoice));
  return presentInvoice(store, invoice);
}

export function invoiceOf(store: Store, id: string): InvoiceObject {
  const invoice = store.invoices.get(id);
  if (!invoice) throw noSuch('invoice', id);
  return invoice;
}

function draftOf(store: Store, id: string): InvoiceObject {
  const invoice = invoiceOf(store, id);
  if (invoice.status !== 'draft') throw badRequest('This invoice is no longer editable.', 'invoice_not_editable');
  return invoice;
}

function openOf(store: Store, id: string, ...more: InvoiceObject['status'][]): InvoiceObject {
  const invoice = invoiceOf(store, id);
  if (invoice.status === 'open' || more.includes(invoice.status)) return invoice;
  throw badRequest(`This invoice is ${invoice.status}.`, 'invoice_not_open');
}

export function listInvoices(store: Store, query: Form): object {
  const [customer, status] = [textOf(query.customer), textOf(query.status)];
  const found = newestFirst(store.invoices.values()).filter(
    (invoice) =>
      (customer === undefined || invoice.customer === customer) && (status === undefined || invoice.status === status),
  );
  return page(
    found.map((invoice) => ({ ...presentInvoice(store, invoice), id: invoice.id })),
    query,
    '/v1/invoices',
  );
}

export function updateInvoice(store: Store, id: string, form: Form): object {
  const invoice = invoiceOf(store, id);
  invoice.metadata = mergeMetadata(invoice.metadata, form.metadata);
  const advance = textOf(form.auto_advance);
  if (advance !== undefined) invoice.auto_advance = advance === 'true';
  return presentInvoice(store, invoice);
}

export function deleteInvoice(store: Store, id: string): object {
  draftOf(store, id);
  store.invoices.delete(id);
  store.lines.delete(id);
  return { id, object: 'invoice', deleted: true };
}

export function addLines(store: Store, id: string, form: Form): object {
  const invoice = draftOf(store, id);
  const added = listOf(form.lines).map((line, index) => lineFrom(store, invoice, mapOf(line), `lines[${index}]`));
  if (added.length === 0) throw missingParam('lines');
  if (added.length > LINES_A_CALL) throw badRequest(`At most ${LINES_A_CALL} lines can be added at once.`);
  setLines(store, invoice, [...(store.lines.get(id) ?? []), ...added]);
  return presentInvoice(store, invoice);
}

export function removeLines(store: Store, id: string, form: Form): object {
  const invoice = draftOf(store, id);
  const gone = new Set(listOf(form.lines).map((line) => textOf(mapOf(line).id)));
  setLines(
    store,
    invoice,
    (store.lines.get(id) ?? []).filter((line) => !gone.has(line.id)),
  );
  return presentInvoice(store, invoice);
}

function setLines(store: Store, invoice: InvoiceObject, lines: LineObject[]): void {
  store.lines.set(invoice.id, lines);
  invoice.subtotal = lines.reduce((sum, { amount }) => sum + amount, 0);
  invoice.total = invoice.subtotal;
  invoice.amount_due = Math.max(0, invoice.total + invoice.starting_balance);
  invoice.amount_remaining = invoice.amount_due;
}

function lineFrom(store: Store, invoice: InvoiceObject, form: Form, at: string): LineObject {
  const text = textOf(form.amount);
  if (text === undefined) throw missingParam(`${at}[amount]`);
  if (!/^-?\d+$/.test(text)) throw badRequest(`Invalid integer: ${text}`, 'parameter_invalid_integer');
  const period = mapOf(form.period);
  const description = textOf(form.description) ?? null;
  if (description !== null && description.length > 500)
    throw badRequest(`${at}[description] is longer than 500 characters`);
  const metadata = mergeMetadata({}, form.metadata);
  const tooLong = Object.entries(metadata).find(([key, value]) => key.length > 40 || value.length > 500);
  if (tooLong) throw badRequest(`${at}[metadata][${tooLong[0]}] is too long`);
  return {
    id: store.nextId('il'),
    object: 'line_item',
    invoice: invoice.id,
    amount: Number(text),
    currency: invoice.currency,
    description,
    discountable: textOf(form.discountable) !== 'false',
    metadata,
    period: {
      start: Number(textOf(period.start) ?? store.seconds()),
      end: Number(textOf(period.end) ?? store.seconds()),
    },
    quantity: 1,
  };
}

/** Applies the customer's balance; what is below the minimum charge, or below zero, goes to the balance and the invoice is paid. */
export function finalizeInvoice(store: Store, id: string, form: Form): object {
  const invoice = draftOf(store, id);
  const customer = store.customers.get(invoice.customer);
  if (!customer || customer.deleted) throw badRequest('The customer of this invoice was deleted.', 'customer_deleted');
  const advance = textOf(form.auto_advance);
  if (advance !== undefined) invoice.auto_advance = advance === 'true';
  const now = store.seconds();
  invoice.status = 'open';
  invoice.number = `TG-${String([...store.invoices.values()].filter((i) => i.number !== null).length + 1).padStart(5, '0')}`;
  invoice.status_transitions.finalized_at = now;
  applyBalance(invoice, customer);
  store.emit('invoice.finalized', presentInvoice(store, invoice));
  if (invoice.amount_due === 0) settle(store, invoice);
  else if (invoice.collection_method === 'send_invoice') {
    invoice.due_date = now + ((invoice.days_until_due ?? 0) * DAY_MS) / SECOND_MS;
  } else if (invoice.auto_advance) invoice.next_payment_attempt = now;
  return presentInvoice(store, invoice);
}

function applyBalance(invoice: InvoiceObject, customer: { balance: number }): void {
  invoice.starting_balance = customer.balance;
  const due = invoice.total + customer.balance;
  const currency = invoice.currency.toUpperCase();
  const charged = reachesMinimumCharge(currency, fromStripeAmount(currency, due)) ? due : 0;
  customer.balance = due - charged;
  invoice.ending_balance = customer.balance;
  invoice.amount_due = charged;
  invoice.amount_remaining = charged;
}

export function payInvoice(store: Store, id: string, form: Form): object {
  const invoice = openOf(store, id, 'uncollectible');
  if (textOf(form.paid_out_of_band) === 'true') settle(store, invoice);
  else if (!attemptPayment(store, invoice)) throw declined();
  return presentInvoice(store, invoice);
}

export function voidInvoice(store: Store, id: string): object {
  const invoice = openOf(store, id, 'uncollectible');
  invoice.status = 'void';
  invoice.next_payment_attempt = null;
  invoice.status_transitions.voided_at = store.seconds();
  store.emit('invoice.voided', presentInvoice(store, invoice));
  return presentInvoice(store, invoice);
}

export function markUncollectible(store: Store, id: string): object {
  const invoice = openOf(store, id);
  invoice.status = 'uncollectible';
  invoice.next_payment_attempt = null;
  invoice.status_transitions.marked_uncollectible_at = store.seconds();
  store.emit('invoice.marked_uncollectible', presentInvoice(store, invoice));
  return presentInvoice(store, invoice);
}
