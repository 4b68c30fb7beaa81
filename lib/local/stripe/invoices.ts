import { fromStripeAmount } from '../../adapters/stripe/amounts.ts';
import { reachesMinimumCharge } from '../../domain/money/charge-units.ts';
import { DAY_MS, SECOND_MS } from '../../domain/time/time.ts';
import { customerOf, moveBalance } from './customers.ts';
import { badRequest, missingParam, noSuch } from './errors.ts';
import { type Form, listOf, mapOf, mergeMetadata, textOf, wholeNumber } from './form.ts';
import { presentInvoice } from './invoice-view.ts';
import type { AutomaticTaxObject, CustomerObject, InvoiceObject, LineObject } from './objects.ts';
import { methodFor } from './payment-methods.ts';
import { attemptPayment, declined, settle } from './payments.ts';
import { newestFirst, page, type Store } from './store.ts';
import { computeTotals } from './tax.ts';

const LINES_A_CALL = 250;

export function createInvoice(store: Store, form: Form): object {
  const customer = textOf(form.customer);
  if (customer === undefined) throw missingParam('customer');
  const known = customerOf(store, customer);
  const now = store.secondsOf(customer);
  const invoice: InvoiceObject = {
    ...{ id: store.nextId('in'), object: 'invoice', created: now, livemode: false, customer },
    ...{ currency: textOf(form.currency) ?? 'usd', billing_reason: 'manual', issuer: { type: 'self' } },
    ...{ default_tax_rates: [], discounts: [], period_start: now, period_end: now },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    custom_fields: customFields(form),
    footer: textOf(form.footer) ?? null,
    ...{ amount_overpaid: 0, amount_shipping: 0, status: 'draft', number: null },
    auto_advance: textOf(form.auto_advance) === 'true',
    automatic_tax: automaticTax(textOf(mapOf(form.automatic_tax).enabled) === 'true'),
    ...collection(form),
    due_date: null,
    description: textOf(form.description) ?? null,
    metadata: mergeMetadata({}, form.metadata),
    ...{ subtotal: 0, total: 0, total_excluding_tax: 0, total_taxes: [] },
    starting_balance: known.balance,
    ...{ ending_balance: null, amount_due: 0, amount_paid: 0, amount_remaining: 0 },
    ...{ attempted: false, attempt_count: 0, next_payment_attempt: null, hosted_invoice_url: null },
    ...{ pre_payment_credit_notes_amount: 0, post_payment_credit_notes_amount: 0 },
    ...printedOf(known),
    status_transitions: { finalized_at: null, paid_at: null, voided_at: null, marked_uncollectible_at: null },
  };
  store.invoices.set(invoice.id, invoice);
  store.lines.set(invoice.id, []);
  store.emit('invoice.created', presentInvoice(store, invoice));
  return presentInvoice(store, invoice);
}

const printedOf = ({ name, email, address }: CustomerObject) => ({
  ...{ customer_name: name, customer_email: email, customer_address: address },
});

function collection(form: Form): Pick<InvoiceObject, 'collection_method' | 'days_until_due'> {
  const collection_method = textOf(form.collection_method) ?? 'charge_automatically';
  if (collection_method !== 'charge_automatically' && collection_method !== 'send_invoice')
    throw badRequest('Invalid collection_method');
  const days_until_due = wholeNumber(form, 'days_until_due') ?? null;
  if (collection_method === 'send_invoice' && days_until_due === null) throw missingParam('days_until_due');
  return { collection_method, days_until_due };
}

const automaticTax = (enabled: boolean): AutomaticTaxObject => ({
  disabled_reason: null,
  enabled,
  liability: enabled ? { type: 'self' } : null,
  provider: enabled ? 'stripe' : null,
  status: null,
});

function customFields(form: Form): InvoiceObject['custom_fields'] {
  const fields = listOf(form.custom_fields).map((field) => ({
    name: textOf(mapOf(field).name) ?? '',
    value: textOf(mapOf(field).value) ?? '',
  }));
  if (fields.length > 4) throw badRequest('At most 4 custom_fields.');
  const long = fields.find(({ name, value }) => name.length > 40 || value.length > 140);
  if (long) throw badRequest(`The custom field ${long.name.slice(0, 40)} is too long.`);
  return fields.length === 0 ? null : fields;
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
  const customer = store.customers.get(invoice.customer);
  computeTotals(
    invoice,
    customer,
    lines.map(({ amount }) => amount),
  );
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
  const now = store.secondsOf(invoice.customer);
  return {
    ...{ id: store.nextId('il'), object: 'line_item', livemode: false, invoice: invoice.id },
    ...{ amount: Number(text), currency: invoice.currency, description, metadata },
    discountable: textOf(form.discountable) !== 'false',
    ...{ discounts: [], parent: null, pricing: null, quantity: 1, taxes: null },
    period: { start: wholeNumber(period, 'start') ?? now, end: wholeNumber(period, 'end') ?? now },
  };
}

