import assert from 'node:assert/strict';
import type Stripe from 'stripe';
import { unlimited } from '../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../lib/adapters/stripe/stripe-billing.ts';
import { stripeCorrections } from '../../lib/adapters/stripe/stripe-corrections.ts';
import type { Answer, BilledCustomer, DraftRequest, RemoteInvoice } from '../../lib/app/ports/billing.ts';
import { PLAIN_TERMS } from '../../lib/domain/invoicing/billing-terms.ts';
import type { InvoiceKey, InvoiceLine } from '../../lib/domain/invoicing/invoice.ts';
import { add, formatDecimal, parseDecimal } from '../../lib/domain/money/decimal.ts';
import { parseMonth } from '../../lib/domain/time/time.ts';

/** Where the scenario runs, and what is only possible there. */
export interface Place {
  readonly stripe: Stripe;
  /** Makes ids and keys of this run its own: test mode remembers earlier runs. */
  readonly run: string;
  /** Lets something that Stripe does by itself happen. */
  settle(ready: () => Promise<boolean>): Promise<void>;
  /** What a customer does on the setup page; undefined where only a person can. */
  readonly storeCard?: (page: string) => Promise<void>;
  /** Lets the minute pass after which search finds what was made. */
  readonly untilSearchable?: () => Promise<void>;
}

export interface Step {
  readonly name: string;
  run(): Promise<void>;
}

/** Thrown by a step that this account cannot do; it counts as skipped, with its reason. */
export class NotHere extends Error {}

/** Everything that the adapter does, and what customers, banks and dashboards do to it, in one order. */
export function scenario(place: Place): Step[] {
  const { stripe, run } = place;
  const bench = benchOf(place);
  const step = (name: string, run: () => Promise<void>): Step => ({ name, run });
  return [
    ...customerSteps(bench),
    ...invoiceSteps(bench),
    ...correctionSteps(bench),
    ...paymentSteps(bench),
    ...refusalSteps(bench),
    step('a deleted customer has no payment method, and no invoice can be made for it', async () => {
      const id = await bench.customer('gone');
      await stripe.customers.del(id);
      assert.equal(ok(await bench.corrections.hasPaymentMethod(id)), false);
      const draft = await bench.billing.createInvoice(bench.draft(id, 'gone'), `${run}-gone`);
      assert.equal(!draft.ok && draft.fault.kind, 'rejected');
    }),
  ];
}

type Bench = ReturnType<typeof benchOf>;

function benchOf(place: Place) {
  const { stripe, run } = place;
  const billing = stripeBilling(async () => stripe, unlimited);
  const corrections = stripeCorrections(async () => stripe, unlimited);
  let count = 0;
  const key = () => `${run}-${++count}`;
  const billed = (id: string, change: Partial<BilledCustomer> = {}): BilledCustomer => ({
    ...{ id: `${run}-${id}`, name: `Company ${id}`, email: `${id}.${run}@example.com`, tax: PLAIN_TERMS.tax },
    ...change,
  });
  const customer = async (id: string, card: string | null = 'pm_card_visa') => {
    const made = ok(await billing.ensureCustomer(billed(id)));
    if (card !== null) {
      const { id: method } = await stripe.paymentMethods.attach(card, { customer: made });
      await stripe.customers.update(made, { invoice_settings: { default_payment_method: method } });
    }
    return made;
  };
  const draft = (stripeCustomer: string, id: string, change: Partial<DraftRequest> = {}): DraftRequest => ({
    ...{ stripeCustomer, key: keyOf(`${run}-${id}`), currency: 'USD', total: '30.00', digest: 'a'.repeat(64) },
    ...{ netTermsDays: null, purchaseOrder: null, memo: null, automaticTax: false, ...change },
  });
  /** Three calls, as an invoice is made. */
  const invoice = async (stripeCustomer: string, id: string, change: Partial<DraftRequest> = {}) => {
    const { id: made } = ok(await billing.createInvoice(draft(stripeCustomer, id, change), key()));
    ok(await billing.addLines(made, 'USD', [line('0001', '20.00'), line('0002', '10.00')], key()));
    return ok(await billing.finalizeInvoice(made, key()));
  };
  return { place, stripe, run, billing, corrections, key, billed, customer, draft, invoice };
}

