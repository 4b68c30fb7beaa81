import { badRequest, noSuch } from './errors.ts';
import type { ChargeObject, PlainObject } from './objects.ts';
import { chargeOf } from './payments.ts';
import { keep, type Store } from './store.ts';

/** What a cardholder does at their bank; Stripe has no call for it. */
export function openDispute(store: Store, invoice: string): PlainObject {
  const charge = chargeOf(store, invoice);
  if (!charge) throw badRequest(`Invoice ${invoice} has no payment to dispute.`);
  return dispute(store, charge);
}

export function dispute(store: Store, charge: ChargeObject): PlainObject {
  const { id, payment_intent, currency, amount } = charge;
  charge.disputed = true;
  const opened = keep(store, 'du', 'dispute', {
    ...{ charge: id, payment_intent, currency, amount, reason: 'general', status: 'needs_response', metadata: {} },
    ...{ balance_transactions: [], enhanced_eligibility_types: [], is_charge_refundable: false },
    evidence: { enhanced_evidence: {} },
    evidence_details: {
      ...{ due_by: store.seconds() + 7 * 86_400, enhanced_eligibility: {}, has_evidence: false, past_due: false },
      submission_count: 0,
    },
  });
  store.emit('charge.dispute.created', opened);
  return opened;
}

export function closeDispute(store: Store, id: string, status: 'won' | 'lost'): PlainObject {
  const dispute = store.others.get(id);
  if (dispute?.object !== 'dispute') throw noSuch('dispute', id);
  dispute.status = status;
  store.emit('charge.dispute.closed', dispute);
  return dispute;
}
