import { missingParam, noSuch, StripeFault } from './errors.ts';
import { type Form, mergeMetadata, textOf } from './form.ts';
import type { PaymentMethodObject, PlainObject } from './objects.ts';
import { keep, newestFirst, page, type Store } from './store.ts';

/** Test cards of Stripe's, by the names that its documentation gives them, and what they do when they are charged. */
export const GOOD_CARD = 'pm_card_visa';
/** Stored without complaint, declined with every charge. */
export const DECLINING_CARD = 'pm_card_chargeCustomerFail';
/** Asks its holder to confirm each charge. */
export const CONFIRMING_CARD = 'pm_card_authenticationRequired';

/** Pays, and its holder disputes the charge at once. */
export const DISPUTING_CARD = 'pm_card_createDispute';

export interface CardRefusal {
  readonly code: 'card_declined' | 'expired_card' | 'authentication_required';
  readonly declineCode: string;
  readonly message: string;
}

const refusal = (code: CardRefusal['code'], declineCode: string, message: string): CardRefusal => ({
  code,
  declineCode,
  message,
});

/** Null: it pays. */
const TEST_CARDS: Readonly<Record<string, CardRefusal | null>> = {
  [GOOD_CARD]: null,
  pm_card_mastercard: null,
  [DISPUTING_CARD]: null,
  [DECLINING_CARD]: refusal('card_declined', 'generic_decline', 'Your card was declined.'),
  pm_card_chargeDeclinedInsufficientFunds: refusal(
    'card_declined',
    'insufficient_funds',
    'Your card has insufficient funds.',
  ),
  pm_card_chargeDeclinedExpiredCard: refusal('expired_card', 'expired_card', 'Your card has expired.'),
  pm_card_chargeDeclinedLostCard: refusal('card_declined', 'lost_card', 'Your card was declined.'),
  [CONFIRMING_CARD]: refusal(
    'authentication_required',
    'authentication_required',
    'This payment requires the cardholder to confirm it.',
  ),
};

/** Why a charge to this payment method is refused; null when it works. */
export function refusalOf(store: Store, method: string | null): CardRefusal | null {
  if (method === null) return refusal('card_declined', 'generic_decline', 'There is no payment method to charge.');
  return TEST_CARDS[store.cards.get(method) ?? ''] ?? null;
}

/** A test card's name makes a payment method of its own each time, as at Stripe. */
export function attach(store: Store, id: string, customer: string): PaymentMethodObject {
  const method = id in TEST_CARDS ? newCard(store, id) : store.methods.get(id);
  if (!method) throw noSuch('PaymentMethod', id, 'payment_method');
  if (method.customer !== null && method.customer !== customer) {
    throw new StripeFault({ status: 400, message: `${id} is attached to another customer.` });
  }
  method.customer = customer;
  store.emit('payment_method.attached', method);
  return method;
}

function newCard(store: Store, card: string): PaymentMethodObject {
  const method: PaymentMethodObject = {
    id: store.nextId('pm'),
    object: 'payment_method',
    created: store.seconds(),
    livemode: false,
    type: 'card',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      ...{ brand: 'visa', country: 'US', exp_month: 12, exp_year: 2034, funding: 'credit', last4: '4242' },
      ...{ display_brand: 'visa', fingerprint: null, generated_from: null, networks: null },
      ...{ checks: null, three_d_secure_usage: { supported: true }, wallet: null, regulated_status: null },
    },
    metadata: {},
    customer: null,
  };
  store.methods.set(method.id, method);
  store.cards.set(method.id, card);
  return method;
}

/** The customer's payment method of that id; a test card's name is attached first. */
export function methodFor(store: Store, id: string, customer: string): PaymentMethodObject {
  if (id in TEST_CARDS) return attach(store, id, customer);
  const method = store.methods.get(id);
  if (method?.customer !== customer) throw noSuch('PaymentMethod', id, 'invoice_settings[default_payment_method]');
  return method;
}

export function attachPaymentMethod(store: Store, id: string, form: Form): object {
  const customer = textOf(form.customer);
  if (customer === undefined) throw missingParam('customer');
  if (!store.customers.has(customer)) throw noSuch('customer', customer, 'customer');
  return attach(store, id, customer);
}

/** Whoever had it as default has none then. */
export function detachPaymentMethod(store: Store, id: string): object {
  const method = store.methods.get(id);
  if (!method || method.customer === null) throw noSuch('PaymentMethod', id, 'payment_method');
  const settings = store.customers.get(method.customer)?.invoice_settings;
  if (settings?.default_payment_method === id) settings.default_payment_method = null;
  method.customer = null;
  store.emit('payment_method.detached', method);
  return method;
}

export function listPaymentMethods(store: Store, customer: string, query: Form): object {
  const found = newestFirst(store.methods.values()).filter((method) => method.customer === customer);
  return page(found, query, `/v1/customers/${customer}/payment_methods`);
}

/** A setup page. Only `mode: setup` is here: nothing else is used. */
export function createSession(store: Store, form: Form): object {
  const customer = textOf(form.customer);
  if (textOf(form.mode) !== 'setup') throw new StripeFault({ status: 400, param: 'mode', message: 'Only mode setup.' });
  if (customer === undefined || !store.customers.has(customer)) throw noSuch('customer', customer ?? '', 'customer');
  if (textOf(form.currency) === undefined) throw missingParam('currency');
  const setup = newSetup(store, customer);
  const session = keep(store, 'cs_test', 'checkout.session', {
    ...{ mode: 'setup', status: 'open', payment_status: 'no_payment_required', customer, setup_intent: setup.id },
    ...{ currency: textOf(form.currency), metadata: mergeMetadata({}, form.metadata) },
    ...{ success_url: textOf(form.success_url) ?? null, cancel_url: textOf(form.cancel_url) ?? null },
    ...{ automatic_tax: { enabled: false, liability: null, provider: null, status: null }, custom_fields: [] },
    ...{ custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null } },
    ...{ payment_method_types: ['card'], shipping_options: [] },
    expires_at: store.seconds() + 86_400,
  });
  session.url = `${store.origin}/setup/${session.id}`;
  return session;
}

function newSetup(store: Store, customer: string): PlainObject {
  return keep(store, 'seti', 'setup_intent', {
    ...{ customer, payment_method: null, payment_method_types: ['card'], status: 'requires_payment_method' },
    ...{ usage: 'off_session', application: null, cancellation_reason: null, client_secret: null, description: null },
    ...{ last_setup_error: null, latest_attempt: null, mandate: null, metadata: {}, next_action: null },
    ...{ on_behalf_of: null, payment_method_configuration_details: null, payment_method_options: null },
    single_use_mandate: null,
  });
}

/** What the customer does on the page: the card is stored, and not yet the default. */
export function completeSession(store: Store, id: string, card: string): PlainObject {
  const session = store.others.get(id);
  const setup = store.others.get(String(session?.setup_intent));
  if (!session || !setup || session.object !== 'checkout.session') throw noSuch('checkout.session', id);
  if (session.status !== 'open') throw new StripeFault({ status: 400, message: 'This page was used already.' });
  const method = attach(store, card, String(session.customer));
  setup.payment_method = method.id;
  setup.status = 'succeeded';
  session.status = 'complete';
  session.url = null;
  store.emit('setup_intent.succeeded', setup);
  store.emit('checkout.session.completed', session);
  return session;
}

export function readPlain(store: Store, object: string, id: string): PlainObject {
  const found = store.others.get(id);
  if (found?.object !== object) throw noSuch(object, id);
  return found;
}
