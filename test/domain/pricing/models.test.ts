import { bill, cardOf, cardWith, linesInShort, usageOf } from './rating.ts';

const lines = (card: object, usage: object) => linesInShort(bill(card, usage));

describe('flat', () => {
  const flat = (price: object) =>
    cardWith({ charges: [{ id: 'f', price: { model: 'flat', amount: '31.00', ...price } }] });
  const from = (time: string) => usageOf([], { active: { from: time } });
  test.each([
    { price: {}, usage: usageOf([]), amount: '31.00', why: 'it is due whatever is used' },
    { price: {}, usage: from('2026-01-31T23:59:59Z'), amount: '31.00', why: 'none: all if active at all' },
    { price: {}, usage: from('2026-02-01T00:00:00Z'), amount: '0.00', why: 'none: nothing when active at no time' },
    {
      price: { proration: 'day' },
      usage: from('2026-01-31T23:59:59Z'),
      amount: '1.00',
      why: 'day: a touched day counts',
    },
    { price: { proration: 'day' }, usage: from('2026-01-02T12:00:00Z'), amount: '30.00', why: 'day: 30 of 31' },
    {
      price: { proration: 'second' },
      usage: from('2026-01-02T12:00:00Z'),
      amount: '29.50',
      why: 'second: 29.5 of 31 days',
    },
    {
      price: { proration: 'second' },
      usage: from('2025-12-02T12:00:00Z'),
      amount: '31.00',
      why: 'active is cut to the period',
    },
    { price: { amount: '0.125' }, usage: usageOf([]), amount: '0.12', why: 'the line is rounded half-even' },
    { price: { due: 'inAdvance' }, usage: usageOf([]), amount: '31.00', why: 'due has no effect on the amount' },
  ])('$why: $amount', ({ price, usage, amount }) => {
    expect(bill(flat(price), usage).lines.map((line) => line.amount)).toEqual([amount]);
  });

  test('day: a period that ends in the middle of a day touches that day, and one that ends at midnight does not', () => {
    const period = { start: '2026-01-01T12:00:00Z', end: '2026-01-03T12:00:00Z' };
    const usage = { period, usage: [], active: { to: '2026-01-02T00:00:00Z' } };
    expect(bill(flat({ amount: '3.00', proration: 'day' }), usage).total).toBe('1.00');
  });

  test('several charges stand in the order of the card', () => {
    const one = (id: string, amount: string) => ({ id, price: { model: 'flat', amount } });
    expect(lines(cardWith({ charges: [one('b', '2'), one('a', '1')] }), usageOf([]))).toEqual([
      'flat at 2 = 2.00',
      'flat at 1 = 1.00',
    ]);
  });
});

describe('perUnit', () => {
  const price = { model: 'perUnit', unitPrice: '0.0035' };
  test.each<[string | number, string[], string]>([
    [0, [], 'no usage makes no line'],
    ['0.0', [], 'nor does 0.0'],
    [1000, ['usage 1000 × 0.0035 = 3.50'], 'every unit has one price'],
    ['0.5', ['usage 0.5 × 0.0035 = 0.00'], 'a line of little is rounded, and stays'],
    ['1.50', ['usage 1.5 × 0.0035 = 0.01'], '0.00525 is rounded up'],
    [
      '99999999999999999999',
      ['usage 99999999999999999999 × 0.0035 = 350000000000000000.00'],
      'no quantity is too large',
    ],
    [2 ** 53, ['usage 9007199254740992 × 0.0035 = 31525197391593.47'], 'a JSON integer goes up to 2^53'],
  ])('%s: %j: %s', (quantity, expected) => {
    expect(lines(cardOf(price), usageOf(quantity))).toEqual(expected);
  });

  test('two tie cases round to the even cent', () => {
    expect(lines(cardOf({ model: 'perUnit', unitPrice: '0.005' }), usageOf(1))).toEqual(['usage 1 × 0.005 = 0.00']);
    expect(lines(cardOf({ model: 'perUnit', unitPrice: '0.005' }), usageOf(3))).toEqual(['usage 3 × 0.005 = 0.02']);
  });

  test('usage of several entries and groups is one line', () => {
    const used = [{ quantity: '100' }, { group: 'a', quantity: 200 }, { group: null, quantity: '0.5' }];
    expect(lines(cardOf(price), usageOf(used))).toEqual(['usage 300.5 × 0.0035 = 1.05']);
  });
});

