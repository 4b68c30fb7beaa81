import { noSuch } from './errors.ts';
import { type Form, mapOf, mergeMetadata, textOf } from './form.ts';
import type { CustomerObject } from './objects.ts';
import { newestFirst, page, type Store } from './store.ts';

/** @param card the card that this customer "enters": there is no checkout page to do it on */
export function createCustomer(store: Store, form: Form, card: (customer: CustomerObject) => string | null): object {
  const settings = mapOf(form.invoice_settings);
  const customer: CustomerObject = {
    id: store.nextId('cus'),
    object: 'customer',
    created: store.seconds(),
    name: textOf(form.name) ?? null,
    email: textOf(form.email) ?? null,
    metadata: mergeMetadata({}, form.metadata),
    balance: Number(textOf(form.balance) ?? 0),
    invoice_settings: { default_payment_method: textOf(settings.default_payment_method) ?? null },
    livemode: false,
  };
  customer.invoice_settings.default_payment_method ??= card(customer);
  store.customers.set(customer.id, customer);
  store.emit('customer.created', customer);
  return customer;
}

export function customerOf(store: Store, id: string): CustomerObject {
  const customer = store.customers.get(id);
  if (!customer) throw noSuch('customer', id);
  return customer;
}

export function updateCustomer(store: Store, id: string, form: Form): object {
  const customer = customerOf(store, id);
  if (customer.deleted) throw noSuch('customer', id);
  customer.metadata = mergeMetadata(customer.metadata, form.metadata);
  customer.name = textOf(form.name) ?? customer.name;
  customer.email = textOf(form.email) ?? customer.email;
  const method = textOf(mapOf(form.invoice_settings).default_payment_method);
  if (method !== undefined) customer.invoice_settings.default_payment_method = method === '' ? null : method;
  store.emit('customer.updated', customer);
  return customer;
}

export function deleteCustomer(store: Store, id: string): object {
  const customer = customerOf(store, id);
  customer.deleted = true;
  store.emit('customer.deleted', customer);
  return { id, object: 'customer', deleted: true };
}

export function listCustomers(store: Store, query: Form): object {
  const email = textOf(query.email);
  const found = newestFirst(store.customers.values()).filter(
    (customer) => !customer.deleted && (email === undefined || customer.email === email),
  );
  return page(found, query, '/v1/customers');
}

/** Test cards are named, not tokenized: attaching one only remembers whose it is. */
export function attachPaymentMethod(store: Store, id: string, form: Form): object {
  const customer = customerOf(store, textOf(form.customer) ?? '');
  return {
    id,
    object: 'payment_method',
    type: 'card',
    customer: customer.id,
    created: store.seconds(),
    livemode: false,
  };
}
