import Stripe from 'stripe';
import type { BillingEvent } from '../../app/receive-stripe-events/ports.ts';
import { InputError } from '../../domain/input-error.ts';
import type { PaymentNews } from '../../domain/invoicing/payment.ts';
import { type EpochMs, SECOND_MS } from '../../domain/time/time.ts';
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

function readObject(event: Stripe.Event): Pick<BillingEvent, 'news' | 'about'> {
  const invoice = (found: Stripe.Invoice, news: PaymentNews): Pick<BillingEvent, 'news' | 'about'> => ({
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
    default:
      return { news: null, about: null };
  }
}

function dispute(
  { payment_intent }: Stripe.Dispute,
  kind: 'dispute-opened' | 'dispute-won' | 'dispute-lost',
): Pick<BillingEvent, 'news' | 'about'> {
  const paymentIntent = typeof payment_intent === 'string' ? payment_intent : payment_intent?.id;
  return paymentIntent === undefined
    ? { news: null, about: null }
    : { news: { kind }, about: { kind: 'payment', paymentIntent } };
}
