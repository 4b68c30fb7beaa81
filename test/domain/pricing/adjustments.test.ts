import { takeAdjustments } from '../../../lib/domain/pricing/adjustments.ts';
import { bill, cardWith, usageOf } from './rating.ts';

const flat = (id: string, amount: string) => ({ id, price: { model: 'flat', amount } });
const CHARGES = [flat('a', '60.00'), flat('b', '40.00')];
/** Two charges of 60 and 40. */
const hundred = (own: object) => cardWith({ charges: CHARGES, ...own });
const sums = (own: object, usage: object = {}) => {
  const { discounts, trueUp, capped, total } = bill(hundred(own), usageOf([], usage));
  return { discounts: discounts.map(({ id, amount }) => `${id} ${amount}`), trueUp, capped, total };
};

test('the order of adjustments is one list', () => {
  const calls = [...String(takeAdjustments).matchAll(/(\w+)\)?\(bill\);/g)].map(([, name]) => name);
  expect(calls).toEqual([
    'minimumBeforeDiscounts',
    'discountsOnCharges',
    'discountsOnInvoice',
    'experimentAndProtection',
    'minimumAfterDiscounts',
    'maximum',
    'spendCap',
    'credits',
  ]);
});

describe('discounts', () => {
  test.each([
    {
      discounts: [{ id: 'p', percent: '10' }],
      taken: ['p -10.00'],
      total: '90.00',
      why: 'a percentage of the invoice',
    },
    { discounts: [{ id: 'a', amount: '10' }], taken: ['a -10.00'], total: '90.00', why: 'an amount' },
    {
      discounts: [
        { id: 'p', percent: '10' },
        { id: 'q', percent: '10' },
      ],
      taken: ['p -10.00', 'q -9.00'],
      total: '81.00',
      why: 'each on what is left',
    },
    {
      discounts: [
        { id: 'p', percent: '10' },
        { id: 'q', percent: '50', appliesTo: 'b' },
      ],
      taken: ['q -20.00', 'p -8.00'],
      total: '72.00',
      why: 'those that name a charge come first',
    },
    {
      discounts: [
        { id: 'a', amount: '39.50', appliesTo: 'b' },
        { id: 'p', percent: '10', appliesTo: 'b' },
      ],
      taken: ['a -39.50', 'p -0.05'],
      total: '60.45',
      why: 'on what is left of that charge',
    },
    {
      discounts: [
        { id: 'a', amount: '50', appliesTo: 'b' },
        { id: 'z', amount: '1', appliesTo: 'b' },
      ],
      taken: ['a -40.00', 'z 0.00'],
      total: '60.00',
      why: 'no more than is left of the charge',
    },
    {
      discounts: [
        { id: 'p', percent: '150' },
        { id: 'a', amount: '1' },
      ],
      taken: ['p -100.00', 'a 0.00'],
      total: '0.00',
      why: 'no more than is left of the invoice',
    },
    {
      discounts: [{ id: 'p', percent: '33.3335' }],
      taken: ['p -33.33'],
      total: '66.67',
      why: 'a percentage is rounded half-even',
    },
    {
      discounts: [
        { id: 'p', percent: '0.125' },
        { id: 'q', percent: '0' },
      ],
      taken: ['p -0.12', 'q 0.00'],
      total: '99.88',
      why: 'a tie goes to the even cent',
    },
  ])('$why: $taken, total $total', ({ discounts, taken, total }) => {
    expect(sums({ discounts })).toEqual({ discounts: taken, trueUp: '0.00', capped: '0.00', total });
  });
});

