import { badRequest, missingParam, noSuch } from './errors.ts';
import { type Form, listOf, mapOf, mergeMetadata, textOf, wholeNumber } from './form.ts';
import type { AddressObject, CustomerObject, PlainObject, ShippingObject } from './objects.ts';
import { attach, methodFor } from './payment-methods.ts';
import { keep, newestFirst, page, plain, type Store } from './store.ts';

/** @param card the test card that this customer brings along: nobody enters one on a page */
export function createCustomer(store: Store, form: Form, card: (customer: CustomerObject) => string | null): object {
  const clock = textOf(form.test_clock) ?? null;
  if (clock !== null && !store.others.has(clock)) throw noSuch('test_clock', clock, 'test_clock');
  const customer: CustomerObject = {
    id: store.nextId('cus'),
    object: 'customer',
    created: store.seconds(),
    livemode: false,
    name: given(form.name, null),
    email: given(form.email, null),
    phone: given(form.phone, null),
    description: given(form.description, null),
    shipping: shippingOf(form, null),
    address: addressOf(form, null),
    tax_exempt: exemptOf(form, 'none'),
    metadata: mergeMetadata({}, form.metadata),
    balance: 0,
    invoice_settings: { default_payment_method: null },
    default_source: null,
    test_clock: clock,
  };
  store.customers.set(customer.id, customer);
  const token = textOf(form.payment_method) ?? card(customer);
  if (token !== null) {
    const { id } = attach(store, token, customer.id);
    if (textOf(form.payment_method) === undefined) customer.invoice_settings.default_payment_method = id;
  }
  setDefault(store, customer, form);
  for (const taxId of listOf(form.tax_id_data)) createTaxId(store, customer.id, mapOf(taxId));
  store.emit('customer.created', customer);
  moveBalance(store, customer, wholeNumber(form, 'balance') ?? 0, 'initial');
  return customer;
}

/** A customer that exists and was not deleted. */
export function customerOf(store: Store, id: string): CustomerObject {
  const customer = store.customers.get(id);
  if (!customer || customer.deleted) throw noSuch('customer', id);
  return customer;
}

/** A deleted one is answered as such, not as missing. */
export function readCustomer(store: Store, id: string): object {
  const customer = store.customers.get(id);
  if (!customer) throw noSuch('customer', id);
  return customer.deleted ? { id, object: 'customer', deleted: true } : customer;
}

export function updateCustomer(store: Store, id: string, form: Form): object {
  const customer = customerOf(store, id);
  const before = structuredClone(customer);
  customer.metadata = mergeMetadata(customer.metadata, form.metadata);
  customer.name = given(form.name, customer.name);
  customer.email = given(form.email, customer.email);
  customer.phone = given(form.phone, customer.phone);
  customer.description = given(form.description, customer.description);
  customer.shipping = shippingOf(form, customer.shipping);
  customer.address = addressOf(form, customer.address);
  customer.tax_exempt = exemptOf(form, customer.tax_exempt);
  setDefault(store, customer, form);
  const balance = wholeNumber(form, 'balance');
  if (balance !== undefined) moveBalance(store, customer, balance - customer.balance, 'adjustment');
  const changed = Object.entries(before).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(customer[name as keyof CustomerObject]),
  );
  store.emit('customer.updated', customer, Object.fromEntries(changed));
  return customer;
}

function setDefault(store: Store, customer: CustomerObject, form: Form): void {
  const method = textOf(mapOf(form.invoice_settings).default_payment_method);
  if (method === undefined) return;
  customer.invoice_settings.default_payment_method = method === '' ? null : methodFor(store, method, customer.id).id;
}

/** An empty text takes a value away, as at Stripe. */
function given(value: Form[string] | undefined, before: string | null): string | null {
  const text = textOf(value);
  return text === undefined ? before : text === '' ? null : text;
}

function shippingOf(form: Form, before: ShippingObject | null): ShippingObject | null {
  if (form.shipping === undefined) return before;
  if (form.shipping === '') return null;
  const parts = mapOf(form.shipping);
  return { name: given(parts.name, null), phone: given(parts.phone, null), address: addressOf(parts, null) };
}

