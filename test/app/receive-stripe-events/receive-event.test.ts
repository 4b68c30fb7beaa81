import fc from 'fast-check';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { advanceDunning } from '../../../lib/app/receive-stripe-events/dunning.ts';
import type { BillingEvent } from '../../../lib/app/receive-stripe-events/ports.ts';
import { receiveEvent } from '../../../lib/app/receive-stripe-events/receive-event.ts';
import { PLAIN_TERMS } from '../../../lib/domain/invoicing/billing-terms.ts';
import { DAY_MS, HOUR_MS } from '../../../lib/domain/time/time.ts';
import { CONFIRMING_CARD, DECLINING_CARD, GOOD_CARD } from '../../../lib/local/stripe/payments.ts';
import { closed, decision, key } from '../invoice-customer/fixtures.ts';
import { type World, world } from '../invoice-customer/world.ts';

let open: World | undefined;
afterEach(() => open?.close());
const start = async (options: Parameters<typeof world>[0] = {}) => {
  open = await world({ rows: [closed('2026-01-15T10', '20000')], decisions: [decision()], ...options });
  return open;
};
const status = async (w: World) => (await w.directory.profile('acme'))?.status;
/** Days pass, hour by hour, as the embedded cloud lets them. */
async function days(w: World, count: number): Promise<void> {
  for (let hour = 0; hour < count * 24; hour += 6) {
    w.later(6 * HOUR_MS);
    await w.standIn.advance();
  }
}

describe('from payment to entitlement', () => {
  test('a failed payment gives grace, giving up suspends, paying restores', async () => {
    const w = await start({ cardOf: () => DECLINING_CARD });
    await invoiceCustomer(key(), w.ports);
    await w.standIn.advance();
    expect(await status(w)).toBe('grace');
    expect((await w.invoices.get(key()))?.payment).toMatchObject({ exhausted: false, dispute: null });
    await days(w, 16);
    expect(await status(w)).toBe('suspended');
    const [customer] = [...w.standIn.store.customers.keys()];
    await w.stripe.customers.update(customer ?? '', { invoice_settings: { default_payment_method: GOOD_CARD } });
    await w.stripe.invoices.pay(w.remoteInvoices()[0]?.id ?? '');
    await w.standIn.advance();
    expect(await status(w)).toBe('active');
    expect(w.statuses).toContainEqual(['acme', 'suspended', 'payment-overdue']);
    expect(await w.invoices.get(key())).toMatchObject({ state: 'PAID', payment: { overdueSince: null } });
  });

  test('a customer who always pays is never touched', async () => {
    const w = await start();
    await invoiceCustomer(key(), w.ports);
    await w.standIn.advance();
    expect(w.statuses).toEqual([]);
  });

  test('a dispute gives grace; lost it suspends, won it restores', async () => {
    const w = await start();
    await invoiceCustomer(key(), w.ports);
    await w.standIn.advance();
    const { host, port } = w.standIn;
    const post = (path: string) =>
      fetch(`http://${host}:${port}/stand-in/${path}`, { method: 'POST' }).then((r) => r.json());
    const dispute = (await post(`invoices/${w.remoteInvoices()[0]?.id}/dispute`)) as { id: string };
    await w.standIn.advance();
    expect(await status(w)).toBe('grace');
    await post(`disputes/${dispute.id}/lose`);
    await w.standIn.advance();
    expect(await status(w)).toBe('suspended');
    await post(`disputes/${dispute.id}/win`);
    await w.standIn.advance();
    expect(await status(w)).toBe('active');
    expect((await w.invoices.get(key()))?.state).toBe('PAID');
  });

  test('who left is not let in again by paying', async () => {
    const w = await start({ cardOf: () => DECLINING_CARD });
    await invoiceCustomer(key(), w.ports);
    const profile = await w.directory.profile('acme');
    if (!profile) throw new Error('acme is registered');
    await w.directory.save({ ...profile, status: 'closed', version: profile.version + 1 });
    await w.stripe.invoices.pay(w.remoteInvoices()[0]?.id ?? '', { paid_out_of_band: true });
    await w.standIn.advance();
    expect(await status(w)).toBe('closed');
    expect((await w.invoices.get(key()))?.state).toBe('PAID');
  });

  test.each([
    { act: 'voidInvoice' as const, state: 'VOID', after: 'active' },
    { act: 'markUncollectible' as const, state: 'UNCOLLECTIBLE', after: 'suspended' },
  ])('$act', async ({ act, state, after }) => {
    const w = await start({ cardOf: () => DECLINING_CARD });
    await invoiceCustomer(key(), w.ports);
    await w.standIn.advance();
    await w.stripe.invoices[act](w.remoteInvoices()[0]?.id ?? '');
    await w.standIn.advance();
    expect((await w.invoices.get(key()))?.state).toBe(state);
    expect(await status(w)).toBe(after);
  });
});

