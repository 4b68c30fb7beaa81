import type Stripe from 'stripe';
import { unlimited } from '../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../lib/adapters/stripe/stripe-billing.ts';
import { stripeCorrections } from '../../lib/adapters/stripe/stripe-corrections.ts';
import type { Answer, BilledCustomer } from '../../lib/app/ports/billing.ts';
import { parseMonth } from '../../lib/domain/time/time.ts';
import { line } from './scenario.ts';

/** Every method of the adapter, with all that its requests may hold. */
export function adapterCalls(stripe: Stripe): [string, () => Promise<Answer<unknown>>][] {
  const billing = stripeBilling(async () => stripe, unlimited);
  const corrections = stripeCorrections(async () => stripe, unlimited);
  const customer: BilledCustomer = {
    id: 'acme',
    name: 'Acme',
    email: 'a@example.com',
    tax: {
      automatic: true,
      exempt: 'reverse',
      ids: [{ type: 'eu_vat', value: 'DE123456789' }],
      address: { line1: 'x 1', city: 'Berlin', state: 'BE', postalCode: '10117', country: 'DE' },
    },
  };
  const draft = {
    stripeCustomer: 'cus_1',
    key: { customer: 'acme', period: parseMonth('2026-01'), kind: 'usage' as const },
    ...{ currency: 'USD', total: '30.00', digest: 'a'.repeat(64), automaticTax: true },
    ...{ netTermsDays: 30, purchaseOrder: 'PO-7', memo: 'Thank you' },
  };
  const page = { stripeCustomer: 'cus_1', currency: 'USD', returnUrl: 'https://example.com/back' };
  const note = { invoice: 'in_1', id: 'n', currency: 'USD', lines: [], amount: '1.00', refund: true, memo: 'm' };
  return [
    ['ensureCustomer', () => billing.ensureCustomer(customer)],
    ['ensureCustomer without an e-mail', () => billing.ensureCustomer({ ...customer, email: null })],
    ['findInvoices', () => billing.findInvoices('cus_1', draft.key)],
    ['createInvoice', () => billing.createInvoice(draft, 'k1')],
    ['createInvoice, charged at once', () => billing.createInvoice({ ...draft, netTermsDays: null }, 'k2')],
    ['getInvoice', () => billing.getInvoice('in_1')],
    ['addLines', () => billing.addLines('in_1', 'USD', [line('0001', '20.00'), line('0002', '-1.00')], 'k3')],
    ['listLines', () => billing.listLines('in_1')],
    ['finalizeInvoice', () => billing.finalizeInvoice('in_1', 'k4')],
    ['invoiceOfPayment', () => billing.invoiceOfPayment('pi_1')],
    ['voidInvoice', () => corrections.voidInvoice('in_1', 'k5')],
    ['markUncollectible', () => corrections.markUncollectible('in_1', 'k6')],
    ['collect', () => corrections.collect('in_1', 'k7')],
    ['createCreditNote', () => corrections.createCreditNote(note, 'k8')],
    ['listCreditNotes', () => corrections.listCreditNotes('in_1')],
    ['updateCustomer', () => billing.updateCustomer('cus_1', customer, 'k9')],
    ['forgetCustomer', () => corrections.forgetCustomer('cus_1', customer, 'k9b')],
    ['paymentMethodPage', () => corrections.paymentMethodPage(page, 'k10')],
    ['hasPaymentMethod', () => corrections.hasPaymentMethod('cus_1')],
  ];
}
