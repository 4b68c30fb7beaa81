import { bill, cardOf, cardWith, usageOf } from './rating.ts';

const explained = (card: object, usage: object) =>
  bill(card, usage, { explain: true }).lines.map(({ explanation }) => explanation);
const flat = (price: object) =>
  cardWith({ charges: [{ id: 'f', price: { model: 'flat', amount: '31.00', ...price } }] });
const tiers = [
  { upTo: 1000, unitPrice: '0.4', flat: '5' },
  { upTo: null, unitPrice: '0.00035' },
];
const per = (unitPrice: string) => ({ model: 'perUnit', unitPrice });
const at = (hour: string, quantity: number) => ({ hour: `2026-01-05T${hour}:00:00Z`, quantity });

test('explanations are made only when asked for', () => {
  expect(bill(flat({}), usageOf([])).lines[0]).not.toHaveProperty('explanation');
});

test.each([
  ['flat', flat({}), usageOf([]), ['flat 31.00 USD']],
  [
    'flat, rounded',
    flat({ amount: '0.125', due: 'inAdvance' }),
    usageOf([]),
    ['flat 0.125, rounded half-even to 0.12 USD, due in advance'],
  ],
  [
    'flat by days',
    flat({ proration: 'day' }),
    usageOf([], { active: { to: '2026-01-10T00:00:00Z' } }),
    ['flat 31.00 × 9 active of 31 days = 9.00 USD, rounded half-even'],
  ],
  [
    'flat by seconds',
    flat({ proration: 'second' }),
    usageOf([], { active: { to: '2026-01-01T00:00:00.500Z' } }),
    ['flat 31.00 × 0.5 active of 2678400 seconds = 0.00 USD, rounded half-even'],
  ],
  [
    'flat, away',
    flat({}),
    usageOf([], { active: { to: '2025-01-01T00:00:00Z' } }),
    ['flat 31.00, not active in the period: 0.00 USD'],
  ],
  [
    'per unit with included',
    cardOf(per('0.0035'), { included: 100 }),
    usageOf(101),
    ['100 of the 100 included: free', '1 × 0.0035 = 0.0035, rounded half-even to 0.00 USD'],
  ],
  [
    'graduated',
    cardOf({ model: 'graduated', tiers }),
    usageOf(1100),
    [
      'tier 1 (up to 1000): 1000 × 0.4 + 5 = 405.00 USD',
      'tier 2 (above 1000): 100 × 0.00035 = 0.035, rounded half-even to 0.04 USD',
    ],
  ],
  [
    'the first flat for nothing',
    cardOf({ model: 'graduated', tiers, zeroUsage: 'chargeFirstFlat' }),
    usageOf(0),
    ["no usage: the first tier's flat 5.00 USD"],
  ],
  [
    'volume',
    cardOf({ model: 'volume', tiers: [{ upTo: null, unitPrice: '2' }] }),
    usageOf(3),
    ['tier 1 (any quantity): 3 × 2 = 6.00 USD'],
  ],
  [
    'package',
    cardOf({ model: 'package', size: 100, amount: '5' }),
    usageOf(201),
    ['201 in packages of 100 = 3 begun; 3 × 5 = 15.00 USD'],
  ],
  [
    'package down',
    cardOf({ model: 'package', size: 100, amount: '5', rounding: 'down' }),
    usageOf(201),
    ['201 in packages of 100 = 2 full; 2 × 5 = 10.00 USD'],
  ],
  [
    'percentage',
    cardOf({ model: 'percentage', percent: '1.2', fixedFee: '0.10', min: '0.5', max: '9' }),
    usageOf([{ events: ['50', '1.00'] }]),
    [
      '1.2 % + 0.10 of each event, at least 0.5 and at most 9, each rounded half-even: 50 → 0.70, 1 → 0.50; together 1.20 USD',
    ],
  ],
  [
    'dynamic',
    cardOf({ model: 'dynamic', multiplier: '1.5' }),
    usageOf([{ events: ['10', '2.5'] }]),
    ['2 events: 12.5 × 1.5 = 18.75 USD'],
  ],
  [
    'matrix',
    cardOf({ model: 'matrix', groups: [{ group: 'a', price: per('1') }], otherwise: per('2') }),
    usageOf([{ group: 'a', quantity: 1 }, { quantity: 1 }]),
    ['group a: 1 × 1 = 1.00 USD', '1 × 2 = 2.00 USD'],
  ],
  [
    'time window',
    cardOf({
      model: 'timeWindow',
      timeZone: 'UTC',
      windows: [{ id: 'peak', from: '08:00', to: '18:00', price: per('2') }],
      otherwise: per('1'),
    }),
    usageOf([at('09', 3), at('20', 4)]),
    ['window peak: 3 × 2 = 6.00 USD', 'all other hours: 4 × 1 = 4.00 USD'],
  ],
  [
    'reserved',
    cardOf({ model: 'reserved', capacity: { quantity: 10, per: 'hour' }, amount: '0.25', overage: per('0.5') }),
    usageOf([at('09', 14)]),
    [
      'capacity of 10 per hour, used or not: 744 hours × 0.25 = 186.00 USD; it covered 10',
      'overage: 4 × 0.5 = 2.00 USD',
    ],
  ],
  ['free', cardWith({ freeMeters: ['pings'] }), usageOf([{ meter: 'pings', quantity: 5 }]), ['5 of a free meter']],
])('%s', (_model, card, usage, expected) => {
  expect(explained(card, usage)).toEqual(expected);
});

test('of many events the first twenty are listed', () => {
  const events = Array.from({ length: 25 }, () => '1');
  const [text] = explained(cardOf({ model: 'percentage', percent: '10' }), usageOf([{ events }]));
  expect(text?.match(/→/g)).toHaveLength(20);
  expect(text).toContain(' and 5 more events; together 2.50 USD');
});
