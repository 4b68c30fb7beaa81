import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bill, cardOf, cardWith, usageOf } from './rating.ts';

interface Case {
  readonly id: string;
  readonly source: string;
  readonly included?: number;
  readonly price: object;
  readonly totals?: Record<string, string>;
  readonly lines?: Record<string, string[]>;
  /** One event's amount and what it costs. */
  readonly events?: Record<string, string>;
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/pricing/published-prices.json'), 'utf8'),
);
const cases: Case[] = golden.cases;

describe.each(cases)('$id: $source', ({ price, included, totals = {}, lines = {}, events = {} }) => {
  const card = cardOf(price, included === undefined ? {} : { included });

  test('comes to what was published, line by line where lines are', () => {
    const quantities = [
      ...Object.entries(totals).map(([quantity, total]) => [bill(card, usageOf(quantity)).total, total]),
    ];
    const amounts = Object.entries(events).map(([amount, total]) => [
      bill(card, usageOf([{ events: [amount] }])).total,
      total,
    ]);
    const compared = [...quantities, ...amounts];
    expect(compared.length).toBeGreaterThan(0);
    for (const [ours, published] of compared) expect(ours).toBe(published);
    for (const [quantity, amounts] of Object.entries(lines)) {
      expect(bill(card, usageOf(quantity)).lines.map(({ amount }) => amount)).toEqual(amounts);
    }
  });
});

test(`${golden.minimum.id}: ${golden.minimum.source}`, () => {
  const charges = [
    { id: 'subscription', price: { model: 'flat', amount: golden.minimum.flat } },
    { id: 'usage', meter: 'calls', price: { model: 'perUnit', unitPrice: '1' } },
  ];
  const card = cardWith({ charges, minimum: { amount: golden.minimum.minimum } });
  expect(bill(card, usageOf(golden.minimum.usage)).trueUp).toBe(golden.minimum.trueUp);
});

/** A collection of the same facts kept beside the project, where it is there: none of it may be missing or differ here. */
const SHARED = resolve(
  import.meta.dirname,
  '../../..',
  process.env.TOLLGATE_SHARED ?? '../shared',
  'golden/published-prices.json',
);

test('the collection beside the project says the same', () => {
  if (!existsSync(SHARED)) return;
  const shared: { id: string; totals?: Record<string, string> }[] = JSON.parse(readFileSync(SHARED, 'utf8')).cases;
  expect(shared.length).toBeGreaterThan(0);
  const ours = new Map([...cases, golden.minimum].map((one: { id: string }) => [one.id, one]));
  for (const { id, totals = {} } of shared) {
    const own = ours.get(id) as Case | undefined;
    expect([id, own !== undefined]).toEqual([id, true]);
    expect([id, { ...own?.totals, ...own?.events }]).toEqual([id, expect.objectContaining(totals)]);
  }
});
