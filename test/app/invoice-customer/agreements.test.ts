import { orderTopUp } from '../../../lib/app/grant-credit/grant-credit.ts';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { RetryLater } from '../../../lib/app/invoice-customer/ports.ts';
import { parseSettings } from '../../../lib/app/invoice-customer/settings.ts';
import type { InvoiceKey } from '../../../lib/domain/invoicing/invoice.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { DAY_MS, HOUR_MS } from '../../../lib/domain/time/time.ts';
import { Crash, crashing, killedOnceIn } from './faults.ts';
import { closed, decision, FEBRUARY, FREE, GROWTH, hour, JANUARY, key, ruleset } from './fixtures.ts';
import { type World, world } from './world.ts';

let open: World | undefined;
afterEach(() => open?.close());
const start = async (options: Parameters<typeof world>[0]) => {
  open = await world(options);
  return open;
};

const ADVANCE: RateCard = {
  ...GROWTH,
  charges: [
    { id: 'platform', price: { model: 'flat', amount: '49.00', due: 'inAdvance', proration: 'second' } },
    ...GROWTH.charges.slice(1),
  ],
};
const february = key('acme', FEBRUARY);
const fees = (period = FEBRUARY): InvoiceKey => ({ customer: 'acme', period, kind: 'advance' });
const linesOf = async (w: World, at: InvoiceKey) =>
  (await w.invoices.get(at))?.invoice?.lines.map(({ kind, amount }) => [kind, amount]);

describe('fees in advance', () => {
  const rulesets = { r1: ruleset([ADVANCE, FREE]) };

  test('are invoiced when the period begins, and taken off when it has ended', async () => {
    const rows = [closed('2026-02-15T10', '260000')];
    const w = await start({ rows, decisions: [decision()], rulesets });
    expect(await invoiceCustomer(fees(), w.ports)).toBe('invoiced');
    expect(await linesOf(w, fees())).toEqual([['flat', '49.00']]);
    expect(await invoiceCustomer(fees(), w.ports)).toBe('already-done');
    w.usage.close(FEBRUARY);
    w.later(28 * DAY_MS);
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
    expect(await invoiceCustomer(february, w.ports)).toBe('invoiced');
    expect(await linesOf(w, february)).toEqual([
      ['flat', '49.00'],
      ['included', '0.00'],
      ['usage', '100.00'],
      ['advance', '-49.00'],
    ]);
  });
  test('of an upgrade in mid-month: only the prorated difference is left to pay at its end', async () => {
    const large: RateCard = {
      ...ADVANCE,
      id: 'large',
      charges: [
        { id: 'platform', price: { model: 'flat', amount: '98.00', due: 'inAdvance', proration: 'second' } },
        ...ADVANCE.charges.slice(1),
      ],
    };
    const w = await start({ decisions: [decision()], rulesets: { r1: ruleset([ADVANCE, FREE, large]) } });
    await invoiceCustomer(fees(), w.ports);
    await w.decisions.record(decision({ effectiveFrom: hour('2026-02-15T00'), rateCard: 'large@2026-01-01' }));
    w.usage.close(FEBRUARY);
    w.later(28 * DAY_MS);
    await invoiceCustomer(key(), w.ports);
    expect(await invoiceCustomer(february, w.ports)).toBe('invoiced');
    expect(await linesOf(w, february)).toEqual([
      ['flat', '24.50'],
      ['flat', '49.00'],
      ['advance', '-49.00'],
    ]);
  });
  test('of a year stand on one invoice', async () => {
    const w = await start({ decisions: [decision()], rulesets, billing: { feesEvery: 'year' } });
    const year = { start: JANUARY.start, end: JANUARY.start + 365 * DAY_MS };
    const drawn = { start: FEBRUARY.start, end: FEBRUARY.start + 365 * DAY_MS };
    expect(await invoiceCustomer(fees(year), w.ports)).toBe('not-due');
    expect(await invoiceCustomer(fees(drawn), w.ports)).toBe('invoiced');
    expect(await linesOf(w, fees(drawn))).toHaveLength(12);
  });
  test.each(['before', 'after'] as const)(
    'killed %s each call and started again: one invoice',
    async (when) => {
      for (let at = 1; ; at++) {
        const w = await start({ decisions: [decision()], rulesets });
        const crashed = await invoiceCustomer(fees(), crashing(w.ports, at, when).ports).then(
          () => false,
          (error) => error instanceof Crash,
        );
        await invoiceCustomer(fees(), w.ports);
        await w.standIn.advance();
        expect(w.remoteInvoices()).toMatchObject([{ status: 'paid', total: 4_900 }]);
        await w.close();
        if (!crashed) return expect(at).toBeGreaterThan(12);
      }
    },
    30_000,
  );
});