describe('minimum and maximum', () => {
  const discounts = [{ id: 'p', percent: '10' }];
  const half = { active: { from: '2026-01-16T12:00:00Z' } };
  test.each([
    {
      own: { minimum: { amount: '150' } },
      trueUp: '50.00',
      total: '150.00',
      why: 'the minimum is reached by a true-up',
    },
    {
      own: { minimum: { amount: '100' } },
      trueUp: '0.00',
      total: '100.00',
      why: 'which is 0 when the bill is as much',
    },
    {
      own: { discounts, minimum: { amount: '95' } },
      trueUp: '5.00',
      total: '95.00',
      why: 'after discounts by default',
    },
    {
      own: { discounts, minimum: { amount: '120', order: 'beforeDiscounts' } },
      trueUp: '20.00',
      total: '108.00',
      why: 'before discounts they take from it',
    },
    { own: { maximum: { amount: '80' } }, trueUp: '0.00', capped: '20.00', total: '80.00', why: 'the maximum caps' },
    {
      own: { minimum: { amount: '90' }, maximum: { amount: '80' } },
      trueUp: '0.00',
      capped: '20.00',
      total: '80.00',
      why: 'the maximum comes after the minimum',
    },
    {
      own: { minimum: { amount: '300' } },
      usage: half,
      trueUp: '200.00',
      total: '300.00',
      why: 'a minimum is not prorated by default',
    },
    {
      own: { minimum: { amount: '300', proration: 'second' } },
      usage: half,
      trueUp: '50.00',
      total: '150.00',
      why: 'second: half the month, half the minimum',
    },
    {
      own: { minimum: { amount: '300', proration: 'day' } },
      usage: half,
      trueUp: '54.84',
      total: '154.84',
      why: 'day: 16 of 31 days, rounded',
    },
  ])('$why', ({ own, usage, trueUp, capped = '0.00', total }) => {
    expect(sums(own, usage)).toMatchObject({ trueUp, capped, total });
  });

  test('a customer who was active at no time owes no minimum', () => {
    const away = { active: { to: '2025-12-31T00:00:00Z' } };
    expect(sums({ minimum: { amount: '300' } }, away)).toMatchObject({ trueUp: '0.00', total: '0.00' });
  });
});

describe('experiments and protection', () => {
  const adjustments = [
    { id: 'arm-b', kind: 'experiment', amount: '-5.00' },
    { id: 'legacy-lock', kind: 'protection', amount: '-25' },
  ] as const;

  test('are shown after the discounts and before the minimum', () => {
    const card = hundred({ discounts: [{ id: 'p', percent: '10' }], minimum: { amount: '70' } });
    expect(bill(card, usageOf([]), { adjustments })).toMatchObject({
      subtotal: '100.00',
      discounts: [{ id: 'p', amount: '-10.00' }],
      adjustments: [
        { id: 'arm-b', kind: 'experiment', amount: '-5.00' },
        { id: 'legacy-lock', kind: 'protection', amount: '-25.00' },
      ],
      trueUp: '10.00',
      total: '70.00',
    });
  });

  test('are no key of an answer without any', () => {
    expect(bill(hundred({}), usageOf([]))).not.toHaveProperty('adjustments');
  });

  test('never take more than is left', () => {
    const adjustments = [{ id: 'x', kind: 'protection', amount: '-100.01' }] as const;
    expect(() => bill(hundred({}), usageOf([]), { adjustments })).toThrow('takes no more than is left');
  });

  test('have no more decimals than the currency', () => {
    const adjustments = [{ id: 'x', kind: 'protection', amount: '-0.001' }] as const;
    expect(() => bill(hundred({}), usageOf([]), { adjustments })).toThrow('more decimals than USD');
  });
});

