import { creditInvoice } from '../../../lib/app/correct-invoices/credit-note.ts';
import { creditsOf, grantCredit, orderTopUp, topUpIfLow } from '../../../lib/app/grant-credit/grant-credit.ts';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { HOUR_MS } from '../../../lib/domain/time/time.ts';
import { closed, decision, key } from '../invoice-customer/fixtures.ts';
import { type World, world } from '../invoice-customer/world.ts';

const ANN = { by: 'ann@example.com', reason: 'a slow start' };
let open: World | undefined;
afterEach(() => open?.close());
const start = async (options: Parameters<typeof world>[0] = {}) => {
  open = await world({ rows: [closed('2026-01-15T10', '250000')], decisions: [decision()], ...options });
  return open;
};
const promo = { ...ANN, customer: 'acme', amount: '20.00', currency: 'USD', expiresAt: null };

describe('promotional credit', () => {
  test('is given once, and burns on the next usage invoice', async () => {
    const w = await start();
    const grant = await grantCredit(promo, w.operating);
    w.later(1);
    expect(await grantCredit(promo, w.operating)).toEqual(grant);
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
    expect((await w.invoices.get(key()))?.invoice).toMatchObject({ total: '125.00', credits: [{ id: grant.id }] });
    expect(await creditsOf('acme', w.operating)).toMatchObject([{ grant: { id: grant.id }, balance: '0.00' }]);
  });
  test.each([
    ['to nobody', { customer: 'nobody' }, 'no customer'],
    ['of nothing', { amount: '0.00' }, 'not above 0'],
    ['of half a cent', { amount: '0.005' }, 'at most 2'],
    ['in no currency', { currency: 'XXQ' }, 'XXQ'],
  ])('%s is refused', async (_, change, message) => {
    const w = await start();
    await expect(grantCredit({ ...promo, ...change }, w.operating)).rejects.toThrow(message);
    expect(await w.credits.ofCustomer('acme')).toEqual([]);
  });
  test('an id stands for one grant', async () => {
    const w = await start();
    await grantCredit({ ...promo, id: 'welcome' }, w.operating);
    await expect(grantCredit({ ...promo, id: 'welcome', amount: '30.00' }, w.operating)).rejects.toThrow('already');
  });
});

describe('prepaid credit', () => {
  const order = { ...ANN, customer: 'acme', amount: '100.00' };

  test('is invoiced, and becomes credit when it is paid, once', async () => {
    const w = await start();
    const record = await orderTopUp(order, w.operating);
    expect(record).toMatchObject({ state: 'RATED', invoice: { total: '100.00', currency: 'USD' } });
    expect(w.queued).toEqual([record.key]);
    expect(await invoiceCustomer(record.key, w.ports)).toBe('invoiced');
    expect(await w.credits.ofCustomer('acme')).toEqual([]);
    await w.standIn.advance();
    await w.standIn.advance();
    const [grant, ...more] = await w.credits.ofCustomer('acme');
    expect(more).toEqual([]);
    expect(grant).toMatchObject({ id: 'top-up:2026-02-02T04:00:00Z', kind: 'paid', amount: '100.00' });
  });
  describe('paid back is no credit any more', () => {
    const balance = async (w: World) => (await creditsOf('acme', w.operating)).map((one) => one.balance);
    const note = (amount: string) => ({ ...ANN, of: { amount }, refund: true });

    test('only what is left of it can be', async () => {
      const w = await start({ rows: [] });
      const { key: bought } = await orderTopUp(order, w.operating);
      await invoiceCustomer(bought, w.ports);
      await w.standIn.advance();
      await creditInvoice(bought, note('30.00'), w.operating);
      expect(await balance(w)).toEqual(['70.00']);
      // The fee of January uses 49.00 of it.
      expect(await invoiceCustomer(key(), w.ports)).toBe('nothing-due');
      expect((await w.invoices.get(key()))?.invoice?.credits).toMatchObject([{ used: '49.00', remaining: '21.00' }]);
      await expect(creditInvoice(bought, note('21.01'), w.operating)).rejects.toMatchObject({ code: 'too-much' });
      expect(await creditInvoice(bought, { ...note('0'), of: 'whole' }, w.operating)).toMatchObject({
        amount: '21.00',
      });
      expect(await balance(w)).toEqual(['0.00']);
    });
    test('an order that was reduced before it was paid gives what was paid', async () => {
      const w = await start({ cardOf: () => null });
      const { key: bought } = await orderTopUp(order, w.operating);
      await invoiceCustomer(bought, w.ports);
      await creditInvoice(bought, note('40.00'), w.operating);
      await w.stripe.invoices.pay(w.remoteInvoices()[0]?.id ?? '', { paid_out_of_band: true });
      await w.standIn.advance();
      expect(w.remoteInvoices()).toMatchObject([{ status: 'paid', amount_paid: 6_000 }]);
      expect(await balance(w)).toEqual(['60.00']);
    });
  });
  test('twice in an hour is one', async () => {
    const w = await start();
    const first = await orderTopUp(order, w.operating);
    expect(await orderTopUp({ ...order, amount: '50.00' }, w.operating)).toEqual(first);
    w.later(HOUR_MS);
    expect((await orderTopUp(order, w.operating)).key).not.toEqual(first.key);
  });
  test('is asked for by nobody but an order', async () => {
    const w = await start();
    const hour = { start: Date.UTC(2026, 1, 2, 4), end: Date.UTC(2026, 1, 2, 5) };
    expect(await invoiceCustomer({ customer: 'acme', period: hour, kind: 'top-up' }, w.ports)).toBe('not-ordered');
  });
  test('automatic: bought when too little is left, not while one is on its way, not when enough is', async () => {
    const w = await start({ billing: { topUp: { amount: '100.00', below: '20.00' } } });
    const bought = await topUpIfLow('acme', w.operating);
    expect(bought).toMatchObject({ invoice: { total: '100.00' }, acts: [{ act: 'top-up', by: 'automatic top-up' }] });
    w.later(HOUR_MS);
    expect(await topUpIfLow('acme', w.operating)).toBeUndefined();
    if (!bought) throw new Error('it was bought');
    await invoiceCustomer(bought.key, w.ports);
    await w.standIn.advance();
    expect(await topUpIfLow('acme', w.operating)).toBeUndefined();
    expect((await w.invoices.headsOf('acme')).map(({ state }) => state)).toEqual(['PAID']);
  });
  test('nothing is bought for who did not agree to it', async () => {
    const w = await start();
    expect(await topUpIfLow('acme', w.operating)).toBeUndefined();
    expect(w.queued).toEqual([]);
  });
});
