import { priceHistory } from '../../../lib/domain/portal/price-history.ts';
import { priceDifferences, priceLines } from '../../../lib/domain/portal/price-words.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import type { ProtectionParams, Ruleset } from '../../../lib/domain/rules/ruleset.ts';
import type { Decision } from '../../../lib/domain/segmentation/decision.ts';
import { unitsOf } from '../../../lib/domain/shop/card-words.ts';
import { hourOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { decisionOf, RULES } from '../reporting/report-world.ts';

const day = (date: string) => parseTimestamp(`${date}T00:00:00Z`);
const card = (id: string, effectiveFrom: string, unitPrice: string, more: Partial<RateCard> = {}): RateCard => ({
  ...{ id, name: id, effectiveFrom, currency: 'USD', valueDriver: 'calls', owner: 'p@example.com' },
  rationale: `why ${id} of ${effectiveFrom}`,
  charges: [
    { id: 'calls', meter: 'api-calls', included: '1000', price: { model: 'perUnit', unitPrice } },
    { id: 'platform', price: { model: 'flat', amount: '49.00', due: 'inAdvance' } },
  ],
  ...more,
});
const protectedBy = (params: ProtectionParams): Ruleset['protection'] => [
  {
    ...{ name: 'promise', rationale: 'It was promised.', valueDriver: 'Trust', owner: 'p@example.com' },
    conditions: { all: [] },
    event: { type: 'protection', params },
  },
];
const CARDS = [
  card('growth', '2025-01-01', '0.0004'),
  card('growth', '2026-05-01', '0.0005'),
  card('growth', '2027-01-01', '0.0006'),
  card('secret-deal-of-rival', '2026-04-01', '0.00001'),
  card('secret-deal-of-rival', '2026-06-01', '0.00002'),
];
const placed = (date: string, change: Partial<Decision> = {}) =>
  decisionOf({ effectiveFrom: hourOf(day(date)), rateCard: 'growth@2025-01-01', discounts: [], ...change });

function history(decisions: readonly Decision[], protection: Ruleset['protection'] = [], now = '2026-11-01') {
  const rules = { ...RULES, rateCards: CARDS, protection };
  return priceHistory({
    ...{ now: day(now), customerSince: '2026-02-01', decisions, decidedWith: new Map([['r1', rules]]) },
    latest: { rules, commit: 'head' },
  });
}

test('a new version of the own card while on it: old and new price; those to come are announced', () => {
  const { past, announced } = history([placed('2026-02-01')]);
  expect(past.map(({ kind, at }) => [kind, at])).toEqual([
    ['version', day('2026-05-01')],
    ['placed', day('2026-02-01')],
  ]);
  expect(past[0]).toMatchObject({
    ...{ from: 'growth@2025-01-01', to: 'growth@2026-05-01', why: ['why growth of 2026-05-01'], commit: 'head' },
    differences: [{ what: 'calls', before: 'USD 0.40 per 1,000 calls', after: 'USD 0.50 per 1,000 calls' }],
  });
  expect(announced).toMatchObject([
    {
      kind: 'version',
      at: day('2027-01-01'),
      differences: [{ before: 'USD 0.50 per 1,000 calls', after: 'USD 0.60 per 1,000 calls' }],
    },
  ]);
});

test('a card that the customer never was on does not come in, nor do versions from before it came', () => {
  const text = JSON.stringify(history([placed('2026-05-02')]));
  expect(text).not.toContain('rival');
  expect(text).not.toContain('0.0004');
});

test('a move to another card, and another discount, with what differs', () => {
  const moved = placed('2026-07-01', { rateCard: 'secret-deal-of-rival@2026-06-01' });
  const discounted = { ...moved, effectiveFrom: hourOf(day('2026-08-01')), discounts: [{ id: 'year', percent: '10' }] };
  const { past } = history([placed('2026-05-02'), moved, discounted]);
  expect(past.map(({ kind }) => kind)).toEqual(['terms', 'moved', 'placed']);
  expect(past[0]?.differences).toEqual([{ what: 'discount year', before: null, after: '10 % off everything' }]);
  expect(past[1]?.differences).toEqual([
    { what: 'calls', before: 'USD 0.50 per 1,000 calls', after: 'USD 0.02 per 1,000 calls' },
  ]);
});

test('facts that move without moving the price are no change of prices', () => {
  const again = placed('2026-07-01', { segments: ['other'] });
  expect(history([placed('2026-05-02'), again]).past).toHaveLength(1);
});

test('what a promise keeps is said with each change, and the day on which it ends is announced', () => {
  const promise = protectedBy({ kind: 'lock', rateCard: 'growth@2025-01-01', until: '2026-12-01' });
  const { past, announced } = history([placed('2026-02-01', { protection: ['promise'] })], promise);
  expect(past[0]).toMatchObject({
    kind: 'version',
    keeps: [expect.stringContaining('are kept for you until 2026-12-01')],
  });
  expect(announced.map(({ kind, at, keeps }) => [kind, at, keeps])).toEqual([
    ['unprotected', day('2026-12-01'), []],
    ['version', day('2027-01-01'), []],
  ]);
  expect(announced[0]?.differences).toEqual([
    { what: 'calls', before: 'USD 0.40 per 1,000 calls', after: 'USD 0.50 per 1,000 calls' },
  ]);
});

test.each([
  [{ kind: 'cap', rateCard: 'growth@2025-01-01', percent: '8' }, 'rises by at most 8 %'],
  [{ kind: 'match', rateCard: 'growth@2025-01-01', months: 12 }, 'the lower of the new prices'],
] as const)('the promise %j in words', (params, words) => {
  const { past } = history([placed('2026-05-02', { protection: ['promise'] })], protectedBy(params));
  expect(past[0]?.keeps).toEqual([expect.stringContaining(words)]);
});

const UNITS = unitsOf(RULES.meters);

describe('a card in words', () => {
  test.each([
    [{ model: 'perUnit', unitPrice: '0.01' }, 'USD 0.01 per call'],
    [{ model: 'package', size: '1000', amount: '0.003' }, 'USD 0.003 per 1,000 calls; a begun one counts whole'],
    [
      {
        model: 'graduated',
        tiers: [
          { upTo: '1000000', unitPrice: '0.4' },
          { upTo: null, unitPrice: '0.2', flat: '5' },
        ],
      },
      'the first 1,000,000: USD 0.40 per call; above 1,000,000: USD 0.20 per call, and USD 5.00 once',
    ],
    [
      {
        model: 'volume',
        tiers: [
          { upTo: '10', unitPrice: '1' },
          { upTo: null, unitPrice: '0.5' },
        ],
      },
      'all calls at the price of the step that they reach: up to 10: USD 1.00 per call; above 10: USD 0.50 per call',
    ],
    [
      { model: 'percentage', percent: '2.9', fixedFee: '0.30', max: '5' },
      '2.9 % + USD 0.30 of each amount, at most USD 5.00 each',
    ],
    [{ model: 'dynamic', multiplier: '1.2' }, 'the amounts × 1.2'],
    [{ model: 'flat', amount: '49.00' }, 'USD 49.00 a month, the whole of it for a part of a month too'],
  ] as const)('%j', (price, words) => {
    const charges = [{ id: 'x', ...(price.model === 'flat' ? {} : { meter: 'api-calls' }), price }];
    expect(priceLines(card('c', '2026-01-01', '1', { charges: charges as never }), UNITS)).toEqual([
      { what: 'x', says: words },
    ]);
  });

  test('every shipped card has words for every charge, and differs from itself in nothing', () => {
    for (const one of RULES.rateCards) {
      expect(priceLines(one, UNITS).every(({ says }) => says !== '' && !says.includes('undefined'))).toBe(true);
      expect(priceDifferences(one, one, UNITS)).toEqual([]);
    }
  });

  test('what is gone is said to be gone', () => {
    const without = card('growth', '2027-01-01', '0.0004', { charges: [] });
    expect(priceDifferences(card('growth', '2025-01-01', '0.0004'), without, UNITS)).toContainEqual({
      ...{ what: 'calls', before: 'USD 0.40 per 1,000 calls', after: null },
    });
  });
});
