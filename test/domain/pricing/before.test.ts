import fc from 'fast-check';
import { minus, plus } from '../../../lib/domain/money/exact.ts';
import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { rateExact } from '../../../lib/domain/pricing/rate.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { bill, cardOf, entriesOf, linesInShort, usageOf } from './rating.ts';

/** Usage from before a change of card makes no line; allowance, capacity and tiers go on from it. */
const tiers = [
  { upTo: 100, unitPrice: '1', flat: '5' },
  { upTo: null, unitPrice: '0.5', flat: '3' },
];
const after = (card: object, before: number | object[], now: number | object[]) =>
  linesInShort(bill(card, usageOf(now), { before: entriesOf(usageOf(before)) }));

test.each([
  {
    card: cardOf({ model: 'perUnit', unitPrice: '1' }, { included: 100 }),
    before: 80,
    now: 50,
    lines: ['included 20 × 0 = 0.00', 'usage 30 × 1 = 30.00'],
    why: 'what is left of the allowance',
  },
  {
    card: cardOf({ model: 'perUnit', unitPrice: '1' }, { included: 100 }),
    before: 100,
    now: 5,
    lines: ['usage 5 × 1 = 5.00'],
    why: 'no second allowance',
  },
  {
    card: cardOf({ model: 'graduated', tiers }),
    before: 90,
    now: 20,
    lines: ['usage tier 1 10 × 1 = 10.00', 'usage tier 2 10 × 0.5 + 3 = 8.00'],
    why: 'tiers go on, and a flat is due once',
  },
  {
    card: cardOf({ model: 'graduated', tiers }),
    before: 100,
    now: 20,
    lines: ['usage tier 2 20 × 0.5 + 3 = 13.00'],
    why: 'a tier that was just filled is not the one that begins',
  },
  {
    card: cardOf({ model: 'graduated', tiers }),
    before: 150,
    now: 20,
    lines: ['usage tier 2 20 × 0.5 = 10.00'],
    why: 'a tier that was reached before',
  },
  {
    card: cardOf({ model: 'graduated', tiers, zeroUsage: 'chargeFirstFlat' }),
    before: 5,
    now: 0,
    lines: [],
    why: 'nothing more was used',
  },
  {
    card: cardOf({ model: 'volume', tiers }),
    before: 90,
    now: 20,
    lines: ['usage tier 2 20 × 0.5 + 3 = 13.00'],
    why: 'the tier of all that was used',
  },
  {
    card: cardOf({ model: 'volume', tiers }),
    before: 150,
    now: 20,
    lines: ['usage tier 2 20 × 0.5 = 10.00'],
    why: 'the flat of a tier is due once',
  },
  {
    card: cardOf({ model: 'package', size: 100, amount: '7' }),
    before: 150,
    now: 60,
    lines: ['usage 1 packages of 60 = 7.00'],
    why: 'the begun package is filled first',
  },
  {
    card: cardOf({
      model: 'reserved',
      capacity: { quantity: 100, per: 'period' },
      amount: '9',
      overage: { model: 'graduated', tiers },
    }),
    before: 190,
    now: 20,
    lines: ['reserved 0 at 9 = 9.00', 'overage tier 1 10 × 1 = 10.00', 'overage tier 2 10 × 0.5 + 3 = 8.00'],
    why: 'capacity and overage go on',
  },
])('$why: $lines', ({ card, before, now, lines }) => {
  expect(after(card, before, now)).toEqual(lines);
});

test('windows, groups and hours each go on from their own', () => {
  const graduated = { model: 'graduated', tiers };
  const at = (hour: string, quantity: number, group?: string) => ({
    hour: `2026-01-05T${hour}:00:00Z`,
    quantity,
    ...(group && { group }),
  });
  const windows = cardOf(
    {
      model: 'timeWindow',
      timeZone: 'UTC',
      windows: [{ id: 'w', from: '08:00', to: '09:00', price: graduated }],
      otherwise: graduated,
    },
    { included: 10 },
  );
  expect(after(windows, [at('08', 100)], [at('09', 4), at('08', 20)])).toEqual([
    'usage window w tier 1 10 × 1 = 10.00',
    'usage window w tier 2 10 × 0.5 + 3 = 8.00',
    'usage window null tier 1 4 × 1 + 5 = 9.00',
  ]);
  const matrix = cardOf({ model: 'matrix', groups: [{ group: 'a', price: graduated }], otherwise: graduated });
  expect(after(matrix, [at('08', 100, 'a')], [at('09', 1, 'a'), at('09', 1)])).toEqual([
    'usage group a tier 2 1 × 0.5 + 3 = 3.50',
    'usage tier 1 1 × 1 + 5 = 6.00',
  ]);
  const hourly = cardOf({ model: 'reserved', capacity: { quantity: 10 }, amount: '1', overage: graduated });
  expect(after(hourly, [at('08', 105)], [at('08', 2), at('09', 12)])).toEqual([
    'reserved 10 at 1 = 744.00',
    'overage tier 1 4 × 1 = 4.00',
  ]);
});

test('graduated percentage goes on from the events before', () => {
  const card = cardOf({
    model: 'graduatedPercentage',
    tiers: [
      { upTo: 1000, percent: '1', flat: '2' },
      { upTo: null, percent: '2' },
    ],
  });
  const events = (...amounts: string[]) => [{ events: amounts }];
  expect(after(card, events('900'), events('50', '100'))).toEqual([
    'usage tier 1 100 × 0.01 = 1.00',
    'usage tier 2 50 × 0.02 = 1.00',
  ]);
});

test('splitting a period in two and going on costs what one period costs, but for a rounding of each line', () => {
  const price = fc.constantFrom<object>(
    { model: 'graduated', tiers },
    { model: 'package', size: 7, amount: '1.03' },
    { model: 'package', size: 7, amount: '1.03', rounding: 'down' },
    { model: 'perUnit', unitPrice: '0.0137' },
  );
  fc.assert(
    fc.property(price, fc.nat(300), fc.nat(300), fc.nat(150), (own, first, second, included) => {
      const card = compileRateCard(parseRateCard(cardOf(own, { included })));
      const [before, now, all] = [first, second, first + second].map((n) => parseUsage(usageOf(n)));
      if (!before || !now || !all) throw new Error('three usages');
      const parts = [rateExact(card, before), rateExact(card, now, { before: before.entries })];
      const whole = rateExact(card, all);
      const apart = parts.reduce((sum, { total }) => plus(sum, total), 0 as ReturnType<typeof plus>);
      const lines = parts.reduce((count, part) => count + part.lines.length, 0);
      expect(Math.abs(Number(minus(apart, whole.total)))).toBeLessThanOrEqual(lines);
    }),
    { seed: 21, numRuns: 300 },
  );
});
