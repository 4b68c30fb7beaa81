import { withoutBundles } from '../../../lib/domain/pricing/bundles.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { bill, cardWith, entriesOf, linesInShort, usageOf } from './rating.ts';

const BUNDLE = {
  id: 'payments-suite',
  features: ['payments'],
  price: { model: 'flat', amount: '99.00' },
  includes: [
    { meter: 'calls', group: 'payments', quantity: 1000 },
    { meter: 'tokens', quantity: 50 },
  ],
};
const CHARGES = [
  { id: 'calls', meter: 'calls', price: { model: 'perUnit', unitPrice: '0.01' } },
  { id: 'settle', meter: 'calls', group: 'payments', included: 10, price: { model: 'perUnit', unitPrice: '0.10' } },
  { id: 'tokens', meter: 'tokens', price: { model: 'package', size: 10, amount: '1' } },
];
const card = (own: object = {}) =>
  cardWith({ features: ['search', 'payments'], charges: CHARGES, bundles: [BUNDLE], ...own });
const used = (payments: number, tokens: number) =>
  usageOf([{ group: 'payments', quantity: payments }, { quantity: 5 }, { meter: 'tokens', quantity: tokens }]);

test('a bundle is a fee before the charges, and units that come with it are lines that name it', () => {
  const result = bill(card(), used(1015, 75), { explain: true });
  expect(linesInShort(result)).toEqual([
    'flat at 99.00 = 99.00',
    'usage 5 × 0.01 = 0.05',
    'included group payments 10 × 0 = 0.00',
    'included group payments 1000 × 0 = 0.00',
    'usage group payments 5 × 0.10 = 0.50',
    'included 50 × 0 = 0.00',
    'usage 3 packages of 25 = 3.00',
  ]);
  expect(result.lines.map(({ bundle }) => bundle ?? '-')).toEqual([
    '-',
    '-',
    '-',
    'payments-suite',
    '-',
    'payments-suite',
    '-',
  ]);
  expect(result.lines[0]?.charge).toBe('payments-suite');
  expect(result.lines[3]?.explanation).toBe('1000 of the 1000 included in payments-suite: free');
});

test.each([
  { payments: 8, lines: ['included group payments 8 × 0 = 0.00'], why: 'the charge’s own allowance is first' },
  {
    payments: 11,
    lines: ['included group payments 10 × 0 = 0.00', 'included group payments 1 × 0 = 0.00'],
    why: 'then the bundle’s',
  },
])('$why', ({ payments, lines }) => {
  expect(linesInShort(bill(card(), usageOf([{ group: 'payments', quantity: payments }]))).slice(1)).toEqual(lines);
});

test('units from before a change of card come out of the first allowances', () => {
  const before = entriesOf(usageOf([{ group: 'payments', quantity: 1005 }]));
  const result = bill(card(), usageOf([{ group: 'payments', quantity: 8 }]), { before });
  expect(linesInShort(result).slice(1)).toEqual([
    'included group payments 5 × 0 = 0.00',
    'usage group payments 3 × 0.10 = 0.30',
  ]);
});

test('two bundles add up, in the card’s order, at whatever decimals they are written', () => {
  const more = { id: 'more', price: { model: 'flat', amount: '1' }, includes: [{ meter: 'tokens', quantity: '0.5' }] };
  const result = bill(card({ bundles: [BUNDLE, more] }), used(0, 51));
  expect(result.lines.filter(({ bundle }) => bundle).map(({ bundle, quantity }) => `${bundle} ${quantity}`)).toEqual([
    'payments-suite 50',
    'more 0.5',
  ]);
  expect(result.lines.at(-1)).toMatchObject({ quantity: '0.5', packages: '1', amount: '1.00' });
});

test('a discount may name a bundle, and a phase may change its price', () => {
  const discounts = [{ id: 'd', percent: '50', appliesTo: 'payments-suite' }];
  expect(bill(card({ discounts }), usageOf([])).total).toBe('49.50');
  const phases = [{ id: 'p', days: 3, charges: { 'payments-suite': { price: { model: 'flat', amount: '0' } } } }];
  expect(parseRateCard(card({ phases }))).toBeDefined();
});

test('a window’s allowance comes from bundles too', () => {
  const price = {
    model: 'timeWindow',
    timeZone: 'UTC',
    windows: [{ id: 'day', from: '08:00', to: '20:00', price: { model: 'perUnit', unitPrice: '2' } }],
    otherwise: { model: 'perUnit', unitPrice: '1' },
  };
  const windowed = cardWith({
    charges: [{ id: 'c', meter: 'calls', price }],
    bundles: [{ id: 'b', price: { model: 'flat', amount: '1' }, includes: [{ meter: 'calls', quantity: 3 }] }],
  });
  const hours = usageOf([
    { hour: '2026-01-05T09:00:00Z', quantity: 2 },
    { hour: '2026-01-05T03:00:00Z', quantity: 2 },
  ]);
  expect(linesInShort(bill(windowed, hours)).slice(1)).toEqual([
    'included 3 × 0 = 0.00',
    'usage window day 1 × 2 = 2.00',
  ]);
});

test('the ordinary card is made once, and a card without bundles is answered as it is', () => {
  const parsed = parseRateCard(card());
  expect(withoutBundles(parsed)).toBe(withoutBundles(parsed));
  const plain = parseRateCard(cardWith({}));
  expect(withoutBundles(plain)).toBe(plain);
});
