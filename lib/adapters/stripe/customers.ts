import type Stripe from 'stripe';
import type { BilledCustomer, PaymentMethodPageRequest } from '../../app/ports/billing.ts';
import { InputError } from '../../domain/input-error.ts';
import type { TaxAddress } from '../../domain/invoicing/billing-terms.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import { type Call, eachPage, PAGE } from './caller.ts';
import { isMissing, isReplayed } from './faults.ts';

/** The metadata that is ours: which customer it is. */
const OURS = 'tollgate_customer';

/** Attempts with another key, each after Stripe replayed a saved error and a listing showed no customer. */
const CUSTOMER_ATTEMPTS = 3;

/** Stripe's id of our customer, made if it is not there. Without an e-mail only the idempotency key finds it again. */
export async function ensureCustomer(call: Call, customer: BilledCustomer): Promise<string> {
  const { id, email, tax } = customer;
  const params: Stripe.CustomerCreateParams = {
    ...customerFields(customer),
    ...(tax.ids.length === 0 ? {} : { tax_id_data: tax.ids.map(({ type, value }) => ({ type, value })) }),
  };
  for (let attempt = 1; ; attempt++) {
    const known = email === null ? undefined : await findCustomer(call, id, email);
    if (known) return known;
    const idempotencyKey = `tollgate-customer-${attempt}-${digestOf([id, JSON.stringify(params)]).slice(0, 40)}`;
    try {
      const made = await call('POST customers', (stripe) => stripe.customers.create(params, { idempotencyKey }));
      if (attempt === CUSTOMER_ATTEMPTS || !isReplay(made) || !(await isGone(call, made.id))) return made.id;
    } catch (error) {
      if (attempt === CUSTOMER_ATTEMPTS || email === null || !isReplayed(error)) throw error;
    }
  }
}

function customerFields({ id, name, email, tax }: BilledCustomer) {
  return {
    name,
    metadata: { [OURS]: id },
    ...(email === null ? {} : { email }),
    tax_exempt: tax.exempt,
    ...(tax.address === null ? {} : { address: addressOf(tax.address) }),
  };
}

function addressOf({ line1, city, state, postalCode, country }: TaxAddress) {
  return {
    country,
    ...(line1 === undefined ? {} : { line1 }),
    ...(city === undefined ? {} : { city }),
    ...(state === undefined ? {} : { state }),
    ...(postalCode === undefined ? {} : { postal_code: postalCode }),
  };
}

/** Stripe replays the making of a customer for a day, also when it was deleted since. */
async function isGone(call: Call, id: string): Promise<boolean> {
  return (await call('GET customer', (stripe) => stripe.customers.retrieve(id))).deleted === true;
}

const isReplay = ({ lastResponse }: Stripe.Response<Stripe.Customer>): boolean =>
  lastResponse.headers['idempotent-replayed'] === 'true';

/** Stripe lists customers by e-mail; the metadata tells whether it is the one. */
async function findCustomer(call: Call, id: string, email: string): Promise<string | undefined> {
  let found: string | undefined;
  await eachPage(
    (starting_after) =>
      call('GET customers', (stripe) => stripe.customers.list({ email, limit: PAGE, ...starting_after })),
    (customer) => {
      if (customer.metadata.tollgate_customer === id) found ??= customer.id;
    },
  );
  return found;
}

/** Tax ids cannot be edited at Stripe: those that are no longer ours go, the new ones come. */
export async function updateCustomer(call: Call, id: string, customer: BilledCustomer, key: string): Promise<void> {
  await call('POST customer', (stripe) =>
    stripe.customers.update(id, customerFields(customer), { idempotencyKey: `${key}-fields` }),
  );
  const wanted = new Map(customer.tax.ids.map((taxId) => [nameOf(taxId), taxId]));
  const gone: string[] = [];
  await eachPage(
    (after) => call('GET tax_ids', (stripe) => stripe.customers.listTaxIds(id, { limit: PAGE, ...after })),
    (taxId) => {
      if (!wanted.delete(nameOf(taxId))) gone.push(taxId.id);
    },
  );
  for (const taxId of gone) await call('DELETE tax_id', (stripe) => stripe.customers.deleteTaxId(id, taxId));
  for (const [name, { type, value }] of wanted) {
    const idempotencyKey = `${key}-${digestOf([name]).slice(0, 16)}`;
    await call('POST tax_ids', (stripe) => stripe.customers.createTaxId(id, { type, value }, { idempotencyKey }));
  }
}

/**
 * Stripe takes an empty text as "no value". Deleting the customer instead would take its payment method with it, and what it
 * used until now could not be collected; Stripe's redaction jobs would take the invoices too, which are kept by law.
 */
export async function forgetCustomer(call: Call, id: string, customer: BilledCustomer, key: string): Promise<void> {
  const found = await call('GET customer', (stripe) => stripe.customers.retrieve(id));
  if (found.deleted) return;
  const foreign = Object.keys(found.metadata).filter((name) => name !== OURS);
  const { country = '', state = '', postalCode = '' } = customer.tax.address ?? {};
  const place = { line1: '', line2: '', city: '', country, state, postal_code: postalCode };
  const params: Stripe.CustomerUpdateParams = {
    ...{ name: customer.name, email: '', phone: '', description: '', shipping: '' },
    address: country === '' ? '' : place,
    metadata: { ...Object.fromEntries(foreign.map((name) => [name, ''])), [OURS]: customer.id },
  };
  // What Stripe holds may have been edited since a call that was cut off: another change is another key.
  const idempotencyKey = `${key}-${digestOf([JSON.stringify(params)]).slice(0, 16)}`;
  await call('POST customer', (stripe) => stripe.customers.update(id, params, { idempotencyKey }));
}

const nameOf = ({ type, value }: { type: string; value: string }): string => `${type} ${value}`;

/** Checkout in setup mode needs nothing to be set up in the dashboard; the billing portal would. */
export async function paymentMethodPage(call: Call, page: PaymentMethodPageRequest, key: string): Promise<string> {
  const { stripeCustomer: customer, currency, returnUrl } = page;
  const session = await call('POST checkout_sessions', (stripe) =>
    stripe.checkout.sessions.create(
      {
        mode: 'setup',
        customer,
        currency: currency.toLowerCase(),
        success_url: returnUrl,
        cancel_url: returnUrl,
        metadata: { tollgate: 'payment-method' },
      },
      { idempotencyKey: key },
    ),
  );
  if (session.url === null) throw new Error(`Stripe made the setup page ${session.id} without an address`);
  return session.url;
}

export async function usePaymentMethod(call: Call, customer: string, setup: string, key: string): Promise<void> {
  const { payment_method } = await call('GET setup_intent', (stripe) => stripe.setupIntents.retrieve(setup));
  const method = typeof payment_method === 'string' ? payment_method : payment_method?.id;
  if (method === undefined) {
    throw new InputError({ code: 'no-payment-method', message: `${setup} has stored no payment method` });
  }
  const params = { invoice_settings: { default_payment_method: method } };
  await call('POST customer', (stripe) => stripe.customers.update(customer, params, { idempotencyKey: key }));
}

/** What Stripe charges an invoice to, when neither the invoice nor a subscription names something else. */
export async function hasPaymentMethod(call: Call, id: string): Promise<boolean> {
  try {
    const customer = await call('GET customer', (stripe) => stripe.customers.retrieve(id));
    if (customer.deleted) return false;
    return Boolean(customer.invoice_settings.default_payment_method ?? customer.default_source);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
