import { dunningOf } from '../../domain/invoicing/payment.ts';
import type { DunningPorts } from './ports.ts';

/** More than any real contention: an invoice run and a few webhooks. */
const TRIES_MAX = 10;

/**
 * Sets whether a customer's calls pass. Asked again after it was set: of two events at the same time the one that sets last
 * has read both, so the last word is never an old one. Who is late is put on the watch before anything is set, and taken
 * off it after everything is, so that a crash never leaves a late customer whom no hourly look would find.
 *
 * @param watched whether it comes from the watch: then grace that is set needs nothing more, since calls pass with it or without
 */
export async function applyDunning(customer: string, ports: DunningPorts, watched = false): Promise<void> {
  const { invoices, customers, entitlement, watch, dunning, clock } = ports;
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const wanted = dunningOf(await invoices.headsOf(customer), dunning, clock.now());
    const profile = await customers.profile(customer);
    // Who left stays away whatever is paid; who was never late needs nothing.
    if (!profile || profile.status === 'closed') return watch.remove(customer);
    const isSet = profile.status === wanted.status && profile.statusReason === wanted.reason;
    const isLate = wanted.status === 'grace' && wanted.reason === 'payment-overdue';
    if (isSet && attempt === 0 && ((wanted.status === 'active' && !watched) || (isLate && watched))) return;
    if (isLate) await watch.add(customer);
    if (isSet && attempt > 0) return isLate ? undefined : watch.remove(customer);
    await entitlement.set(customer, wanted.status, wanted.reason);
  }
}

/**
 * The look of each hour: suspends late customers whose time is up, without any news from Stripe. Costs one query, and one
 * read of invoices for each customer who is late. One customer's failure does not stop the others.
 *
 * @throws Error after the last one, when any failed: the next hour looks again
 */
export async function advanceDunning(ports: DunningPorts): Promise<{ late: number }> {
  const late = await ports.watch.customers();
  let failed = 0;
  for (const customer of late) {
    try {
      await applyDunning(customer, ports, true);
    } catch (error) {
      failed += 1;
      ports.log.error('dunning failed', { customer, reason: (error as Error).message });
    }
  }
  ports.metrics.count('CustomersLate', late.length);
  if (failed > 0) throw new Error(`dunning failed for ${failed} of ${late.length} late customers`);
  return { late: late.length };
}
