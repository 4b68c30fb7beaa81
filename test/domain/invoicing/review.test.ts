import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { earlierTotals, type InvoicingSettings, reviewDraft } from '../../../lib/domain/invoicing/review.ts';
import { draftTopUp, grantOfTopUp, topUpPeriod } from '../../../lib/domain/invoicing/top-up.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';
import { drafted, usageInvoice } from './drafting.ts';

const LIVE: InvoicingSettings = { mode: 'live', approveFirstRun: false, anomaly: { factor: '2.5', floor: '100' } };
const bill = (total: string, change: Partial<Invoice> = {}): Invoice => ({ ...usageInvoice({}), total, ...change });
const USED = { id: 'c', kind: 'paid', used: '300.00', remaining: '0.00' } as const;

describe('the review before an invoice leaves', () => {
  test.each<[string, Invoice, string[], Partial<InvoicingSettings>, boolean, unknown]>([
    ['an ordinary bill leaves', bill('110.00'), ['100.00'], {}, false, 'send'],
    ['in shadow mode none does', bill('110.00'), [], { mode: 'shadow' }, true, 'shadow'],
    ['nor one of nothing', bill('0.00'), [], { mode: 'shadow' }, true, 'shadow'],
    ['the first run waits', bill('1.00'), [], { approveFirstRun: true }, false, { hold: 'first-run' }],
    ['until it is approved', bill('1.00'), [], { approveFirstRun: true }, true, 'send'],
    ['one of nothing charges nobody', bill('0.00'), [], { approveFirstRun: true }, false, 'send'],
    ['exactly the factor is still ordinary', bill('250.00'), ['100.00', '10.00'], {}, false, 'send'],
    ['a cent more is not', bill('250.01'), ['100.00', '10.00'], {}, false, { hold: 'anomaly' }],
    ['small bills may grow as they like', bill('100.00'), ['1.00'], {}, false, 'send'],
    ['after months of nothing the floor decides', bill('100.01'), ['0.00', '0.00'], {}, false, { hold: 'anomaly' }],
    ['without history there is no bound', bill('5000.00'), [], {}, false, 'send'],
    ['nor where none was set', bill('5000.00'), ['1.00'], { anomaly: null }, false, 'send'],
    ['credit that was bought is wanted', bill('5000.00', { kind: 'top-up' }), ['1.00'], {}, false, 'send'],
    ['credits do not hide a high bill', bill('0.01', { credits: [USED] }), ['100.00'], {}, false, { hold: 'anomaly' }],
  ])('%s', (_, invoice, totals, change, approved, expected) => {
    const review = reviewDraft(invoice, totals, { ...LIVE, ...change }, approved);
    if (typeof expected === 'string') expect(review).toBe(expected);
    else expect(review).toMatchObject(expected as object);
  });
  test('looks at the last three invoices of the same kind and currency that stand, before credits', () => {
    const stored = (start: string, total: string, change: Partial<Invoice> = {}, state: 'PAID' | 'VOID' = 'PAID') => ({
      invoice: bill(total, { start: `${start}-01T00:00:00Z`, ...change }),
      state,
    });
    const records = [
      stored('2025-12', '4.00', { credits: [{ id: 'c', kind: 'promo', used: '1.00', remaining: '0.00' }] }),
      stored('2025-08', '0.00'),
      stored('2025-09', '2.00'),
      stored('2025-10', '3.00'),
      stored('2025-11', '90.00', { kind: 'advance' }),
      stored('2025-11', '91.00', { currency: 'EUR' }),
      stored('2025-11', '92.00', {}, 'VOID'),
      stored('2026-02', '93.00'),
    ];
    expect(earlierTotals(bill('9.00'), records)).toEqual(['2.00', '3.00', '5.00']);
  });
});

describe('prepaid credit that is bought', () => {
  const at = parseTimestamp('2026-03-04T10:25:00Z');
  const input = { customer: 'acme', at, amount: '100.00', currency: 'USD', by: 'acme', reason: 'balance below 20.00' };
  test('is an invoice of one line, for the hour in which it was bought', () => {
    const invoice = drafted(draftTopUp(input));
    expect(invoice).toMatchObject({
      ...{ kind: 'top-up', start: '2026-03-04T10:00:00Z', end: '2026-03-04T11:00:00Z', total: '100.00', rated: [] },
      lines: [{ id: '0001', kind: 'top-up', amount: '100.00' }],
    });
    expect(topUpPeriod(at)).toEqual({ start: at - 25 * 60_000, end: at + 35 * 60_000 });
  });
  test('once paid it is one credit, however often the payment is told', () => {
    const invoice = drafted(draftTopUp({ ...input, currency: 'JPY', amount: '5000' }));
    expect(grantOfTopUp(invoice, at + 5)).toEqual({
      ...{ id: 'top-up:2026-03-04T10:00:00Z', customer: 'acme', kind: 'paid', amount: '5000', currency: 'JPY' },
      ...{ grantedAt: at + 5, expiresAt: null },
      source: { by: 'tollgate', reason: 'paid by the top-up invoice of 2026-03-04T10:00:00Z' },
    });
  });
  test.each([
    ['too-many-decimals', '1.001', 'USD'],
    ['not-an-amount', '0', 'USD'],
    ['not-an-amount', '-5', 'USD'],
    ['unknown-currency', '5', 'XYZ'],
    ['not-a-decimal', '5,00', 'USD'],
  ])('%s: %s %s', (code, amount, currency) => {
    expect(draftTopUp({ ...input, amount, currency })).toMatchObject({ outcome: 'hold', code });
  });
});