const keyOf = (customer: string): InvoiceKey => ({ customer, period: parseMonth('2026-01'), kind: 'usage' });

export const line = (id: string, amount: string): InvoiceLine => ({
  ...{ id, kind: 'usage', charge: 'calls', meter: 'api-calls', group: null, tier: 1, window: null, quantity: '100' },
  ...{ unitPrice: '0.2', amount, rateCard: 'growth@2026-01-01', rule: null, rulesCommit: null, creditReason: null },
  ...{ usageDigest: 'b'.repeat(64), from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', explanation: '' },
});

function ok<T>(answer: Answer<T>): T {
  assert(answer.ok, answer.ok ? '' : `${answer.fault.kind} ${answer.fault.code}: ${answer.fault.message}`);
  return answer.value;
}

/** What Stripe asks for, from what we read of an invoice. */
const due = ({ subtotal, tax, balanceApplied }: RemoteInvoice): string =>
  formatDecimal([tax, balanceApplied].map(parseDecimal).reduce(add, parseDecimal(subtotal)));

function customerSteps({ billing, corrections, billed, key, stripe, place, customer, invoice }: Bench): Step[] {
  return [
    {
      name: 'a customer is made once, and found again by its e-mail and metadata',
      run: async () => {
        const tax = { ...PLAIN_TERMS.tax, ids: [{ type: 'eu_vat', value: 'DE123456789' }], address: { country: 'DE' } };
        const acme = billed('acme', { tax });
        const id = ok(await billing.ensureCustomer(acme));
        assert.equal(ok(await billing.ensureCustomer(acme)), id);
        const other = { ...tax, exempt: 'reverse' as const, ids: [{ type: 'eu_vat', value: 'DE987654321' }] };
        ok(await billing.updateCustomer(id, { ...acme, name: 'Acme GmbH', tax: other }, key()));
        const { data } = await stripe.customers.listTaxIds(id);
        assert.deepEqual(
          data.map(({ value }) => value),
          ['DE987654321'],
        );
        const found = await stripe.customers.retrieve(id);
        assert(!found.deleted);
        assert.deepEqual([found.name, found.tax_exempt, found.address?.country], ['Acme GmbH', 'reverse', 'DE']);
      },
    },
    {
      name: 'a customer that is forgotten keeps its id, what tax needs, and its invoices as they were',
      run: async () => {
        const address = { line1: 'Hauptstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' };
        const told = billed('forgotten', { tax: { ...PLAIN_TERMS.tax, address } });
        const id = ok(await billing.ensureCustomer(told));
        const { id: method } = await stripe.paymentMethods.attach('pm_card_visa', { customer: id });
        await stripe.customers.update(id, {
          ...{ phone: '+49 30 1', description: 'Ann’s shop', metadata: { crm: 'Ann' } },
          shipping: { name: 'Ann', address: { line1: 'Hauptstr. 1' } },
          invoice_settings: { default_payment_method: method },
        });
        const { id: made } = await invoice(id, 'forgotten');
        const before = await stripe.invoices.retrieve(made);
        const left = {
          ...told,
          name: told.id,
          email: null,
          tax: { ...told.tax, address: { country: 'DE', postalCode: '10115' } },
        };
        ok(await corrections.forgetCustomer(id, left, key()));
        ok(await corrections.forgetCustomer(id, left, key()));
        const found = await stripe.customers.retrieve(id);
        assert(!found.deleted);
        assert.deepEqual(
          [found.name, found.email, found.phone ?? null, found.description ?? null, found.shipping ?? null],
          [told.id, null, null, null, null],
        );
        assert.deepEqual(found.metadata, { tollgate_customer: told.id });
        const { line1, city, country, postal_code } = found.address ?? {};
        assert.deepEqual([line1 ?? null, city ?? null, country, postal_code], [null, null, 'DE', '10115']);
        const after = await stripe.invoices.retrieve(made);
        const kept = ['customer_name', 'customer_email', 'customer_address', 'total', 'status'] as const;
        assert.deepEqual(
          kept.map((name) => after[name]),
          kept.map((name) => before[name]),
        );
        assert.equal(ok(await corrections.hasPaymentMethod(id)), true);
      },
    },
    {
      name: 'a card stored on the setup page is what invoices are charged to',
      run: async () => {
        const id = await customer('setup', null);
        assert.equal(ok(await corrections.hasPaymentMethod(id)), false);
        const page = { stripeCustomer: id, currency: 'USD', returnUrl: 'https://example.com/back' };
        const url = ok(await corrections.paymentMethodPage(page, key()));
        assert.match(url, /^https?:\/\//);
        if (!place.storeCard) throw new NotHere('only a person can store a card on the page');
        await place.storeCard(url);
        const [setup] = (await stripe.events.list({ types: ['setup_intent.succeeded'] })).data;
        assert(setup?.type === 'setup_intent.succeeded');
        ok(await corrections.usePaymentMethod(id, setup.data.object.id, key()));
        assert.equal(ok(await corrections.hasPaymentMethod(id)), true);
        const [method] = (await stripe.customers.listPaymentMethods(id)).data;
        await stripe.paymentMethods.detach(method?.id ?? '');
        assert.equal(ok(await corrections.hasPaymentMethod(id)), false);
      },
    },
    {
      name: 'search finds a customer a minute later, and listing finds it at once',
      run: async () => {
        const id = await customer('searched', null);
        const query = `metadata['tollgate_customer']:'${billed('searched').id}'`;
        assert.equal(ok(await billing.ensureCustomer(billed('searched'))), id);
        assert.deepEqual((await stripe.customers.search({ query })).data, []);
        await place.untilSearchable?.();
        if (place.untilSearchable) assert.equal((await stripe.customers.search({ query })).data[0]?.id, id);
      },
    },
  ];
}

function invoiceSteps({ billing, corrections, draft, key, stripe, customer, invoice, run, billed }: Bench): Step[] {
  return [
    {
      name: 'a draft, its lines and their total; purchase order and memo; found again by listing',
      run: async () => {
        const id = await customer('plain');
        const request = draft(id, 'plain', { purchaseOrder: 'PO-7', memo: 'Thank you', netTermsDays: 30 });
        const made = ok(await billing.createInvoice(request, key()));
        assert.deepEqual([made.status, made.hostedUrl, made.balanceApplied], ['draft', null, '0.00']);
        ok(await billing.addLines(made.id, 'USD', [line('0001', '20.00'), line('0002', '10.00')], key()));
        assert.deepEqual(
          ok(await billing.listLines(made.id))
            .map((at) => [at.line, at.amount])
            .sort(),
          [
            ['0001', '20.00'],
            ['0002', '10.00'],
          ],
        );
        const open = ok(await billing.finalizeInvoice(made.id, key()));
        assert.deepEqual([open.status, open.subtotal, open.ours?.digest], ['open', '30.00', 'a'.repeat(64)]);
        assert.match(open.hostedUrl ?? '', /^https?:\/\//);
        assert.deepEqual(
          ok(await billing.findInvoices(id, keyOf(`${run}-plain`))).map((found) => found.id),
          [made.id],
        );
        const remote = await stripe.invoices.retrieve(made.id);
        assert.deepEqual(remote.custom_fields, [{ name: 'PO number', value: 'PO-7' }]);
        assert.equal(remote.description, 'Thank you');
      },
    },
    {
      name: 'automatic tax is added to the subtotal',
      run: async () => {
        const id = ok(await billing.ensureCustomer(billed('taxed', { tax: { ...PLAIN_TERMS.tax, address: BERLIN } })));
        const made = await billing.createInvoice(draft(id, 'taxed', { automaticTax: true }), key());
        if (!made.ok) throw new NotHere(`Stripe Tax: ${made.fault.message}`);
        ok(await billing.addLines(made.value.id, 'USD', [line('0001', '30.00')], key()));
        const open = ok(await billing.finalizeInvoice(made.value.id, key()));
        const { amount_due } = await stripe.invoices.retrieve(made.value.id);
        assert.equal(open.subtotal, '30.00');
        assert.equal(due(open), (amount_due / 100).toFixed(2));
      },
    },
    {
      name: 'a deleted draft is gone, and taking it away twice is once',
      run: async () => {
        const id = await customer('draft');
        const made = ok(await billing.createInvoice(draft(id, 'draft'), key()));
        assert.equal(ok(await corrections.voidInvoice(made.id, key())), undefined);
        assert.equal(ok(await corrections.voidInvoice(made.id, key())), undefined);
        assert.equal(ok(await billing.getInvoice(made.id)), undefined);
      },
    },
    {
      name: 'void and uncollectible',
      run: async () => {
        const id = await customer('bad', null);
        const voided = await invoice(id, 'bad-1');
        assert.equal(ok(await corrections.voidInvoice(voided.id, key()))?.status, 'void');
        assert.equal(ok(await corrections.voidInvoice(voided.id, key()))?.status, 'void');
        const lost = await invoice(id, 'bad-2');
        assert.equal(ok(await corrections.markUncollectible(lost.id, key())).status, 'uncollectible');
      },
    },
  ];
}

const BERLIN = { line1: 'Unter den Linden 1', city: 'Berlin', postalCode: '10117', country: 'DE' };

const WHOLE = [
  { line: '0001', amount: '20.00', why: 'all of it' },
  { line: '0002', amount: '10.00', why: 'all of it' },
];

function correctionSteps({ corrections, key, stripe, customer, invoice }: Bench): Step[] {
  const note = (of: RemoteInvoice, id: string, amount: string, refund: boolean) => ({
    ...{ invoice: of.id, id, currency: 'USD', amount, refund, memo: 'A wrong price.' },
    lines: [{ line: '0001', amount, why: 'a wrong price' }],
  });
  return [
    {
      name: 'a paid invoice is credited: paid back, or kept as balance that the next invoice uses',
      run: async () => {
        const id = await customer('credited');
        const open = await invoice(id, 'credited-1');
        assert.equal(ok(await corrections.collect(open.id, key())).status, 'paid');
        assert.equal(ok(await corrections.collect(open.id, key())).status, 'paid');
        ok(await corrections.createCreditNote(note(open, 'refunded', '5.00', true), key()));
        const kept = ok(await corrections.createCreditNote(note(open, 'kept', '8.00', false), key()));
        assert.deepEqual([kept.ours, kept.amount, kept.status], ['kept', '8.00', 'issued']);
        const listed = ok(await corrections.listCreditNotes(open.id));
        assert.deepEqual(listed.map(({ ours }) => ours).sort(), ['kept', 'refunded']);
        const next = await invoice(id, 'credited-2');
        assert.deepEqual([next.balanceApplied, due(next)], ['-8.00', '22.00']);
        // Of what a balance has paid, nothing can be paid back to the card.
        ok(await corrections.collect(next.id, key()));
        const whole = { ...note(next, 'whole', '30.00', true), lines: WHOLE };
        const noteKey = key();
        const made = ok(await corrections.createCreditNote(whole, noteKey));
        assert.equal(ok(await corrections.createCreditNote(whole, noteKey)).id, made.id);
        const { refunds, post_payment_amount } = await stripe.creditNotes.retrieve(made.id);
        assert.deepEqual([refunds.map((refund) => refund.amount_refunded), post_payment_amount], [[2_200], 3_000]);
        const balance = await stripe.customers.retrieve(id);
        assert.equal(!balance.deleted && balance.balance, -800);
      },
    },
    {
      name: 'an open invoice asks for less after a credit note; more than is left is refused; voiding gives it back',
      run: async () => {
        const open = await invoice(await customer('reduced', null), 'reduced');
        const first = ok(await corrections.createCreditNote(note(open, 'first', '12.00', true), key()));
        assert.equal((await stripe.invoices.retrieve(open.id)).amount_remaining, 1_800);
        const more = await corrections.createCreditNote(note(open, 'more', '9.00', true), key());
        assert.equal(!more.ok && more.fault.kind, 'rejected');
        const unknown = { ...note(open, 'unknown', '1.00', true), lines: [{ line: '0009', amount: '1.00', why: '' }] };
        const refused = await corrections.createCreditNote(unknown, key());
        assert.equal(!refused.ok && refused.fault.code, 'unknown-line');
        await stripe.creditNotes.voidCreditNote(first.id);
        assert.equal((await stripe.invoices.retrieve(open.id)).amount_remaining, 3_000);
        const [noted] = (await stripe.creditNotes.listLineItems(first.id)).data;
        assert.equal(noted?.amount, 1_200);
      },
    },
  ];
}

function paymentSteps({ billing, corrections, key, stripe, place, customer, invoice, run }: Bench): Step[] {
  return [
    ...['pm_card_chargeCustomerFail', 'pm_card_authenticationRequired'].map((card) => ({
      name: `${card}: the refusal is a value, and the invoice stays open`,
      run: async () => {
        const open = await invoice(await customer(card.toLowerCase(), card), card);
        const answer = await corrections.collect(open.id, key());
        assert.equal(!answer.ok && answer.fault.kind, 'rejected');
        assert.equal(ok(await billing.getInvoice(open.id))?.status, 'open');
      },
    })),
    {
      name: 'a disputed payment leads to its invoice; a refund beside it',
      run: async () => {
        const open = await invoice(await customer('disputing', 'pm_card_createDispute'), 'disputing');
        ok(await corrections.collect(open.id, key()));
        const [payment] = (await stripe.invoicePayments.list({ invoice: open.id })).data;
        const payment_intent = String(payment?.payment.payment_intent);
        await place.settle(async () => (await stripe.disputes.list({ payment_intent })).data.length === 1);
        assert.equal(ok(await billing.invoiceOfPayment(payment_intent))?.id, open.id);
        const [dispute] = (await stripe.disputes.list({ payment_intent })).data;
        assert.equal((await stripe.disputes.close(dispute?.id ?? '')).status, 'lost');
        const other = await invoice(await customer('refunding'), 'refunding');
        ok(await corrections.collect(other.id, key()));
        const [paid] = (await stripe.invoicePayments.list({ invoice: other.id })).data;
        await stripe.refunds.create({ payment_intent: String(paid?.payment.payment_intent), amount: 100 });
      },
    },
    {
      name: 'on a test clock, an invoice that was sent becomes overdue',
      run: async () => {
        const start = Math.floor(Date.UTC(2026, 0, 1) / 1000);
        const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start, name: run });
        const made = await stripe.customers.create({ test_clock: clock.id, name: 'Clock', email: 'c@example.com' });
        const open = await invoice(made.id, 'clock', { netTermsDays: 5 });
        await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: start + 10 * 86_400 });
        const ready = async () => (await stripe.testHelpers.testClocks.retrieve(clock.id)).status === 'ready';
        await place.settle(ready);
        const overdue = async () => {
          const { data } = await stripe.events.list({ type: 'invoice.overdue', limit: 20 });
          return data.some(({ data: { object } }) => (object as { id?: string }).id === open.id);
        };
        await place.settle(overdue);
        await stripe.testHelpers.testClocks.del(clock.id);
      },
    },
  ];
}

