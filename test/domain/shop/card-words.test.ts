import { PRICED_BY } from '../../../lib/domain/pricing/price-kinds.ts';
import type { Price, RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import {
  billWords,
  chargeWords,
  limitWords,
  phaseWords,
  priceWords,
  unitPriceWords,
} from '../../../lib/domain/shop/card-words.ts';

const CASES: readonly { readonly price: Price; readonly words: readonly string[] }[] = [
  {
    price: { model: 'flat', amount: '49.00', due: 'inAdvance', proration: 'second' },
    words: ['USD 49.00 a month in advance, by the second for a part of a month'],
  },
  { price: { model: 'flat', amount: '0.00' }, words: ['no fee'] },
  { price: { model: 'flat', amount: '5.00' }, words: ['USD 5.00 a month, the whole of it for a part of a month too'] },
  { price: { model: 'perUnit', unitPrice: '0.0004' }, words: ['USD 0.40 per 1,000 calls'] },
  { price: { model: 'perUnit', unitPrice: '0' }, words: ['free'] },
  {
    price: {
      model: 'graduated',
      tiers: [
        { upTo: '1000000', unitPrice: '0.0004' },
        { upTo: 5_000_000, unitPrice: '0.0002' },
        { upTo: null, unitPrice: '0.0001', flat: '10' },
      ],
    },
    words: [
      'the first 1,000,000: USD 0.40 per 1,000 calls',
      'above 1,000,000 up to 5,000,000: USD 0.20 per 1,000 calls',
      'above 5,000,000: USD 0.10 per 1,000 calls, and USD 10.00 once',
    ],
  },
  {
    price: {
      model: 'volume',
      tiers: [
        { upTo: '10', unitPrice: '2', flat: '5' },
        { upTo: null, unitPrice: '1.5' },
      ],
      zeroUsage: 'chargeFirstFlat',
    },
    words: [
      'all calls at the price of the step that they reach:',
      'up to 10: USD 2.00 per call, and USD 5.00 once',
      'above 10: USD 1.50 per call',
      'USD 5.00 without any use',
    ],
  },
  {
    price: { model: 'package', size: '1000', amount: '0.0025' },
    words: ['USD 0.0025 per 1,000 calls; a begun one counts whole'],
  },
  {
    price: { model: 'package', size: 10, amount: '1', rounding: 'down' },
    words: ['USD 1.00 per 10 calls; a begun one is free'],
  },
  {
    price: { model: 'percentage', percent: '2.9', fixedFee: '0.30', min: '0.50', max: '20' },
    words: ['2.9 % + USD 0.30 of each amount, at least USD 0.50 and at most USD 20.00 each'],
  },
  {
    price: {
      model: 'graduatedPercentage',
      tiers: [
        { upTo: '1000', percent: '3' },
        { upTo: null, percent: '2', flat: '1' },
      ],
    },
    words: ['up to USD 1000.00: 3 %', 'above USD 1000.00: 2 %, and USD 1.00 once'].map((line) =>
      line.replaceAll('1000', '1,000'),
    ),
  },
  { price: { model: 'dynamic' }, words: ['the amounts as they come'] },
  { price: { model: 'dynamic', multiplier: '1.2' }, words: ['the amounts × 1.2'] },
  {
    price: { model: 'outcome', fixedFee: '0.99', attributionDays: 7, reversalDays: 1 },
    words: ['USD 0.99 for each outcome, within 7 days', 'given back when it is reversed within a day'],
  },
  {
    price: {
      model: 'matrix',
      groups: [{ group: 'large-model', price: { model: 'perUnit', unitPrice: '0.02' } }],
      otherwise: { model: 'perUnit', unitPrice: '0.01' },
    },
    words: ['large model: USD 0.02 per call', 'anything else: USD 0.01 per call'],
  },
  {
    price: {
      ...{ model: 'timeWindow', timeZone: 'customer' },
      windows: [
        {
          id: 'night',
          days: ['sat', 'sun'],
          from: '22:00',
          to: '06:00',
          price: { model: 'perUnit', unitPrice: '0.01' },
        },
      ],
      otherwise: { model: 'perUnit', unitPrice: '0.02' },
    },
    words: [
      '22:00 to 06:00 on Saturday, Sunday (your time zone): USD 0.01 per call',
      'at other times: USD 0.02 per call',
    ],
  },
  {
    price: {
      model: 'reserved',
      capacity: { quantity: '200' },
      amount: '0.02',
      overage: { model: 'perUnit', unitPrice: '0.0001' },
    },
    words: [
      '200 calls an hour reserved for USD 0.02 an hour, used or not',
      'what exceeds it: USD 0.10 per 1,000 calls',
    ],
  },
  {
    price: {
      model: 'reserved',
      capacity: { quantity: '1', per: 'period' },
      amount: '9',
      overage: { model: 'perUnit', unitPrice: '1' },
    },
    words: ['1 call a month reserved for USD 9.00 a month, used or not', 'what exceeds it: USD 1.00 per call'],
  },
];

test.each(CASES)('$price.model: $words', ({ price, words }) => {
  expect(priceWords(price, 'USD', 'call')).toEqual(words);
});

test('there are words for every price model', () => {
  const shown = new Set<string>(CASES.map(({ price }) => price.model));
  expect(Object.keys(PRICED_BY).filter((model) => !shown.has(model))).toEqual([]);
});

test.each([
  ['0.01', 'USD', 'USD 0.01 per call'],
  ['0.0000035', 'USD', 'USD 3.50 per 1,000,000 calls'],
  ['0.000000001', 'USD', 'USD 0.001 per 1,000,000 calls'],
  ['3', 'JPY', 'JPY 3 per call'],
  ['0.0005', 'KWD', 'KWD 0.500 per 1,000 calls'],
])('%s %s is said as people read it: %s', (price, currency, words) => {
  expect(unitPriceWords(price, currency, 'call')).toBe(words);
});

test('a whole card: bundles, allowances, groups, limits, what binds the bill, and how it begins', () => {
  const card: RateCard = {
    ...{
      id: 'suite',
      name: 'Suite',
      effectiveFrom: '2026-01-01',
      currency: 'USD',
      rationale: 'r',
      valueDriver: 'v',
      owner: 'o',
    },
    usagePlan: { ratePerSecond: 200, burst: 4000, quota: { calls: 20_000_000, per: 'month' } },
    bundles: [
      {
        ...{ id: 'suite-fee', price: { model: 'flat', amount: '239.00' } },
        includes: [{ meter: 'api-calls', group: 'bulk', quantity: '10000' }],
      },
    ],
    charges: [
      { id: 'calls', meter: 'api-calls', included: '100000', price: { model: 'perUnit', unitPrice: '0.0003' } },
    ],
    discounts: [
      { id: 'annual', percent: '10' },
      { id: 'launch', amount: '5.00', appliesTo: 'calls' },
    ],
    minimum: { amount: '250.00' },
    maximum: { amount: '5000.00' },
    phases: [
      { id: 'trial', days: 14, charges: { 'suite-fee': { price: { model: 'flat', amount: '0.00' } } }, minimum: null },
      { id: 'ramp', months: 3, percent: '25' },
    ],
  };
  const units = { 'api-calls': 'call' };
  expect(chargeWords(card, units)).toEqual([
    {
      id: 'suite-fee',
      title: 'suite fee',
      lines: ['USD 239.00 a month, the whole of it for a part of a month too', 'with 10,000 bulk calls'],
    },
    { id: 'calls', title: 'calls', lines: ['100,000 calls included, then', 'USD 0.30 per 1,000 calls'] },
  ]);
  expect(limitWords(card)).toEqual(['200 calls a second, bursts of 4,000', '20,000,000 calls a month at most']);
  expect(billWords(card)).toEqual([
    'at least USD 250.00 a month',
    'at most USD 5,000.00 a month',
    '10 % off everything (annual)',
    'USD 5.00 off calls (launch)',
  ]);
  expect(phaseWords(card, units, [])).toEqual([
    'the first 14 days: suite fee no fee; no minimum',
    'the next 3 months: 25 % off the bill',
  ]);
});