function addressOf(form: Form, before: AddressObject | null): AddressObject | null {
  if (form.address === undefined) return before;
  if (form.address === '') return null;
  const parts = mapOf(form.address);
  const part = (name: string) => given(parts[name], null);
  return {
    city: part('city'),
    country: part('country'),
    line1: part('line1'),
    line2: part('line2'),
    postal_code: part('postal_code'),
    state: part('state'),
  };
}

function exemptOf(form: Form, before: CustomerObject['tax_exempt']): CustomerObject['tax_exempt'] {
  const given = textOf(form.tax_exempt) ?? before;
  if (given !== 'none' && given !== 'exempt' && given !== 'reverse') throw badRequest(`Invalid tax_exempt: ${given}`);
  return given;
}

/** Its open invoices stay open and are no longer collected by themselves. */
export function deleteCustomer(store: Store, id: string): object {
  const customer = customerOf(store, id);
  store.emit('customer.deleted', customer);
  customer.deleted = true;
  for (const method of store.methods.values()) if (method.customer === id) method.customer = null;
  return { id, object: 'customer', deleted: true };
}

export function listCustomers(store: Store, query: Form): object {
  const email = textOf(query.email);
  const clock = textOf(query.test_clock);
  const found = newestFirst(store.customers.values()).filter(
    (customer) =>
      !customer.deleted &&
      (email === undefined || customer.email === email) &&
      (clock === undefined || customer.test_clock === clock),
  );
  return page(found, query, '/v1/customers');
}

export function createTaxId(store: Store, customer: string, form: Form): object {
  customerOf(store, customer);
  const [type, value] = [textOf(form.type), textOf(form.value)];
  if (type === undefined) throw missingParam('type');
  if (value === undefined) throw missingParam('value');
  const country = type === 'eu_vat' ? value.slice(0, 2) : type.slice(0, 2).toUpperCase();
  return keep(store, 'txi', 'tax_id', { customer, country, type, value, verification: null, owner: null });
}

const taxIdsOf = (store: Store, customer: string): PlainObject[] =>
  newestFirst(plain(store, 'tax_id')).filter((item) => item.customer === customer);

export function listTaxIds(store: Store, customer: string, query: Form): object {
  customerOf(store, customer);
  return page(taxIdsOf(store, customer), query, `/v1/customers/${customer}/tax_ids`);
}

export function deleteTaxId(store: Store, customer: string, id: string): object {
  if (!taxIdsOf(store, customer).some((item) => item.id === id)) throw noSuch('tax_id', id);
  store.others.delete(id);
  return { id, object: 'tax_id', deleted: true };
}

/** Every change of a balance is a transaction that says why. */
export function moveBalance(
  store: Store,
  customer: CustomerObject,
  amount: number,
  type:
    | 'initial'
    | 'adjustment'
    | 'applied_to_invoice'
    | 'invoice_too_small'
    | 'unapplied_from_invoice'
    | 'credit_note'
    | 'unapplied_from_invoice',
  about: { readonly invoice?: string; readonly credit_note?: string; readonly currency?: string } = {},
): PlainObject | undefined {
  if (amount === 0) return undefined;
  customer.balance += amount;
  const { invoice = null, credit_note = null, currency = 'usd' } = about;
  const fields = { amount, currency, customer: customer.id, description: null, ending_balance: customer.balance };
  return keep(store, 'cbtxn', 'customer_balance_transaction', { ...fields, invoice, credit_note, metadata: {}, type });
}

export function listBalance(store: Store, customer: string, query: Form): object {
  customerOf(store, customer);
  const found = newestFirst(plain(store, 'customer_balance_transaction')).filter((item) => item.customer === customer);
  return page(found, query, `/v1/customers/${customer}/balance_transactions`);
}

export function adjustBalance(store: Store, id: string, form: Form): object {
  const amount = wholeNumber(form, 'amount');
  const currency = textOf(form.currency);
  if (amount === undefined) throw missingParam('amount');
  if (currency === undefined) throw missingParam('currency');
  const moved = moveBalance(store, customerOf(store, id), amount, 'adjustment', { currency });
  if (!moved) throw badRequest('amount must not be 0');
  return moved;
}