describe('included', () => {
  const price = { model: 'perUnit', unitPrice: '0.01' };
  test.each<[string | number, string | number, string[], string]>([
    [50, '100', ['included 50 × 0 = 0.00'], 'what is left of it is not shown'],
    [100, '100', ['included 100 × 0 = 0.00'], 'the last included unit is free'],
    [150, 100, ['included 100 × 0 = 0.00', 'usage 50 × 0.01 = 0.50'], 'the rest is priced'],
    [150, 0, ['usage 150 × 0.01 = 1.50'], 'an allowance of 0 makes no line'],
    ['1.75', '1.5', ['included 1.5 × 0 = 0.00', 'usage 0.25 × 0.01 = 0.00'], 'it may be a fraction'],
    [0, 100, [], 'no usage, no line'],
  ])('of %s used, %s are included: %j (%s)', (quantity, included, expected) => {
    expect(lines(cardOf(price, { included }), usageOf(quantity))).toEqual(expected);
  });

  test('tiers begin after it', () => {
    const tiered = {
      model: 'graduated',
      tiers: [
        { upTo: 10, unitPrice: '1' },
        { upTo: null, unitPrice: '0.5' },
      ],
    };
    expect(lines(cardOf(tiered, { included: 100 }), usageOf(112))).toEqual([
      'included 100 × 0 = 0.00',
      'usage tier 1 10 × 1 = 10.00',
      'usage tier 2 2 × 0.5 = 1.00',
    ]);
  });
});

const TIERS = [
  { upTo: 5, unitPrice: '7', flat: '1' },
  { upTo: '10', unitPrice: '6.50' },
  { upTo: null, unitPrice: '6', flat: '2.5' },
];

describe('graduated', () => {
  test.each<[string | number, string[], string]>([
    [0, [], 'nothing used, nothing due'],
    [5, ['usage tier 1 5 × 7 + 1 = 36.00'], 'upTo is inclusive'],
    [
      '5.5',
      ['usage tier 1 5 × 7 + 1 = 36.00', 'usage tier 2 0.5 × 6.50 = 3.25'],
      'each unit pays the price of its tier',
    ],
    [
      11,
      ['usage tier 1 5 × 7 + 1 = 36.00', 'usage tier 2 5 × 6.50 = 32.50', 'usage tier 3 1 × 6 + 2.5 = 8.50'],
      'each tier reached adds its flat',
    ],
  ])('%s: %j: %s', (quantity, expected) => {
    expect(lines(cardOf({ model: 'graduated', tiers: TIERS }), usageOf(quantity))).toEqual(expected);
  });

  test('chargeFirstFlat: no usage is charged the first flat, all of it included too', () => {
    const card = cardOf({ model: 'graduated', tiers: TIERS, zeroUsage: 'chargeFirstFlat' }, { included: 3 });
    expect(lines(card, usageOf([]))).toEqual(['usage tier 1 0 × 7 + 1 = 1.00']);
    expect(lines(card, usageOf(3))).toEqual(['included 3 × 0 = 0.00', 'usage tier 1 0 × 7 + 1 = 1.00']);
    expect(lines(card, usageOf(4))).toEqual(['included 3 × 0 = 0.00', 'usage tier 1 1 × 7 + 1 = 8.00']);
  });

  test('one open tier is a price per unit', () => {
    const card = cardOf({ model: 'graduated', tiers: [{ upTo: null, unitPrice: '2' }] });
    expect(lines(card, usageOf(4))).toEqual(['usage tier 1 4 × 2 = 8.00']);
  });
});

describe('volume', () => {
  test.each([
    [0, [], 'nothing used, nothing due'],
    [5, ['usage tier 1 5 × 7 + 1 = 36.00'], 'upTo is inclusive'],
    [6, ['usage tier 2 6 × 6.50 = 39.00'], 'all units pay the price of the tier reached, and its flat alone'],
    [11, ['usage tier 3 11 × 6 + 2.5 = 68.50'], 'the last tier is open'],
  ])('%s: %j: %s', (quantity, expected) => {
    expect(lines(cardOf({ model: 'volume', tiers: TIERS }), usageOf(quantity))).toEqual(expected);
  });

  test('chargeFirstFlat', () => {
    const card = cardOf({ model: 'volume', tiers: TIERS, zeroUsage: 'chargeFirstFlat' });
    expect(lines(card, usageOf(0))).toEqual(['usage tier 1 0 × 7 + 1 = 1.00']);
  });
});