/** Applies the customer's balance; what is below the minimum charge, or below zero, goes to the balance and the invoice is paid. */
export function finalizeInvoice(store: Store, id: string, form: Form): object {
  const invoice = draftOf(store, id);
  const customer = store.customers.get(invoice.customer);
  if (!customer || customer.deleted) throw badRequest('The customer of this invoice was deleted.', 'customer_deleted');
  if (invoice.automatic_tax.status === 'requires_location_inputs') {
    throw badRequest("The customer's location is not recognized.", 'customer_tax_location_invalid');
  }
  const advance = textOf(form.auto_advance);
  if (advance !== undefined) invoice.auto_advance = advance === 'true';
  const now = store.secondsOf(invoice.customer);
  Object.assign(invoice, printedOf(customer));
  invoice.status = 'open';
  invoice.number = `TG-${store.nextId('number').slice(-5)}`;
  invoice.hosted_invoice_url = `${store.origin}/pay/${id}`;
  invoice.status_transitions.finalized_at = now;
  applyBalance(store, invoice, customer);
  if (invoice.collection_method === 'send_invoice' && invoice.amount_due > 0) {
    invoice.due_date = now + ((invoice.days_until_due ?? 0) * DAY_MS) / SECOND_MS;
  } else if (invoice.auto_advance && invoice.amount_due > 0) invoice.next_payment_attempt = now;
  store.emit('invoice.finalized', presentInvoice(store, invoice));
  if (invoice.amount_due === 0) settle(store, invoice, null);
  return presentInvoice(store, invoice);
}

function applyBalance(store: Store, invoice: InvoiceObject, customer: CustomerObject): void {
  invoice.starting_balance = customer.balance;
  const due = invoice.total + customer.balance;
  const currency = invoice.currency.toUpperCase();
  const charged = reachesMinimumCharge(currency, fromStripeAmount(currency, due)) ? due : 0;
  const type = due > 0 && charged === 0 ? 'invoice_too_small' : 'applied_to_invoice';
  const about = { invoice: invoice.id, currency: invoice.currency };
  moveBalance(store, customer, due - charged - customer.balance, type, about);
  invoice.ending_balance = customer.balance;
  invoice.amount_due = charged;
  invoice.amount_remaining = charged;
}

export function payInvoice(store: Store, id: string, form: Form): object {
  const invoice = openOf(store, id, 'uncollectible');
  if (textOf(form.paid_out_of_band) === 'true') settle(store, invoice, null);
  else {
    const given = textOf(form.payment_method);
    const method = given === undefined ? undefined : methodFor(store, given, invoice.customer).id;
    const refused = attemptPayment(store, invoice, method);
    if (refused) throw declined(refused);
  }
  return presentInvoice(store, invoice);
}

/** What the customer's balance had paid of it becomes balance again. */
export function voidInvoice(store: Store, id: string): object {
  const invoice = openOf(store, id, 'uncollectible');
  const customer = store.customers.get(invoice.customer);
  const applied = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance;
  const about = { invoice: id, currency: invoice.currency };
  if (customer && applied !== 0) moveBalance(store, customer, -applied, 'unapplied_from_invoice', about);
  invoice.status = 'void';
  invoice.next_payment_attempt = null;
  invoice.status_transitions.voided_at = store.secondsOf(invoice.customer);
  store.emit('invoice.voided', presentInvoice(store, invoice));
  return presentInvoice(store, invoice);
}

export function markUncollectible(store: Store, id: string): object {
  const invoice = openOf(store, id);
  invoice.status = 'uncollectible';
  invoice.next_payment_attempt = null;
  invoice.status_transitions.marked_uncollectible_at = store.secondsOf(invoice.customer);
  store.emit('invoice.marked_uncollectible', presentInvoice(store, invoice));
  return presentInvoice(store, invoice);
}