describe('deliveries', () => {
  test('a webhook that comes before the call that caused it has returned is not lost', async () => {
    const w = await start();
    const { billing } = w.ports;
    const early: typeof w.ports = {
      ...w.ports,
      billing: {
        ...billing,
        async finalizeInvoice(id, idempotencyKey) {
          const answer = await billing.finalizeInvoice(id, idempotencyKey);
          await w.standIn.advance();
          expect((await w.invoices.get(key()))?.state).toBe('PAID');
          return answer;
        },
      },
    };
    expect(await invoiceCustomer(key(), early)).toBe('invoiced');
    expect((await w.invoices.get(key()))?.state).toBe('PAID');
    expect(w.remoteInvoices()).toHaveLength(1);
  });

  test('the same event twice is done once', async () => {
    const w = await start({ plan: () => [0, HOUR_MS, DAY_MS] });
    await invoiceCustomer(key(), w.ports);
    await days(w, 2);
    expect((await w.invoices.get(key()))?.state).toBe('PAID');
    expect(w.logged).toEqual([]);
  });

  test('a crash after the state was stored, before the entitlement: the redelivery finishes it', async () => {
    const w = await start({ cardOf: () => DECLINING_CARD });
    await invoiceCustomer(key(), w.ports);
    const { entitlement } = w.collecting;
    let crashes = 1;
    Object.assign(w.collecting, {
      entitlement: {
        set: (...given: Parameters<typeof entitlement.set>) => {
          if (crashes-- > 0) throw new Error('crash');
          return entitlement.set(...given);
        },
      },
    });
    await w.standIn.advance();
    expect(await status(w)).toBe('active');
    await days(w, 1);
    expect(await status(w)).toBe('grace');
  });

  test('an event whose content is not what we rated changes nothing and is reported', async () => {
    const w = await start();
    await invoiceCustomer(key(), w.ports);
    const event: BillingEvent = {
      ...{ id: 'evt_x', type: 'invoice.paid', at: 0, news: { kind: 'paid' } },
      about: {
        kind: 'invoice',
        invoice: {
          id: 'in_other',
          status: 'paid',
          ours: { key: key(), digest: 'other' },
          currency: 'USD',
          subtotal: '1.00',
          hostedUrl: null,
          tax: '0.00',
          balanceApplied: '0.00',
        },
      },
    };
    expect(await receiveEvent(event, w.collecting)).toBe('mismatch');
    expect((await w.invoices.get(key()))?.state).toBe('FINALIZED');
    expect(w.logged).toEqual(['a stripe event does not fit']);
  });

  test('an invoice of somebody else’s is none of ours', async () => {
    const w = await start();
    const customer = await w.stripe.customers.create({ name: 'by hand' });
    const invoice = await w.stripe.invoices.create({ customer: customer.id });
    await w.stripe.invoices.addLines(invoice.id, { lines: [{ amount: 500, description: 'x' }] });
    await w.stripe.invoices.finalizeInvoice(invoice.id, { auto_advance: true });
    await w.standIn.advance();
    expect(w.statuses).toEqual([]);
    expect(w.logged).toEqual([]);
  });

  test('any interleaving of runs and deliveries leads to one invoice with the right total', async () => {
    const delays = fc.array(fc.array(fc.integer({ min: 0, max: 72 }), { minLength: 1, maxLength: 3 }), {
      minLength: 8,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(delays, fc.boolean(), fc.integer({ min: 1, max: 3 }), async (plan, declines, runs) => {
        const w = await start({
          cardOf: () => (declines ? DECLINING_CARD : GOOD_CARD),
          plan: (_, index) => (plan[index % plan.length] ?? [0]).map((hours) => hours * HOUR_MS),
        });
        await Promise.allSettled(Array.from({ length: runs }, () => invoiceCustomer(key(), w.ports)));
        await invoiceCustomer(key(), w.ports);
        await days(w, declines ? 20 : 4);
        if (declines) {
          expect(await status(w)).toBe('suspended');
          await w.stripe.invoices.pay(w.remoteInvoices()[0]?.id ?? '', { paid_out_of_band: true });
          await days(w, 4);
        }
        expect(await status(w)).toBe('active');
        expect(w.remoteInvoices()).toMatchObject([{ status: 'paid', total: 5_300 }]);
        expect(await w.invoices.get(key())).toMatchObject({ state: 'PAID', invoice: { total: '53.00' } });
        await w.close();
      }),
      { seed: 11, numRuns: 12 },
    );
  }, 60_000);
});

describe('time and dunning', () => {
  const late = async (options: Parameters<typeof world>[0] = {}) => {
    const w = await start({ cardOf: () => DECLINING_CARD, ...options });
    await invoiceCustomer(key(), w.ports);
    await w.standIn.advance();
    return w;
  };

  test('without any news, the hourly look suspends when the time is up', async () => {
    const w = await late();
    Object.assign(w.collecting, { dunning: { graceDays: 0, suspendAfterDays: 2 } });
    w.later(2 * DAY_MS - HOUR_MS);
    expect(await advanceDunning(w.collecting)).toEqual({ late: 1 });
    expect(await status(w)).toBe('grace');
    w.later(HOUR_MS);
    await advanceDunning(w.collecting);
    expect(await status(w)).toBe('suspended');
    expect(await advanceDunning(w.collecting)).toEqual({ late: 0 });
  });
  test('a run that dies while it suspends is made up for by the next hour', async () => {
    const w = await late();
    Object.assign(w.collecting, { dunning: { graceDays: 0, suspendAfterDays: 2 } });
    w.later(2 * DAY_MS);
    const dies = { set: () => Promise.reject(new Error('the function dies')) };
    await expect(advanceDunning({ ...w.collecting, entitlement: dies })).rejects.toThrow('1 of 1 late customers');
    expect(await status(w)).toBe('grace');
    expect(await advanceDunning(w.collecting)).toEqual({ late: 1 });
    expect(await status(w)).toBe('suspended');
    expect(await advanceDunning(w.collecting)).toEqual({ late: 0 });
  });
  test('while the grace of a late customer lasts, the hourly look changes nothing', async () => {
    const w = await late();
    const never = () => Promise.reject(new Error('nothing is to be set'));
    const ports = { ...w.collecting, entitlement: { set: never }, watch: { ...w.collecting.watch, add: never } };
    expect(await advanceDunning(ports)).toEqual({ late: 1 });
  });
  test('who has paid is no longer looked at', async () => {
    const w = await late();
    await w.stripe.invoices.pay(w.remoteInvoices()[0]?.id ?? '', { payment_method: GOOD_CARD });
    await w.standIn.advance();
    expect(await advanceDunning(w.collecting)).toEqual({ late: 0 });
    expect(await status(w)).toBe('active');
  });
  test('one customer who cannot be looked at does not stop the others', async () => {
    const w = await late();
    Object.assign(w.collecting, { dunning: { graceDays: 0, suspendAfterDays: 1 } });
    await w.collecting.watch.add('aaa');
    const { profile } = w.collecting.customers;
    const customers = {
      ...w.collecting.customers,
      profile: async (id: string) => (id === 'aaa' ? Promise.reject(new Error('down')) : profile(id)),
    };
    w.later(DAY_MS);
    await expect(advanceDunning({ ...w.collecting, customers })).rejects.toThrow('1 of 2 late customers');
    expect(await status(w)).toBe('suspended');
  });
  test('a card stored on the setup page is used, and what is late is collected at once', async () => {
    const w = await late();
    const [customer = ''] = w.standIn.store.customers.keys();
    const page = await w.remote.paymentMethodPage(
      { stripeCustomer: customer, currency: 'USD', returnUrl: 'http://127.0.0.1:1/back' },
      'page-1',
    );
    if (!page.ok) throw new Error(page.fault.message);
    expect(await (await fetch(page.value)).text()).toContain('Store card');
    const body = new URLSearchParams({ card: GOOD_CARD });
    const answer = await fetch(page.value, { method: 'POST', body, redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, 'http://127.0.0.1:1/back']);
    await w.standIn.advance();
    expect(await w.invoices.get(key())).toMatchObject({ state: 'PAID', payment: { overdueSince: null } });
    expect(await status(w)).toBe('active');
    expect((await fetch(page.value)).status).toBe(410);
  });
  test('an invoice that was sent is not charged to a card that is stored later', async () => {
    const w = await late({ billing: { netTermsDays: 10 } });
    await days(w, 11);
    expect(await status(w)).toBe('grace');
    const [customer = ''] = w.standIn.store.customers.keys();
    await w.stripe.customers.update(customer, { invoice_settings: { default_payment_method: GOOD_CARD } });
    await w.standIn.advance();
    expect(w.remoteInvoices()[0]?.status).toBe('open');
  });
  test('a cardholder who must confirm is late until then', async () => {
    const w = await late({ cardOf: () => CONFIRMING_CARD });
    expect(w.standIn.store.events.map(({ type }) => type)).toContain('invoice.payment_action_required');
    expect((await w.invoices.get(key()))?.payment).toMatchObject({ exhausted: false });
    expect(await status(w)).toBe('grace');
    const { hosted_invoice_url } = w.remoteInvoices()[0] ?? {};
    const body = new URLSearchParams({ card: GOOD_CARD });
    await fetch(hosted_invoice_url ?? '', { method: 'POST', body });
    await w.standIn.advance();
    expect(await status(w)).toBe('active');
  });
});

describe('other news', () => {
  test('refunds add up on the invoice, which stays paid', async () => {
    const w = await start();
    await invoiceCustomer(key(), w.ports);
    await w.standIn.advance();
    const [payment] = w.standIn.store.payments.values();
    const payment_intent = payment?.payment.payment_intent ?? '';
    await w.stripe.refunds.create({ payment_intent, amount: 1_000 });
    await w.stripe.refunds.create({ payment_intent, amount: 500 });
    await w.standIn.advance();
    expect(await w.invoices.get(key())).toMatchObject({ state: 'PAID', payment: { refunded: '15.00' } });
    expect(await status(w)).toBe('active');
  });
  test('a customer deleted at Stripe is made anew with the next invoice, also within the day of its key', async () => {
    const w = await start();
    await invoiceCustomer(key(), w.ports);
    await w.standIn.advance();
    const before = (await w.directory.profile('acme'))?.billing.stripeCustomer ?? '';
    await w.stripe.customers.del(before);
    await w.standIn.advance();
    expect((await w.directory.profile('acme'))?.billing.stripeCustomer).toBeNull();
    expect(w.logged).toEqual(['a customer was deleted at Stripe']);
    const tax = PLAIN_TERMS.tax;
    const made = await w.ports.billing.ensureCustomer({ id: 'acme', name: 'ACME', email: null, tax });
    expect(made.ok && made.value !== before && w.standIn.store.customers.get(made.value)?.deleted).toBeUndefined();
  });
  test('another customer of the same account is none of ours', async () => {
    const w = await start();
    const { id } = await w.stripe.customers.create({ name: 'x', metadata: { tollgate_customer: 'acme' } });
    await w.stripe.customers.del(id);
    await w.standIn.advance();
    expect(w.logged).toEqual([]);
  });
});