describe('credits', () => {
  const credit = (id: string, kind: string, balance: string, expiresAt: string | null = null) => ({
    id,
    kind,
    balance,
    expiresAt,
  });
  const burned = (credits: object[], own: object = {}) => {
    const result = bill(hundred(own), usageOf([], { credits }));
    return [result.credits.map(({ id, used, remaining }) => `${id} ${used} ${remaining}`), result.amountDue];
  };
  const mixed = [
    credit('d', 'paid', '10.00'),
    credit('c', 'promo', '10.00'),
    credit('b', 'paid', '10.00', '2026-06-01T00:00:00Z'),
    credit('a', 'promo', '10.00', '2026-07-01T00:00:00Z'),
  ];

  test.each([
    {
      credits: mixed,
      own: {},
      expected: [['b 10.00 0.00', 'a 10.00 0.00', 'c 10.00 0.00', 'd 10.00 0.00'], '60.00'],
      why: 'expiryFirst: soonest, then never; promo before paid',
    },
    {
      credits: mixed,
      own: { creditOrder: 'promoFirst' },
      expected: [['a 10.00 0.00', 'c 10.00 0.00', 'b 10.00 0.00', 'd 10.00 0.00'], '60.00'],
      why: 'promoFirst: promo, then soonest',
    },
    {
      credits: [credit('y', 'paid', '1'), credit('x', 'paid', '1')],
      own: {},
      expected: [['x 1.00 0.00', 'y 1.00 0.00'], '98.00'],
      why: 'then by id',
    },
    {
      credits: [credit('y', 'paid', '80'), credit('x', 'paid', '80')],
      own: {},
      expected: [['x 80.00 0.00', 'y 20.00 60.00'], '0.00'],
      why: 'no more than the total',
    },
    {
      credits: [credit('x', 'paid', '120'), credit('y', 'paid', '5')],
      own: {},
      expected: [['x 100.00 20.00', 'y 0.00 5.00'], '0.00'],
      why: 'one that was not reached stands last',
    },
    {
      credits: [credit('z', 'paid', '0'), credit('x', 'promo', '5', '2026-01-31T23:59:59Z'), credit('y', 'paid', '5')],
      own: {},
      expected: [['y 5.00 0.00', 'z 0.00 0.00', 'x 0.00 5.00'], '95.00'],
      why: 'one that expires before the end is not used',
    },
    {
      credits: [credit('x', 'promo', '5', '2026-02-01T00:00:00Z')],
      own: {},
      expected: [['x 5.00 0.00'], '95.00'],
      why: 'one that expires at the end is',
    },
    {
      credits: [credit('x', 'promo', '5')],
      own: { discounts: [{ id: 'p', percent: '100' }] },
      expected: [['x 0.00 5.00'], '0.00'],
      why: 'nothing due, nothing burned',
    },
  ])('$why', ({ credits, own, expected }) => {
    expect(burned(credits, own)).toEqual(expected);
  });

  test('do not touch the total', () => {
    expect(bill(hundred({}), usageOf([], { credits: mixed })).total).toBe('100.00');
  });

  test('have no more decimals than the currency', () => {
    const credits = [credit('a', 'promo', '1'), credit('b', 'promo', '1.005')];
    expect(() => burned(credits)).toThrow(
      expect.objectContaining({ code: 'too-many-decimals', path: '/credits/1/balance' }),
    );
  });
});

describe('the spend cap', () => {
  const capOf = (own: object, usage: object) => {
    const { trueUp, capped, spendCapped, total, amountDue } = bill(hundred(own), usageOf([], usage));
    return { trueUp, capped, spendCapped, total, amountDue };
  };

  test.each([
    {
      spendCap: '60',
      own: {},
      capped: '40.00',
      spendCapped: '40.00',
      total: '60.00',
      why: 'what is above it is not due',
    },
    {
      spendCap: '100.00',
      own: {},
      capped: '0.00',
      spendCapped: '0.00',
      total: '100.00',
      why: 'a cap that was not reached is shown',
    },
    { spendCap: '0', own: {}, capped: '100.00', spendCapped: '100.00', total: '0.00', why: 'a cap of nothing' },
    {
      spendCap: '60',
      own: { maximum: { amount: '80' } },
      capped: '40.00',
      spendCapped: '20.00',
      total: '60.00',
      why: 'after the maximum: together they are what is capped',
    },
    {
      spendCap: '60',
      own: { discounts: [{ id: 'd', percent: '30' }] },
      capped: '10.00',
      spendCapped: '10.00',
      total: '60.00',
      why: 'after discounts',
    },
    {
      spendCap: '60',
      own: { minimum: { amount: '200' } },
      capped: '140.00',
      spendCapped: '140.00',
      total: '60.00',
      why: 'after the minimum: the customer was promised to pay no more',
    },
  ])('$why', ({ spendCap, own, capped, spendCapped, total }) => {
    expect(capOf(own, { spendCap })).toMatchObject({ capped, spendCapped, total });
  });

  test('credits burn against what is left below it', () => {
    const credits = [{ id: 'c', kind: 'paid', balance: '50.00' }];
    expect(capOf({}, { spendCap: '60', credits })).toMatchObject({ total: '60.00', amountDue: '10.00' });
  });

  test('without one there is no such key', () => {
    expect(bill(hundred({}), usageOf([]))).not.toHaveProperty('spendCapped');
  });

  test('an option takes the place of the usage’s own', () => {
    const capped = bill(hundred({}), usageOf([], { spendCap: '60' }), { spendCap: '70' });
    expect(capped.total).toBe('70.00');
    expect(bill(hundred({}), usageOf([], { spendCap: '60' }), { spendCap: null }).total).toBe('100.00');
  });

  test.each([
    ['60.001', 'too-many-decimals', '/spendCap'],
    ['-1', 'negative', '/spendCap'],
    [60, 'not-a-string', '/spendCap'],
  ])('%s is refused: %s', (spendCap, code, path) => {
    expect(() => capOf({}, { spendCap })).toThrow(expect.objectContaining({ code, path }));
  });
});