describe('package', () => {
  const price = { model: 'package', size: 100, amount: '5' };
  test.each([
    [0, 'up', []],
    [1, 'up', ['usage 1 packages of 1 = 5.00']],
    [100, 'up', ['usage 1 packages of 100 = 5.00']],
    ['100.001', 'up', ['usage 2 packages of 100.001 = 10.00']],
    [99, 'down', ['usage 0 packages of 99 = 0.00']],
    [250, 'down', ['usage 2 packages of 250 = 10.00']],
  ])('%s rounded %s: %j', (quantity, rounding, expected) => {
    expect(lines(cardOf({ ...price, rounding }), usageOf(quantity))).toEqual(expected);
  });

  test('a begun package counts unless the card says otherwise', () => {
    expect(bill(cardOf(price), usageOf(101)).total).toBe('10.00');
  });

  test('a size may be a fraction', () => {
    expect(lines(cardOf({ ...price, size: '0.1' }), usageOf('0.25'))).toEqual(['usage 3 packages of 0.25 = 15.00']);
  });
});

describe('percentage', () => {
  const amountOf = (price: object, events: string[]) =>
    bill(cardOf({ model: 'percentage', ...price }), usageOf([{ events }])).lines;
  test.each<[object, string[], string, string, string]>([
    [{ percent: '1.2', fixedFee: '0.10' }, ['50'], '50', '0.70', 'percent and fee'],
    [{ percent: '1' }, ['0.50', '0.50'], '1', '0.00', 'each event is rounded: 0.005 to 0.00, twice'],
    [{ percent: '3' }, ['0.50', '0.50'], '1', '0.04', 'each event is rounded: 0.015 to 0.02, twice'],
    [{ percent: '1', min: '0.25' }, ['1', '100'], '101', '1.25', 'no event costs less than min'],
    [{ percent: '1', max: '0.25' }, ['1', '100'], '101', '0.26', 'nor more than max'],
    [{ percent: '0', min: '0.005' }, ['1', '1'], '2', '0.00', 'a clamped event is rounded too'],
    [{ percent: '10', fixedFee: '0.05' }, ['0'], '0', '0.05', 'an event of amount 0 is an event'],
  ])('%j of %j is %s → %s: %s', (price, events, quantity, amount) => {
    expect(amountOf(price, events)).toEqual([
      { kind: 'usage', charge: 'c', meter: 'calls', group: null, quantity, unitPrice: null, flat: '0', amount },
    ]);
  });

  test('no events, no line', () => {
    expect(amountOf({ percent: '1', fixedFee: '1' }, [])).toEqual([]);
  });
});

describe('graduatedPercentage', () => {
  const price = {
    model: 'graduatedPercentage',
    tiers: [
      { upTo: 1000, percent: '1', flat: '200' },
      { upTo: null, percent: '2.5', flat: '300' },
    ],
  };
  test.each([
    [
      ['600', '450'],
      ['usage tier 1 1000 × 0.01 + 200 = 210.00', 'usage tier 2 50 × 0.025 + 300 = 301.25'],
      'on the sum of the events',
    ],
    [['1000.00'], ['usage tier 1 1000 × 0.01 + 200 = 210.00'], 'upTo is inclusive'],
    [[], [], 'no events, no line'],
    [['0.00'], [], 'nor where they sum to 0'],
  ])('%j: %j: %s', (events, expected) => {
    expect(lines(cardOf(price), usageOf([{ events }]))).toEqual(expected);
  });

  test('chargeFirstFlat', () => {
    expect(lines(cardOf({ ...price, zeroUsage: 'chargeFirstFlat' }), usageOf([]))).toEqual([
      'usage tier 1 0 × 0.01 + 200 = 200.00',
    ]);
  });
});

