import type Stripe from 'stripe';
import type { RemoteInvoice } from '../../app/ports/billing.ts';
import { fromStripeAmount } from './amounts.ts';
import type { Call } from './caller.ts';
import { isMissing } from './faults.ts';
import { readInvoiceMetadata } from './metadata.ts';

export function remoteInvoice(invoice: Stripe.Invoice): RemoteInvoice {
  const currency = invoice.currency.toUpperCase();
  const money = (amount: number) => fromStripeAmount(currency, amount);
  const added = (invoice.total_taxes ?? []).filter(({ tax_behavior }) => tax_behavior === 'exclusive');
  return {
    id: invoice.id,
    status: statusOf(invoice),
    ours: readInvoiceMetadata(invoice.metadata),
    currency,
    subtotal: money(invoice.subtotal),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    tax: money(added.reduce((sum, { amount }) => sum + amount, 0)),
    // A draft names the balance that it would apply, and no balance after it: nothing is applied yet.
    balanceApplied: money(invoice.ending_balance === null ? 0 : invoice.starting_balance - invoice.ending_balance),
  };
}

const STATUSES: readonly RemoteInvoice['status'][] = ['draft', 'open', 'paid', 'uncollectible', 'void'];

function statusOf({ id, status }: Stripe.Invoice): RemoteInvoice['status'] {
  const known = STATUSES.find((name) => name === (status ?? 'draft'));
  if (known === undefined) throw new Error(`Stripe says that ${id} is ${status}, which is not known here`);
  return known;
}

/** Undefined when it was deleted. */
export async function retrieveInvoice(call: Call, id: string): Promise<RemoteInvoice | undefined> {
  try {
    return remoteInvoice(await call('GET invoice', (stripe) => stripe.invoices.retrieve(id)));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
