import { badRequest, missingParam, noSuch } from './errors.ts';
import { type Form, mapOf, textOf, wholeNumber } from './form.ts';
import type { ChargeObject, PlainObject } from './objects.ts';
import { keep, newestFirst, page, plain, type Store } from './store.ts';

export function createRefund(store: Store, form: Form): object {
  const [intent, id] = [textOf(form.payment_intent), textOf(form.charge)];
  if (intent === undefined && id === undefined) throw missingParam('payment_intent');
  const charge = [...store.charges.values()].find((item) => item.id === id || item.payment_intent === intent);
  if (!charge) throw intent === undefined ? noSuch('charge', id ?? '') : noSuch('payment_intent', intent);
  return refundCharge(store, charge, wholeNumber(form, 'amount') ?? charge.amount - charge.amount_refunded);
}

/** The invoice stays paid: only its charge knows. */
export function refundCharge(store: Store, charge: ChargeObject, amount: number): PlainObject {
  const left = charge.amount - charge.amount_refunded;
  if (amount < 1) throw badRequest('Invalid positive integer', 'parameter_invalid_integer');
  if (amount > left)
    throw badRequest(
      `Refund amount (${amount}) is greater than unrefunded amount (${left}).`,
      'charge_already_refunded',
    );
  const { id, payment_intent, currency } = charge;
  const about = { charge: id, payment_intent, currency, metadata: {}, reason: null, receipt_number: null };
  const fields = { ...about, amount, balance_transaction: null, status: 'succeeded' };
  const refund = keep(store, 're', 'refund', fields);
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  store.emit('refund.created', refund);
  store.emit('charge.refunded', charge);
  return refund;
}

export function listInvoicePayments(store: Store, query: Form): object {
  const intent = textOf(mapOf(query.payment).payment_intent);
  const invoice = textOf(query.invoice);
  const found = newestFirst(store.payments.values()).filter(
    (item) =>
      (intent === undefined || item.payment.payment_intent === intent) &&
      (invoice === undefined || item.invoice === invoice),
  );
  return page(found, query, '/v1/invoice_payments');
}

/** Refunds and disputes, by the payment that they are about. */
export function listOfPayment(store: Store, object: 'refund' | 'dispute', query: Form, url: string): object {
  const [intent, charge] = [textOf(query.payment_intent), textOf(query.charge)];
  const found = newestFirst(plain(store, object)).filter(
    (item) =>
      (intent === undefined || item.payment_intent === intent) && (charge === undefined || item.charge === charge),
  );
  return page(found, query, url);
}