describe('dynamic', () => {
  test.each<[object, string[], string]>([
    [{}, ['usage 12.345 × 1 = 12.34'], 'the events carry the amount; the sum is rounded once'],
    [{ multiplier: '1.5' }, ['usage 12.345 × 1.5 = 18.52'], 'cost times multiplier'],
  ])('%j: %j: %s', (price, expected) => {
    expect(lines(cardOf({ model: 'dynamic', ...price }), usageOf([{ events: ['10.005', '2.34'] }]))).toEqual(expected);
  });
});

describe('matrix', () => {
  const one = (unitPrice: string) => ({ model: 'perUnit', unitPrice });
  const groups = [
    { group: 'write', price: one('2') },
    { group: 'read', price: { model: 'graduated', tiers: TIERS } },
  ];
  const used = [
    { group: 'read', quantity: 6 },
    { group: 'write', quantity: 1 },
    { group: 'admin', quantity: 3 },
    { quantity: 4 },
  ];

  test('each group by its own price in the order of the card, the rest pooled under otherwise', () => {
    expect(lines(cardOf({ model: 'matrix', groups, otherwise: one('0.5') }), usageOf(used))).toEqual([
      'usage group write 1 × 2 = 2.00',
      'usage group read tier 1 5 × 7 + 1 = 36.00',
      'usage group read tier 2 1 × 6.50 = 6.50',
      'usage 7 × 0.5 = 3.50',
    ]);
  });

  test('no usage of a group makes no line, whatever zeroUsage says', () => {
    const price = { model: 'graduated', tiers: TIERS, zeroUsage: 'chargeFirstFlat' };
    expect(
      lines(cardOf({ model: 'matrix', groups: [{ group: 'read', price }], otherwise: price }), usageOf([])),
    ).toEqual([]);
  });

  test.each([
    [[{ group: 'admin', quantity: 0 }], '/usage/0/group', 'a group that nothing takes, even of quantity 0'],
    [[{ group: 'read', quantity: 1 }, { quantity: 1 }], '/usage/1', 'usage without a group'],
  ])('without otherwise %j is an error at %s: %s', (odd, path) => {
    expect(() => bill(cardOf({ model: 'matrix', groups }), usageOf(odd))).toThrow(
      expect.objectContaining({ code: 'no-price', path }),
    );
  });
});

describe('reserved', () => {
  const overage = { model: 'perUnit', unitPrice: '0.5' };
  const perHour = { model: 'reserved', capacity: { quantity: 10, per: 'hour' }, amount: '0.25', overage };
  const at = (hour: number, quantity: number) => ({ hour: `2026-01-05T0${hour}:00:00Z`, quantity });

  test('per hour: paid for all 744 hours, and overage is what exceeds it in each hour', () => {
    expect(lines(cardOf(perHour), usageOf([at(1, 14), at(2, 3), at(1, 2), at(3, 10)]))).toEqual([
      'reserved 23 at 0.25 = 186.00',
      'overage 6 × 0.5 = 3.00',
    ]);
  });

  test('capacity is per hour unless the card says otherwise', () => {
    const { per: _per, ...capacity } = perHour.capacity;
    expect(bill(cardOf({ ...perHour, capacity }), usageOf([at(1, 14)])).total).toBe('188.00');
  });

  test('per period: paid once, overage on the sum, and no hour is needed', () => {
    const card = cardOf({ ...perHour, capacity: { quantity: '10.5', per: 'period' } });
    expect(lines(card, usageOf(14))).toEqual(['reserved 10.5 at 0.25 = 0.25', 'overage 3.5 × 0.5 = 1.75']);
    expect(lines(card, usageOf([]))).toEqual(['reserved 0 at 0.25 = 0.25']);
  });

  test('is due for the whole period, however short the customer was active', () => {
    const usage = usageOf([], { active: { from: '2026-01-31T00:00:00Z' } });
    expect(lines(cardOf(perHour), usage)).toEqual(['reserved 0 at 0.25 = 186.00']);
  });

  test('overage counts its own tiers on the sum, and no overage makes no line', () => {
    const tiered = { ...perHour, overage: { model: 'graduated', tiers: TIERS, zeroUsage: 'chargeFirstFlat' } };
    expect(lines(cardOf(tiered), usageOf([at(1, 14), at(2, 12)]))).toEqual([
      'reserved 20 at 0.25 = 186.00',
      'overage tier 1 5 × 7 + 1 = 36.00',
      'overage tier 2 1 × 6.50 = 6.50',
    ]);
    expect(lines(cardOf(tiered), usageOf([at(1, 10)]))).toEqual(['reserved 10 at 0.25 = 186.00']);
  });

  test('per hour without an hour is an error', () => {
    expect(() => bill(cardOf(perHour), usageOf(1))).toThrow(
      expect.objectContaining({ code: 'hour-missing', path: '/usage/0' }),
    );
  });
});