test.each(['before', 'after'] as const)(
  'a top-up killed %s each call and ordered again: one invoice, one credit',
  async (when) => {
    for (let at = 1; ; at++) {
      const w = await start({ decisions: [decision()] });
      const order = { customer: 'acme', amount: '100.00', by: 'ann', reason: 'ordered' };
      const { ports } = crashing(w.operating, at, when);
      const crashed = await orderTopUp(order, ports)
        .then(async ({ key: made }) => {
          await invoiceCustomer(made, ports);
          return false;
        })
        .catch((error) => error instanceof Crash);
      const { key: made } = await orderTopUp(order, w.operating);
      await invoiceCustomer(made, w.ports);
      await w.standIn.advance();
      expect(w.remoteInvoices()).toMatchObject([{ status: 'paid', total: 10_000 }]);
      expect(await w.credits.ofCustomer('acme')).toMatchObject([{ kind: 'paid', amount: '100.00' }]);
      await w.close();
      if (!crashed) return expect(at).toBeGreaterThan(12);
    }
  },
  30_000,
);

describe('what was agreed is what Stripe is told', () => {
  test('purchase order, memo, net terms, tax', async () => {
    const billing = {
      netTermsDays: 30,
      purchaseOrder: 'PO-7',
      memo: 'Thank you',
      tax: { automatic: true, address: { country: 'DE' } },
    };
    const w = await start({ rows: [closed('2026-01-15T10', '250000')], decisions: [decision()], billing });
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
    expect(w.remoteInvoices()).toMatchObject([
      {
        ...{ collection_method: 'send_invoice', days_until_due: 30, auto_advance: true },
        custom_fields: [{ name: 'PO number', value: 'PO-7' }],
        automatic_tax: { enabled: true, status: 'complete' },
        ...{ subtotal: 14_500, total_taxes: [{ amount: expect.any(Number) }] },
      },
    ]);
    const [remote] = w.remoteInvoices();
    expect([remote?.description, remote?.footer]).toContain('Thank you');
    expect((remote?.total ?? 0) - (remote?.total_taxes[0]?.amount ?? 0)).toBe(14_500);
    expect([...w.standIn.store.customers.values()]).toMatchObject([{ address: { country: 'DE' }, tax_exempt: 'none' }]);
    expect(await w.invoices.get(key())).toMatchObject({
      delivery: { netTermsDays: 30, purchaseOrder: 'PO-7', memo: 'Thank you', automaticTax: true },
    });
  });
  test('terms that cannot be read hold the invoice, until they are mended', async () => {
    const w = await start({ decisions: [decision()], billing: { netTermDays: 30 } });
    expect(await invoiceCustomer(key(), w.ports)).toBe('held');
    expect(await w.invoices.get(key())).toMatchObject({ invoice: null, held: { code: 'billing-terms' } });
  });
});

