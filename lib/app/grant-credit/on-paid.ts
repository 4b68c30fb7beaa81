import { grantOfTopUp } from '../../domain/invoicing/top-up.ts';
import type { CreditGrants } from '../ports/credits.ts';
import type { InvoiceRecord } from '../ports/invoices.ts';
import type { Clock } from '../runtime.ts';

/**
 * To be called with every invoice that has become PAID, however often it is told: a top-up that was paid is credit.
 * @returns whether credit was granted now
 */
export async function onPaid(
  record: Pick<InvoiceRecord, 'key' | 'state' | 'invoice'>,
  { credits, clock }: { readonly credits: Pick<CreditGrants, 'grant'>; readonly clock: Clock },
): Promise<boolean> {
  const { key, state, invoice } = record;
  if (key.kind !== 'top-up' || state !== 'PAID' || invoice === null) return false;
  return (await credits.grant(grantOfTopUp(invoice, clock.now()))) === 'granted';
}
