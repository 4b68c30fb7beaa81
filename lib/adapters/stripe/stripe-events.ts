import Stripe from 'stripe';
import type { BillingEvent } from '../../app/receive-stripe-events/ports.ts';
import { InputError } from '../../domain/input-error.ts';
import type { PaymentNews } from '../../domain/invoicing/payment.ts';
import { type EpochMs, SECOND_MS } from '../../domain/time/time.ts';
import { fromStripeAmount } from './amounts.ts';
import { remoteInvoice } from './remote-invoice.ts';

/** Stripe's own default: a recorded delivery cannot be played back later. Retries are signed anew. */
const TOLERANCE_SECONDS = 300;

/**
 * Checks the signature over the body's bytes as they came and reads the event.
 * @throws InputError `bad-signature`
 */
export function readStripeEvent(
  body: string,
  signature: string | undefined,
  secret: string,
  now: EpochMs,
): BillingEvent {
  let event: Stripe.Event;
  try {
    event = Stripe.webhooks.constructEvent(body, signature ?? '', secret, TOLERANCE_SECONDS, undefined, now);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
    throw new InputError({ code: 'bad-signature', message: 'the webhook is not signed with our secret, or not now' });
  }
  const { id, type } = event;
  return { id, type, at: event.created * SECOND_MS, ...readObject(event) };
}

function readObject(event: Stripe.Event): Read {
  const invoice = (found: Stripe.Invoice, news: PaymentNews): Read => ({
    news,
    about: { kind: 'invoice', invoice: remoteInvoice(found) },
  });
  switch (event.type) {
    case 'invoice.finalized':
      return invoice(event.data.object, { kind: 'finalized' });
    case 'invoice.paid':
      return invoice(event.data.object, { kind: 'paid' });
    // The customer must act at their bank: overdue, but nobody has given up.
    case 'invoice.payment_action_required':
      return invoice(event.data.object, { kind: 'failed', willRetry: true });
    case 'invoice.payment_failed':
      return invoice(event.data.object, { kind: 'failed', willRetry: event.data.object.next_payment_attempt !== null });
    case 'invoice.overdue':
      return invoice(event.data.object, { kind: 'overdue' });
    case 'invoice.voided':
      return invoice(event.data.object, { kind: 'voided' });
    case 'invoice.marked_uncollectible':
      return invoice(event.data.object, { kind: 'uncollectible' });
    case 'charge.dispute.created':
      return dispute(event.data.object, 'dispute-opened');
    case 'charge.dispute.closed':
      return dispute(event.data.object, event.data.object.status === 'lost' ? 'dispute-lost' : 'dispute-won');
    case 'charge.refunded':
      return refund(event.data.object);
    case 'customer.deleted':
      return customer(event.data.object, 'deleted');
    case 'customer.updated':
      return event.data.previous_attributes?.invoice_settings === undefined
        ? NOTHING
        : customer(event.data.object, 'payment-method');
    case 'checkout.session.completed':
      return setup(event.data.object);
    default:
      return NOTHING;
  }
}

type Read = Pick<BillingEvent, 'news' | 'about'>;
const NOTHING: Read = { news: null, about: null };
const idOf = (thing: string | { id: string } | null | undefined): string | undefined =>
  typeof thing === 'string' ? thing : thing?.id;

function refund({ payment_intent, amount_refunded, currency }: Stripe.Charge): Read {
  const paymentIntent = idOf(payment_intent);
  if (paymentIntent === undefined) return NOTHING;
  const amount = fromStripeAmount(currency.toUpperCase(), amount_refunded);
  return { news: { kind: 'refunded', amount }, about: { kind: 'payment', paymentIntent } };
}

function customer({ id, metadata }: Stripe.Customer, kind: 'deleted' | 'payment-method'): Read {
  const about = { kind: 'customer', stripeCustomer: id, customer: metadata.tollgate_customer ?? null } as const;
  return { news: null, about: { ...about, change: { kind } } };
}

/** Only the pages that store a payment method: others at the same account are none of ours. */
function setup({ mode, customer, setup_intent, metadata }: Stripe.Checkout.Session): Read {
  const [stripeCustomer, intent] = [idOf(customer), idOf(setup_intent)];
  if (mode !== 'setup' || metadata?.tollgate !== 'payment-method' || !stripeCustomer || !intent) return NOTHING;
  const change = { kind: 'setup', setup: intent } as const;
  return { news: null, about: { kind: 'customer', stripeCustomer, customer: null, change } };
}

function dispute({ payment_intent }: Stripe.Dispute, kind: 'dispute-opened' | 'dispute-won' | 'dispute-lost'): Read {
  const paymentIntent = idOf(payment_intent);
  return paymentIntent === undefined ? NOTHING : { news: { kind }, about: { kind: 'payment', paymentIntent } };
}
