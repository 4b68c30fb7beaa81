import { bill, cardOf, usageOf } from './rating.ts';

/** 10 % of a deal, at least 1 and at most 50, within 30 days of our touch; 14 days to reverse. */
const PRICE = { model: 'outcome', percent: '10', min: '1', max: '50', attributionDays: 30, reversalDays: 14 };
const deal = (id: string, amount: string, day: number, touched: number | null = 1) => ({
  id,
  amount,
  at: `2026-01-${String(day).padStart(2, '0')}T12:00:00Z`,
  ...(touched !== null && { touchedAt: `2026-01-${String(touched).padStart(2, '0')}T12:00:00Z` }),
});
const reversal = (reverses: string, day: number, id = `r-${reverses}`) => ({
  id,
  reverses,
  at: `2026-01-${String(day).padStart(2, '0')}T12:00:00Z`,
});
const rated = (outcomes: object[], own: object = {}, price: object = PRICE) =>
  bill(cardOf(price), usageOf([{ outcomes }], own), { explain: true });
const inShort = (outcomes: object[], own: object = {}, price: object = PRICE) =>
  rated(outcomes, own, price).lines.map(({ kind, quantity, amount, reason }) =>
    [kind, quantity, amount, ...(reason ? [reason] : [])].join(' '),
  );

test.each([
  { outcomes: [deal('a', '200', 2)], lines: ['usage 200 20.00'], why: 'a commission on what it is worth' },
  {
    outcomes: [deal('a', '5', 2), deal('b', '9000', 3)],
    lines: ['usage 9005 51.00'],
    why: 'not under min nor over max',
  },
  { outcomes: [deal('a', '200', 31)], lines: ['usage 200 20.00'], why: 'the last instant of the window is in it' },
  {
    outcomes: [{ ...deal('a', '200', 31), at: '2026-01-31T12:00:00.001Z' }],
    lines: ['unattributed 200 0.00'],
    why: 'a millisecond later is not',
  },
  { outcomes: [deal('a', '200', 2, null)], lines: ['unattributed 200 0.00'], why: 'no touch, no commission' },
  { outcomes: [deal('a', '200', 2, 3)], lines: ['unattributed 200 0.00'], why: 'a touch after it was not ours' },
  {
    outcomes: [deal('a', '300', 5), deal('a', '200', 2)],
    lines: ['usage 200 20.00', 'unattributed 300 0.00'],
    why: 'reported twice it counts once, the first in time',
  },
  {
    outcomes: [deal('a', '300', 2, null), deal('a', '200', 3)],
    lines: ['usage 200 20.00', 'unattributed 300 0.00'],
    why: 'a report that did not count takes nothing from a later one that does',
  },
  {
    outcomes: [reversal('a', 16), deal('a', '200', 2)],
    lines: ['usage 200 20.00', 'reversal  -20.00 reversal of a'],
    why: 'a reversal gives back what was charged, in whatever order it is reported',
  },
  {
    outcomes: [deal('a', '200', 2), reversal('a', 17)],
    lines: ['usage 200 20.00', 'unattributed 0 0.00'],
    why: 'too late to reverse',
  },
  {
    outcomes: [deal('a', '200', 2), reversal('a', 4), reversal('a', 5, 'again')],
    lines: ['usage 200 20.00', 'reversal  -20.00 reversal of a', 'unattributed 0 0.00'],
    why: 'what was given back is not given back again',
  },
  { outcomes: [reversal('x', 5)], lines: ['unattributed 0 0.00'], why: 'a reversal of nothing' },
  { outcomes: [], lines: [], why: 'nothing reported' },
])('$why: $lines', ({ outcomes, lines }) => {
  expect(inShort(outcomes)).toEqual(lines);
});

describe('across periods', () => {
  const earlierOutcomes = [
    { id: 'a', at: '2025-12-28T12:00:00Z', charged: '12.34' },
    { id: 'b', at: '2025-12-28T12:00:00Z', charged: '5.00', reversed: true },
  ];

  test('what an earlier invoice charged for does not count again', () => {
    expect(inShort([deal('a', '200', 2)], { earlierOutcomes })).toEqual(['unattributed 200 0.00']);
  });

  test('a reversal gives back what that invoice charged, though this price would charge otherwise', () => {
    const result = rated([reversal('a', 5), reversal('b', 5), deal('c', '100', 5)], { earlierOutcomes });
    expect(result.lines.map(({ kind, amount }) => `${kind} ${amount}`)).toEqual([
      'usage 10.00',
      'reversal -12.34',
      'unattributed 0.00',
    ]);
    expect(result).toMatchObject({ subtotal: '-2.34', total: '-2.34', amountDue: '-2.34' });
  });

  test('of a bill below zero a percentage goes off what is given back, an amount and credits take nothing', () => {
    const own = {
      discounts: [
        { id: 'd', percent: '50' },
        { id: 'e', amount: '1.00' },
      ],
    };
    const credits = [{ id: 'c', kind: 'paid', balance: '5.00' }];
    const usage = usageOf([{ outcomes: [reversal('a', 5)] }], { earlierOutcomes, credits });
    expect(bill(cardOf(PRICE, {}, own), usage)).toMatchObject({
      discounts: [
        { id: 'd', amount: '6.17' },
        { id: 'e', amount: '0.00' },
      ],
      amountDue: '-6.17',
      credits: [{ id: 'c', used: '0.00', remaining: '5.00' }],
    });
  });
});

