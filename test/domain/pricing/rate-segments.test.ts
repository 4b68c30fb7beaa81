import fc from 'fast-check';
import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { presentBill } from '../../../lib/domain/pricing/present.ts';
import { rateExact } from '../../../lib/domain/pricing/rate.ts';
import { rateSegments } from '../../../lib/domain/pricing/rate-segments.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';
import { cardOf, cardWith, JANUARY, linesInShort, usageOf } from './rating.ts';

/** Cards in force from a day of January on. */
function segments(cards: readonly (readonly [number, object])[], usage: object) {
  const starts = cards.map(([day]) => parseTimestamp(`2026-01-${String(day).padStart(2, '0')}T00:00:00Z`));
  const end = parseTimestamp(JANUARY.end);
  const parts = cards.map(([, card], i) => ({
    card: compileRateCard(parseRateCard(card)),
    start: starts[i] as number,
    end: starts[i + 1] ?? end,
  }));
  return presentBill(rateSegments(parts, parseUsage(usage)), true);
}
const at = (day: string, quantity: number) => ({ hour: `2026-01-${day}T10:00:00Z`, quantity });
const flat = (amount: string, own: object = {}) => ({ id: 'fee', price: { model: 'flat', amount, ...own } });
const perUnit = (unitPrice: string, own: object = {}) => cardOf({ model: 'perUnit', unitPrice }, own);

test('each hour is rated by the card in force in it', () => {
  const bill = segments(
    [
      [1, perUnit('1')],
      [16, perUnit('2')],
    ],
    usageOf([at('15', 10), at('16', 10)]),
  );
  expect(linesInShort(bill)).toEqual(['usage 10 × 1 = 10.00', 'usage 10 × 2 = 20.00']);
  expect(bill.total).toBe('30.00');
});

test('no switch earns a second allowance, and tiers go on', () => {
  const bill = segments(
    [
      [1, perUnit('1', { included: 100 })],
      [16, perUnit('2', { included: 150 })],
    ],
    usageOf([at('15', 120), at('16', 40)]),
  );
  expect(linesInShort(bill)).toEqual([
    'included 100 × 0 = 0.00',
    'usage 20 × 1 = 20.00',
    'included 30 × 0 = 0.00',
    'usage 10 × 2 = 20.00',
  ]);
});

test('capacity is paid for its own hours, or its share of the period', () => {
  const reserved = (per: string, amount: string) =>
    cardOf({
      model: 'reserved',
      capacity: { quantity: 5, per },
      amount,
      overage: { model: 'perUnit', unitPrice: '1' },
    });
  const bill = segments(
    [
      [1, reserved('hour', '0.10')],
      [11, reserved('period', '31.00')],
    ],
    usageOf([]),
  );
  expect(bill.lines.map(({ amount }) => amount)).toEqual(['24.00', '21.00']);
  expect(bill.lines[1]?.explanation).toContain('504 of 744 hours of the period × 31.00');
});

test('a percentage is taken of the part under its own card, an amount is granted once, by the last card', () => {
  const first = cardWith({
    charges: [flat('62.00', { proration: 'day' })],
    discounts: [
      { id: 'p', percent: '10' },
      { id: 'once', amount: '5.00' },
    ],
  });
  const second = cardWith({
    charges: [flat('31.00', { proration: 'day' })],
    discounts: [{ id: 'once', amount: '40.00', appliesTo: 'fee' }],
  });
  const bill = segments(
    [
      [1, first],
      [16, second],
    ],
    usageOf([]),
  );
  // 15 days of 62.00 are 30.00, 16 of 31.00 are 16.00.
  expect(bill.subtotal).toBe('46.00');
  // The charge gives 16.00 of its last part and 24.00 of its first, and the tenth is of what is left there: 6.00.
  expect(bill.discounts).toEqual([
    { id: 'once', amount: '-40.00' },
    { id: 'p', amount: '-0.60' },
  ]);
  expect(bill.total).toBe('5.40');
});

test('the same card at the beginning and at the end grants its amount once', () => {
  const card = cardWith({
    charges: [flat('31.00', { proration: 'day' })],
    discounts: [{ id: 'once', amount: '1.00' }],
  });
  const bill = segments(
    [
      [1, card],
      [11, cardWith({})],
      [21, card],
    ],
    usageOf([]),
  );
  expect(bill.discounts).toEqual([{ id: 'once', amount: '-1.00' }]);
});

test('minimum, maximum and spend cap are the last card’s and bind the whole', () => {
  const second = perUnit('1', {});
  const minimum = {
    ...second,
    minimum: { amount: '50.00', order: 'beforeDiscounts' },
    discounts: [{ id: 'h', percent: '50' }],
  };
  const used = usageOf([at('05', 10), at('20', 20)]);
  const bill = segments(
    [
      [1, { ...second, minimum: { amount: '99.00' } }],
      [16, minimum],
    ],
    used,
  );
  expect(bill).toMatchObject({ subtotal: '30.00', trueUp: '20.00', total: '30.00' });
  const capped = segments(
    [
      [1, second],
      [16, { ...second, maximum: { amount: '25.00' } }],
    ],
    { ...used, spendCap: '20.00' },
  );
  expect(capped).toMatchObject({ capped: '10.00', spendCapped: '5.00', total: '20.00' });
});

test.each([
  [
    'two currencies',
    [
      [1, perUnit('1')],
      [16, { ...perUnit('1'), currency: 'EUR' }],
    ],
    [at('05', 1)],
    'currency-change',
  ],
  [
    'usage without an hour',
    [
      [1, perUnit('1')],
      [16, perUnit('2')],
    ],
    [{ quantity: 1 }],
    'hour-missing',
  ],
] as const)('%s: an error', (_why, cards, used, code) => {
  expect(() => segments(cards, usageOf([...used]))).toThrow(expect.objectContaining({ code }));
});

test('a card that is replaced by itself costs what it costs without a change, but for a rounding of each line', () => {
  const tiers = [
    { upTo: 50, unitPrice: '0.37' },
    { upTo: null, unitPrice: '0.113' },
  ];
  const price = fc.constantFrom<object>(
    { model: 'graduated', tiers },
    { model: 'package', size: 7, amount: '1.03' },
    { model: 'perUnit', unitPrice: '0.0137' },
  );
  const used = fc.array(fc.record({ hour: fc.nat(743), quantity: fc.nat(60) }), { maxLength: 12 });
  fc.assert(
    fc.property(price, used, fc.nat(80), fc.integer({ min: 2, max: 31 }), (own, list, included, day) => {
      const card = cardOf(own, { included });
      const start = parseTimestamp(JANUARY.start);
      const usage = usageOf(
        list.map(({ hour, quantity }) => ({ hour: new Date(start + hour * 3_600_000).toISOString(), quantity })),
      );
      const apart = segments(
        [
          [1, card],
          [day, card],
        ],
        usage,
      );
      const whole = rateExact(compileRateCard(parseRateCard(card)), parseUsage(usage));
      const drift = Number(apart.total.replace('.', '')) - Number(whole.total);
      expect(Math.abs(drift)).toBeLessThanOrEqual(apart.lines.length);
    }),
    { seed: 31, numRuns: 300 },
  );
});