describe('which charge takes a unit', () => {
  const per = (unitPrice: string) => ({ model: 'perUnit', unitPrice });
  const card = cardWith({
    charges: [
      { id: 'all', meter: 'calls', price: per('1') },
      { id: 'pay', meter: 'calls', group: 'pay', price: per('10') },
      { id: 'only', meter: 'jobs', group: 'big', price: per('5') },
    ],
    freeMeters: ['pings', 'jobs', 'beats'],
  });

  test('the one that names its group, else the one without, else a free meter', () => {
    const used = [
      { group: 'pay', quantity: 1 },
      { group: 'other', quantity: 2 },
      { meter: 'jobs', group: 'big', quantity: 3 },
      { meter: 'jobs', quantity: 4 },
      { meter: 'beats', group: 'x', quantity: '5.5' },
      { meter: 'beats', quantity: 1 },
    ];
    const result = bill(card, usageOf(used));
    expect(
      result.lines.map(({ kind, charge, meter, group, quantity }) => [kind, charge, meter, group, quantity]),
    ).toEqual([
      ['usage', 'all', 'calls', null, '2'],
      ['usage', 'pay', 'calls', 'pay', '1'],
      ['usage', 'only', 'jobs', 'big', '3'],
      ['free', null, 'beats', null, '6.5'],
      ['free', null, 'jobs', null, '4'],
    ]);
    expect(result.total).toBe('27.00');
  });

  test('a free meter may carry events, and makes no line for none or for 0', () => {
    expect(lines(card, usageOf([{ meter: 'pings', events: ['1.50', '2'] }]))).toEqual(['free 3.5 × 0 = 0.00']);
    expect(
      lines(
        card,
        usageOf([
          { meter: 'pings', events: [] },
          { meter: 'beats', quantity: 0 },
        ]),
      ),
    ).toEqual([]);
  });

  test.each([
    [{ meter: 'gone', quantity: 0 }, 'unpriced-meter', '/usage/0/meter'],
    [{ meter: 'calls', events: ['1'] }, 'wrong-kind-of-usage', '/usage/0/events'],
  ])('%j is an error: %s at %s', (entry, code, path) => {
    expect(() => bill(card, usageOf([entry]))).toThrow(expect.objectContaining({ code, path }));
  });

  test('a group that no charge takes is an error at the group', () => {
    const narrow = cardWith({ charges: [{ id: 'pay', meter: 'calls', group: 'pay', price: per('10') }] });
    expect(() => bill(narrow, usageOf([{ group: 'other', quantity: 1 }]))).toThrow(
      expect.objectContaining({ path: '/usage/0/group' }),
    );
  });

  test('a quantity does not fit an event model, nor quantities and events one free meter', () => {
    expect(() => bill(cardOf({ model: 'dynamic' }), usageOf(0))).toThrow(
      expect.objectContaining({ path: '/usage/0/quantity' }),
    );
    const mixed = [
      { meter: 'pings', quantity: 1 },
      { meter: 'pings', events: ['1'] },
    ];
    expect(() => bill(card, usageOf(mixed))).toThrow(expect.objectContaining({ path: '/usage/1/events' }));
  });
});

test.each([
  ['USD', '0.125', '0.12'],
  ['JPY', '2.5', '2'],
  ['JPY', '3.5', '4'],
  ['KWD', '0.0125', '0.012'],
  ['CLF', '0.00015', '0.0002'],
])('in %s a line of %s comes to %s', (currency, unitPrice, total) => {
  expect(bill(cardOf({ model: 'perUnit', unitPrice }, {}, { currency }), usageOf(1)).total).toBe(total);
});
