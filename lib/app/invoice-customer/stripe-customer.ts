import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { type InvoicingPorts, RetryLater } from './ports.ts';
import { holdForFault, MustHold } from './store.ts';

/**
 * Stripe's id of a customer: made once in its life, and kept in the profile.
 * @throws MustHold, RetryLater
 */
export async function ensureStripeCustomer(id: string, ports: Pick<InvoicingPorts, 'billing' | 'customers'>) {
  for (;;) {
    const profile = await ports.customers.profile(id);
    if (!profile) throw new MustHold('unknown-customer', `${id} is no longer in the directory`);
    if (profile.billing.stripeCustomer !== null) return profile.billing.stripeCustomer;
    const made = await make(profile, ports);
    const billing = { ...profile.billing, stripeCustomer: made };
    const saved = await ports.customers.save({ ...profile, billing, version: profile.version + 1 });
    if (saved === 'saved') return made;
  }
}

async function make({ customer, billing }: CustomerProfile, ports: Pick<InvoicingPorts, 'billing'>): Promise<string> {
  const { id, name, overrides } = customer;
  const { tax } = parseBillingTerms(overrides);
  const answer = await ports.billing.ensureCustomer({ id, name, email: billing.email, tax });
  if (answer.ok) return answer.value;
  if (answer.fault.kind === 'rejected' || answer.fault.kind === 'mismatch') throw holdForFault(answer.fault);
  throw new RetryLater(`Stripe, customer: ${answer.fault.message}`);
}