describe('periods by anchor', () => {
  const billing = { anchor: { day: 15 } };
  const short = { start: Date.UTC(2025, 11, 15), end: Date.UTC(2026, 0, 15) };

  test('the first begins at the anchor before registration, and is rated from registration on', async () => {
    const w = await start({ decisions: [decision()], billing });
    w.usage.close(short);
    expect(await invoiceCustomer(key('acme', short), w.ports)).toBe('invoiced');
    expect((await w.invoices.get(key('acme', short)))?.invoice?.lines).toMatchObject([
      { from: '2026-01-01T00:00:00Z' },
    ]);
  });
  test('a message of an anchor that has moved is not taken', async () => {
    const w = await start({ decisions: [decision()], billing });
    expect(await invoiceCustomer(key(), w.ports)).toBe('earlier-period-open');
    const odd = { start: short.start, end: short.end + HOUR_MS };
    expect(await invoiceCustomer(key('acme', odd), w.ports)).toBe('not-due');
    expect(await w.invoices.headsOf('acme')).toEqual([]);
  });
});

describe('faults of the world', () => {
  const rows = [closed('2026-01-15T10', '250000')];

  test('a customer without a payment method: the invoice is out, and open', async () => {
    const w = await start({ rows, decisions: [decision()], cardOf: () => null });
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
    await w.standIn.advance();
    expect((await w.invoices.get(key()))?.state).toBe('FINALIZED');
  });
  test('credit beyond the bill makes no invoice below zero', async () => {
    const w = await start({ rows, decisions: [decision({ discounts: [{ id: 'gift', amount: '900.00' }] })] });
    expect(await invoiceCustomer(key(), w.ports)).toBe('nothing-due');
    expect((await w.invoices.get(key()))?.invoice?.total).toBe('0.00');
    expect(w.standIn.requests).toEqual([]);
  });
  test('a draft with all its lines to which somebody added one by hand is held', async () => {
    const w = await start({ rows, decisions: [decision()] });
    await expect(invoiceCustomer(key(), killedOnceIn(w.ports, 'LINED'))).rejects.toThrow(Crash);
    const [remote] = w.remoteInvoices();
    await w.stripe.invoices.addLines(remote?.id ?? '', { lines: [{ amount: 100, description: 'by hand' }] });
    expect(await invoiceCustomer(key(), w.ports)).toBe('held');
    expect(await w.invoices.get(key())).toMatchObject({ held: { code: 'lines-differ', from: 'LINED' } });
  });
  test('a key that Stripe knows for another request is held, and says so', async () => {
    const w = await start({ rows, decisions: [decision()] });
    const taken = async () => ({
      ok: false as const,
      fault: { kind: 'mismatch' as const, code: 'x', message: 'another request' },
    });
    const ports = { ...w.ports, billing: { ...w.ports.billing, createInvoice: taken } };
    expect(await invoiceCustomer(key(), ports)).toBe('held');
    expect(await w.invoices.get(key())).toMatchObject({ held: { code: 'idempotency-mismatch', from: 'RATED' } });
  });
  test('Stripe that never answers in time is asked again with the same key', async () => {
    const w = await start({ rows, decisions: [decision()] });
    const keys: string[] = [];
    const slow = async (_: unknown, idempotencyKey: string) => {
      keys.push(idempotencyKey);
      return { ok: false as const, fault: { kind: 'transient' as const, code: 'timeout', message: 'timed out' } };
    };
    const ports = { ...w.ports, billing: { ...w.ports.billing, createInvoice: slow } };
    for (let i = 0; i < 3; i++) await expect(invoiceCustomer(key(), ports)).rejects.toThrow(RetryLater);
    expect(new Set(keys).size).toBe(1);
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
  });
});

describe('settings', () => {
  test.each([
    ['{}', 'mode'],
    ['oops', 'not JSON'],
    ['{"mode":"live"}', 'approveFirstRun'],
    ['{"mode":"live","approveFirstRun":true}', 'anomaly'],
    ['{"mode":"live","approveFirstRun":true,"anomaly":{"factor":"0","floor":"1"}}', 'above 0'],
  ])('%s is refused', (text, message) => {
    expect(() => parseSettings(text)).toThrow(message);
  });
  test('are what the construct wrote', () => {
    const settings = { mode: 'shadow', approveFirstRun: true, anomaly: { factor: '3', floor: '1000' } };
    expect(parseSettings(JSON.stringify(settings))).toEqual(settings);
    expect(parseSettings(JSON.stringify({ ...settings, anomaly: null })).anomaly).toBeNull();
  });
});
