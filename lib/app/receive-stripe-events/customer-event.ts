import type { Answer } from '../ports/billing.ts';
import type { BillingEvent, CollectingPorts, CustomerNews } from './ports.ts';

const TRIES_MAX = 10;

/** What happened to a customer at Stripe, not to an invoice. Repeating it changes nothing: the event's id is in each key. */
export async function receiveCustomerEvent(
  event: BillingEvent,
  news: CustomerNews,
  ports: CollectingPorts,
): Promise<'applied' | 'ignored'> {
  const { change, stripeCustomer, customer } = news;
  if (change.kind === 'setup') {
    return useSetup(stripeCustomer, change.setup, event, ports);
  }
  if (customer === null) return 'ignored';
  const profile = await ports.customers.profile(customer);
  if (profile?.billing.stripeCustomer !== stripeCustomer) return 'ignored';
  if (change.kind === 'deleted') return forget(customer, stripeCustomer, ports);
  return collectLate(customer, event, ports);
}

/**
 * Stripe then tells that the customer's payment method has changed: late invoices are collected with that event. A saved
 * error of the first key would be answered for ever; to set the same method with another key does no harm.
 */
async function useSetup(customer: string, setup: string, event: BillingEvent, { billing }: CollectingPorts) {
  const key = `tollgate-default-${event.id}`;
  const first = await billing.usePaymentMethod(customer, setup, key);
  const isSaved = !first.ok && first.fault.kind === 'replayed';
  return done(isSaved ? await billing.usePaymentMethod(customer, setup, `${key}-again`) : first);
}

/** Refused for good is done: an operator sees it at Stripe. Anything else is delivered again. */
function done(answer: Answer<unknown>): 'applied' | 'ignored' {
  if (answer.ok) return 'applied';
  if (answer.fault.kind === 'rejected' || answer.fault.kind === 'mismatch') return 'ignored';
  throw new Error(`Stripe cannot be reached: ${answer.fault.message}`);
}

/** The next invoice makes a new customer at Stripe; what the deleted one still owes is reported, since nobody collects it. */
async function forget(customer: string, stripeCustomer: string, ports: CollectingPorts): Promise<'applied'> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const profile = await ports.customers.profile(customer);
    if (profile?.billing.stripeCustomer !== stripeCustomer) return 'applied';
    const billing = { ...profile.billing, stripeCustomer: null };
    if ((await ports.customers.save({ ...profile, billing, version: profile.version + 1 })) === 'conflict') continue;
    const open = (await ports.invoices.headsOf(customer)).filter(({ state }) => state === 'FINALIZED');
    ports.log.error('a customer was deleted at Stripe', {
      customer,
      stripeCustomer,
      uncollected: open.map(({ stripe }) => stripe.invoice),
    });
    ports.metrics.count('StripeCustomersDeleted', 1);
    return 'applied';
  }
  throw new Error(`the profile of ${customer} was changed by others ${TRIES_MAX} times`);
}

/** A new payment method is tried at once on what is late: Stripe would wait for its next attempt, or for ever. */
async function collectLate(customer: string, event: BillingEvent, ports: CollectingPorts): Promise<'applied'> {
  for (const { state, payment, stripe } of await ports.invoices.headsOf(customer)) {
    if (state !== 'FINALIZED' || payment.overdueSince === null || stripe.invoice === null) continue;
    const answer = await ports.billing.collect(stripe.invoice, `tollgate-collect-${stripe.invoice}-${event.id}`);
    // A refused card is no news here: Stripe tells of it with an event of its own.
    if (!answer.ok && answer.fault.kind === 'transient') {
      throw new Error(`${stripe.invoice} cannot be collected: ${answer.fault.message}`);
    }
  }
  return 'applied';
}
