import fc from 'fast-check';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import type { BillingEvent } from '../../../lib/app/receive-stripe-events/ports.ts';
import { receiveEvent } from '../../../lib/app/receive-stripe-events/receive-event.ts';
import { DAY_MS, HOUR_MS } from '../../../lib/domain/time/time.ts';
import { DECLINING_CARD, GOOD_CARD } from '../../../lib/local/stripe/payments.ts';
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
