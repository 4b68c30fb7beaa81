import { hasAdvanceFees } from '../../../lib/domain/invoicing/advance.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { closed, decision, GROWTH } from '../../app/invoice-customer/fixtures.ts';
import { advanceInvoice, amounts, usageInvoice } from './drafting.ts';

const FEE = { model: 'flat', amount: '31.00', proration: 'second' } as const;
/** Free for two weeks, then half price for three months. */
const RAMPED: RateCard = {
  ...GROWTH,
  charges: GROWTH.charges.map((charge) => (charge.id === 'platform' ? { ...charge, price: FEE } : charge)),
  phases: [
    { id: 'trial', days: 14, charges: { platform: { price: { ...FEE, amount: '0.00' } } } },
    { id: 'ramp', months: 3, percent: '50' },
  ],
};
const BUNDLED: RateCard = {
  ...GROWTH,
  bundles: [
    {
      id: 'suite',
      price: { ...FEE, due: 'inAdvance' },
      includes: [{ meter: 'api-calls', quantity: '5000' }],
    },
  ],
};

test('a phase that ends within the period splits it at that day, by the day the customer came', () => {
  const rows = [closed('2026-01-10T10', '8000'), closed('2026-01-20T10', '8000')];
  const invoice = usageInvoice({ rows, cards: [RAMPED], change: { customerSince: '2026-01-03' } });
  expect(amounts(invoice)).toEqual([
    'flat 0.00',
    'included 0.00',
    // 15 of 31 days; of 10,000 free calls 2,000 are left.
    'flat 15.00',
    'included 0.00',
    'usage 2.40',
    'discount -8.70',
  ]);
  expect(invoice.lines.map(({ from }) => from)).toEqual([
    ...['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ...['2026-01-17T00:00:00Z', '2026-01-17T00:00:00Z', '2026-01-17T00:00:00Z', '2026-01-17T00:00:00Z'],
  ]);
  expect(invoice.total).toBe('8.70');
});

test('a customer past all phases pays the card’s own prices', () => {
  const rows = [closed('2026-01-10T10', '8000')];
  expect(usageInvoice({ rows, cards: [RAMPED], change: { customerSince: '2025-06-01' } }).total).toBe('31.00');
});

test('price protection keeps the phases of the protected card', () => {
  const now: RateCard = { ...GROWTH, effectiveFrom: '2026-01-01' };
  const old: RateCard = { ...RAMPED, effectiveFrom: '2025-06-01' };
  const invoice = usageInvoice({
    cards: [old, now],
    decisions: [decision({ protection: ['keep'] })],
    protection: { keep: { kind: 'lock', rateCard: 'growth@2025-06-01' } },
    change: { customerSince: '2025-12-18' },
  });
  // The protected trial has just ended on 1 January: half of 31.00.
  expect(invoice.total).toBe('15.50');
});

test('a bundle is a fee, also in advance, and its units are free', () => {
  const rows = [closed('2026-01-10T10', '16000')];
  expect(amounts(usageInvoice({ rows, cards: [BUNDLED] }))).toEqual([
    'flat 31.00',
    'flat 49.00',
    'included 0.00',
    'included 0.00',
    'usage 0.40',
  ]);
  expect([hasAdvanceFees(GROWTH), hasAdvanceFees(BUNDLED)]).toEqual([false, true]);
  expect(advanceInvoice({ cards: [BUNDLED] }).total).toBe('31.00');
});