function refusalSteps({ billing, draft, stripe, customer, run, key, invoice }: Bench): Step[] {
  return [
    {
      name: 'the same key again is the same draft; another request under it is a mismatch',
      run: async () => {
        const id = await customer('twice');
        const first = ok(await billing.createInvoice(draft(id, 'twice'), `${run}-twice`));
        assert.equal(ok(await billing.createInvoice(draft(id, 'twice'), `${run}-twice`)).id, first.id);
        const other = await billing.createInvoice(draft(id, 'twice', { memo: 'other' }), `${run}-twice`);
        assert.equal(!other.ok && other.fault.kind, 'mismatch');
      },
    },
    {
      name: 'what was finalized takes no lines; what is not there is undefined; what cannot be charged is refused here',
      run: async () => {
        const open = await invoice(await customer('final', null), 'final');
        const late = await billing.addLines(open.id, 'USD', [line('0003', '1.00')], key());
        assert.equal(!late.ok && late.fault.kind, 'rejected');
        assert.equal(ok(await billing.getInvoice('in_000000000000000000000000')), undefined);
        const odd = await billing.createInvoice(draft('cus_x', 'odd', { currency: 'ISK', total: '5.50' }), key());
        assert.equal(!odd.ok && odd.fault.code, 'unchargeable-amount');
      },
    },
    {
      name: 'a charge cannot be refunded twice',
      run: async () => {
        const open = await invoice(await customer('again'), 'again');
        await stripe.invoices.pay(open.id);
        const [payment] = (await stripe.invoicePayments.list({ invoice: open.id })).data;
        const payment_intent = String(payment?.payment.payment_intent);
        await stripe.refunds.create({ payment_intent });
        await assert.rejects(stripe.refunds.create({ payment_intent }), { type: 'StripeInvalidRequestError' });
      },
    },
  ];
}
