import fc from 'fast-check';
import { volumeCliffs, warnRateCard } from '../../../lib/domain/pricing/check/warn-card.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { bill, cardOf, cardWith, usageOf } from './rating.ts';

const warnings = (card: object) => warnRateCard(parseRateCard(card)).map(({ code, pointer }) => `${code} ${pointer}`);
const per = { model: 'perUnit', unitPrice: '1' };
const volume = (...tiers: [number | null, string, string?][]) => ({
  model: 'volume',
  tiers: tiers.map(([upTo, unitPrice, flat]) => ({ upTo, unitPrice, ...(flat && { flat }) })),
});

describe('volume cliffs', () => {
  test('say where a bill falls, from what to what', () => {
    const card = parseRateCard(cardOf(volume([5, '7'], [10, '6.50'], [null, '6'])));
    expect(volumeCliffs(card)).toEqual([
      { pointer: '/charges/0/price/tiers/1', charge: 'c', quantity: '5', costAt: '35', costAbove: '32.5' },
      { pointer: '/charges/0/price/tiers/2', charge: 'c', quantity: '10', costAt: '65', costAbove: '60' },
    ]);
    expect(warnRateCard(card)[0]?.message).toBe(
      'a bill falls when usage rises: 5 units cost 35 USD, and just above it is 32.5',
    );
  });

  test('a flat amount can fill a cliff up', () => {
    expect(warnings(cardOf(volume([5, '7'], [null, '6', '5'])))).toEqual([]);
    expect(warnings(cardOf(volume([5, '7'], [null, '6', '4.99'])))).toEqual(['volume-cliff /charges/0/price/tiers/1']);
  });

  test('inside a matrix, a window, an overage and an otherwise too', () => {
    const cliff = volume([5, '7'], [null, '6']);
    const charge = (id: string, price: object) => ({ id, meter: id, price });
    const card = cardWith({
      charges: [
        charge('m', { model: 'matrix', groups: [{ group: 'g', price: cliff }], otherwise: cliff }),
        charge('w', {
          model: 'timeWindow',
          timeZone: 'UTC',
          windows: [{ id: 'w', from: '01:00', to: '02:00', price: cliff }],
        }),
        charge('r', { model: 'reserved', capacity: { quantity: 1 }, amount: '1', overage: cliff }),
      ],
    });
    expect(volumeCliffs(parseRateCard(card)).map(({ pointer }) => pointer)).toEqual([
      '/charges/0/price/groups/0/price/tiers/1',
      '/charges/0/price/otherwise/tiers/1',
      '/charges/1/price/windows/0/price/tiers/1',
      '/charges/2/price/overage/tiers/1',
    ]);
  });

  test('a card is warned of just where a bill really falls', () => {
    const cents = fc.nat({ max: 40 }).map((n) => (n / 10).toFixed(1));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), cents, cents, cents, cents, (upTo, a, aFlat, b, bFlat) => {
        const card = cardOf(volume([upTo, a, aFlat], [null, b, bFlat]));
        const cost = (quantity: string) => Number(bill(card, usageOf(quantity)).total);
        const falls = cost(`${upTo}.000001`) < cost(String(upTo));
        expect(volumeCliffs(parseRateCard(card)).length > 0).toBe(falls);
      }),
      { seed: 31, numRuns: 300 },
    );
  });
});

describe('windows that a zone moves', () => {
  const windowed = (timeZone: string, from: string, to: string) =>
    cardOf({ model: 'timeWindow', timeZone, windows: [{ id: 'w', from, to, price: per }], otherwise: per });
  test.each([
    ['Europe/Berlin', '08:00', '18:00', []],
    ['UTC', '08:30', '18:00', ['window-shift /charges/0/price/windows/0/from']],
    [
      'Asia/Kolkata',
      '08:00',
      '24:00',
      ['window-shift /charges/0/price/windows/0/from', 'window-shift /charges/0/price/windows/0/to'],
    ],
    ['Asia/Kolkata', '08:30', '18:30', []],
    [
      'Australia/Lord_Howe',
      '08:00',
      '18:30',
      ['window-shift /charges/0/price/windows/0/from', 'window-shift /charges/0/price/windows/0/to'],
    ],
    ['customer', '08:00', '18:00', []],
  ])('%s from %s to %s: %j', (timeZone, from, to, expected) => {
    expect(warnings(windowed(timeZone, from, to))).toEqual(expected);
  });

  test('say by how much', () => {
    const [first] = warnRateCard(parseRateCard(windowed('Asia/Kathmandu', '08:00', '18:00')));
    expect(first?.message).toBe(
      '08:00 in Asia/Kathmandu is not on a whole hour of UTC: the window "w" moves by 45 minutes',
    );
  });
});

test.each([
  [
    'a minimum above the maximum',
    cardWith({ minimum: { amount: '2' }, maximum: { amount: '1' } }),
    ['minimum-above-maximum /minimum/amount'],
  ],
  ['a currency that is no more', cardWith({ currency: 'HRK' }), ['withdrawn-currency /currency']],
  [
    'a free meter that a charge takes whole',
    cardOf(per, {}, { freeMeters: ['calls'] }),
    ['free-meter-priced /freeMeters/0'],
  ],
  [
    'fees that a phase would charge twice',
    cardWith({
      charges: [
        { id: 'a', price: { model: 'flat', amount: '1' } },
        { id: 'b', price: { model: 'flat', amount: '1', proration: 'day' } },
      ],
      bundles: [{ id: 'c', price: { model: 'flat', amount: '1', proration: 'none' }, includes: [] }],
      phases: [
        {
          ...{ id: 'p', days: 1 },
          charges: { a: { price: { model: 'flat', amount: '0' } }, b: { price: { model: 'flat', amount: '2' } } },
        },
      ],
    }),
    [
      'phase-proration /bundles/0/price',
      'phase-proration /charges/0/price',
      'phase-proration /phases/0/charges/b/price',
    ],
  ],
  ['a fee of a card without phases', cardWith({ charges: [{ id: 'a', price: { model: 'flat', amount: '1' } }] }), []],
  ['a free meter of which a charge takes one group', cardOf(per, { group: 'g' }, { freeMeters: ['calls'] }), []],
])('%s', (_why, card, expected) => {
  expect(warnings(card)).toEqual(expected);
});