test('an outcome counts once, though two charges report it', () => {
  const card = cardOf(PRICE, {}, {});
  const charges = [
    { id: 'c', meter: 'calls', price: PRICE },
    { id: 'd', meter: 'leads', price: { ...PRICE, percent: '20' } },
  ];
  const usage = usageOf([{ meter: 'leads', outcomes: [deal('a', '100', 2)] }, { outcomes: [deal('a', '100', 3)] }]);
  const result = bill({ ...card, charges }, usage);
  expect(result.lines.map(({ charge, kind, amount }) => `${charge} ${kind} ${amount}`)).toEqual([
    'c usage 10.00',
    'd unattributed 0.00',
  ]);
});

test('without windows everything counts, and nothing is given back', () => {
  const price = { model: 'outcome', fixedFee: '2.50' };
  expect(inShort([deal('a', '9', 2, null), reversal('a', 3)], {}, price)).toEqual([
    'usage 9 2.50',
    'unattributed 0 0.00',
  ]);
});

test('each line says which outcomes it is made of, and why others are not', () => {
  const result = rated([deal('a', '200', 2), deal('b', '4', 2), deal('a', '200', 3), reversal('b', 4)]);
  expect(result.lines.map(({ explanation }) => explanation)).toEqual([
    '10 % of each outcome, at least 1, at most 50, each rounded half-even: a 200 → 20.00, b 4 → 1.00; together 21.00 USD',
    'given back: b 1.00; together -1.00 USD',
    'not counted: a was counted before',
  ]);
});

test.each([
  ['no id', { amount: '1', at: '2026-01-05T00:00:00Z' }, 'missing-key', '/usage/0/outcomes/0'],
  ['no time', { id: 'a', amount: '1' }, 'missing-key', '/usage/0/outcomes/0'],
  ['a negative amount', { ...deal('a', '1', 2), amount: '-1' }, 'negative', '/usage/0/outcomes/0/amount'],
  ['a reversal with an amount', { ...reversal('a', 2), amount: '1' }, 'unknown-key', '/usage/0/outcomes/0/amount'],
  [
    'a touch that is no time',
    { ...deal('a', '1', 2), touchedAt: 'soon' },
    'not-a-timestamp',
    '/usage/0/outcomes/0/touchedAt',
  ],
])('%s is refused', (_why, outcome, code, path) => {
  expect(() => rated([outcome])).toThrow(expect.objectContaining({ code, path }));
});

test.each([
  ['a quantity', cardOf(PRICE), [{ quantity: 1 }], 'wrong-kind-of-usage', '/usage/0/quantity'],
  [
    'outcomes for a quantity',
    cardOf({ model: 'perUnit', unitPrice: '1' }),
    [{ outcomes: [] }],
    'wrong-kind-of-usage',
    '/usage/0/outcomes',
  ],
  ['two kinds at once', cardOf(PRICE), [{ outcomes: [], quantity: 1 }], 'quantity-or-events', '/usage/0'],
  [
    'outcomes and a quantity of a free meter',
    { ...cardOf(PRICE), freeMeters: ['pings'] },
    [
      { meter: 'pings', quantity: 1 },
      { meter: 'pings', outcomes: [] },
    ],
    'wrong-kind-of-usage',
    '/usage/1/outcomes',
  ],
])('%s is refused', (_why, card, usage, code, path) => {
  expect(() => bill(card, usageOf(usage))).toThrow(expect.objectContaining({ code, path }));
});

test('of a free meter nothing counts, and nothing is given back: the line says so', () => {
  const card = { ...cardOf(PRICE), freeMeters: ['pings'] };
  const usage = usageOf([{ meter: 'pings', outcomes: [deal('a', '200', 2), reversal('x', 4)] }]);
  expect(bill(card, usage, { explain: true }).lines).toMatchObject([
    {
      ...{ kind: 'free', meter: 'pings', quantity: '200', amount: '0.00' },
      explanation: 'not counted: a is of a free meter, r-x is of a free meter',
    },
  ]);
  expect(bill(card, usageOf([{ meter: 'pings', outcomes: [] }])).lines).toEqual([]);
});

test('what was charged in another currency is not given back in this one', () => {
  const earlier = { id: 'a', at: '2025-12-28T12:00:00Z', charged: '1.234', currency: 'KWD' };
  const result = rated([reversal('a', 5), deal('a', '10', 6)], { earlierOutcomes: [earlier] });
  expect(result.lines.map(({ explanation }) => explanation)).toEqual([
    'not counted: a was counted before, r-a reverses a, which was charged in KWD',
  ]);
});

test('earlier outcomes are read strictly', () => {
  const own = (earlier: object) => ({
    earlierOutcomes: [{ id: 'a', at: '2025-12-28T12:00:00Z', charged: '1', ...earlier }],
  });
  expect(() => rated([], own({ charged: '1.001' }))).toThrow(
    expect.objectContaining({ code: 'too-many-decimals', path: '/earlierOutcomes/0/charged' }),
  );
  expect(() => rated([], own({ reversed: 'no' }))).toThrow(
    expect.objectContaining({ path: '/earlierOutcomes/0/reversed' }),
  );
  expect(() => rated([], own({ amount: '1' }))).toThrow(expect.objectContaining({ code: 'unknown-key' }));
});
