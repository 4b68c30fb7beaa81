import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import type { Answer, BilledCustomer, Billing } from '../ports/billing.ts';
import type { Directory } from '../ports/directory.ts';
import { RetryLater } from './ports.ts';
import { holdForFault, MustHold } from './store.ts';

export interface StripeCustomerPorts {
  readonly billing: Pick<Billing, 'ensureCustomer' | 'updateCustomer'>;
  readonly customers: Pick<Directory, 'profile' | 'save'>;
}

/**
 * Stripe's id of a customer: made once in its life, and kept in the profile. Where its name, address or tax terms are others
 * than Stripe was told, Stripe is told first: so no invoice leaves with old ones.
 * @throws MustHold, RetryLater
 */
export async function ensureStripeCustomer(id: string, ports: StripeCustomerPorts): Promise<string> {
  for (;;) {
    const profile = await ports.customers.profile(id);
    if (!profile) throw new MustHold('unknown-customer', `${id} is no longer in the directory`);
    const { stripeCustomer, toldStripe } = profile.billing;
    const tells = billedCustomer(profile);
    const digest = digestOf(tells);
    if (stripeCustomer !== null && toldStripe === digest) return stripeCustomer;
    const known = stripeCustomer ?? orThrow(await ports.billing.ensureCustomer(tells));
    if (stripeCustomer !== null) orThrow(await tell(stripeCustomer, profile, ports));
    const billing = { ...profile.billing, stripeCustomer: known, toldStripe: digest };
    const saved = await ports.customers.save({ ...profile, billing, version: profile.version + 1 });
    if (saved === 'saved') return known;
  }
}

/** What Stripe is told of a customer. */
export function billedCustomer({ customer, billing }: CustomerProfile): BilledCustomer {
  const { id, name, overrides } = customer;
  return { id, name, email: billing.email, tax: parseBillingTerms(overrides).tax };
}

/**
 * The key is of this very version: what was told once and is true again is told again, and not taken for the first time. A
 * saved error would be answered for ever; to set the same fields with another key does no harm.
 */
async function tell(stripeCustomer: string, profile: CustomerProfile, { billing }: StripeCustomerPorts) {
  const key = `tollgate-tell-${profile.customer.id}-${profile.version}`;
  const first = await billing.updateCustomer(stripeCustomer, billedCustomer(profile), key);
  const isSaved = !first.ok && first.fault.kind === 'replayed';
  return isSaved ? billing.updateCustomer(stripeCustomer, billedCustomer(profile), `${key}-again`) : first;
}

function orThrow<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  if (answer.fault.kind === 'rejected' || answer.fault.kind === 'mismatch') throw holdForFault(answer.fault);
  throw new RetryLater(`Stripe, customer: ${answer.fault.message}`);
}
