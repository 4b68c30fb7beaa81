import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The contracts that customers have with the shop: one card each, named in the fact `contract`. */
export const CONTRACTS = [
  'starter',
  'growth',
  'tryout',
  'annual',
  'prepaid',
  'classic',
  'metered',
  'yen',
  'commission',
] as const;
export type Contract = (typeof CONTRACTS)[number];

/** In force from the start of the year. */
export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
/** With `classic` of July in it, published on 20 June. */
export const JULY_COMMIT = 'fedcba9876543210fedcba9876543210fedcba98';

const WHY = { rationale: 'a pocket calculator is enough', valueDriver: 'tokens', owner: 'pricing@example.com' };
type Price = Readonly<Record<string, unknown>>;

const flat = (amount: string, due = 'inArrears', proration = 'second'): Price => ({
  ...{ model: 'flat', amount, due, proration },
});
const perUnit = (unitPrice: string): Price => ({ model: 'perUnit', unitPrice });
const graduated = (upTo: string, first: string, beyond: string): Price => ({
  model: 'graduated',
  tiers: [
    { upTo, unitPrice: first },
    { upTo: null, unitPrice: beyond },
  ],
});

interface Charges {
  readonly fee?: Price;
  readonly tokens: Price;
  readonly included?: string;
  readonly calls: Price;
  readonly sales?: Price;
}

function card(id: Contract, { fee, tokens, included, calls, sales }: Charges, change: object = {}) {
  const charges = [
    ...(fee ? [{ id: 'fee', price: fee }] : []),
    { id: 'calls', meter: 'api-calls', price: calls },
    { id: 'tokens', meter: 'tokens', ...(included ? { included } : {}), price: tokens },
    ...(sales ? [{ id: 'sales', meter: 'sales', price: sales }] : []),
  ];
  const usagePlan = { ratePerSecond: 10, burst: 20 };
  const free = sales ? {} : { freeMeters: ['sales'] };
  const head = { id, name: id, effectiveFrom: '2026-01-01', currency: 'USD', ...WHY, usagePlan };
  return { ...head, charges, ...free, ...change };
}

const FREE = { fee: { price: flat('0.00', 'inAdvance') }, calls: { price: perUnit('0') } };
const freeTokens = { tokens: { included: null, price: perUnit('0') } };

const CLASSIC = card('classic', { fee: flat('10.00'), calls: perUnit('0'), tokens: perUnit('0.10') });
const CARDS: readonly ReturnType<typeof card>[] = [
  card(
    'starter',
    {
      ...{ fee: flat('30.00', 'inAdvance'), calls: perUnit('0.10') },
      ...{ tokens: graduated('2000', '0.01', '0.005'), included: '1000' },
    },
    { phases: [{ id: 'trial', months: 1, charges: { ...FREE, ...freeTokens } }] },
  ),
  card('growth', {
    ...{ fee: flat('90.00', 'inAdvance'), calls: perUnit('0.05') },
    ...{ tokens: graduated('5000', '0.008', '0.004'), included: '5000' },
  }),
  card(
    'tryout',
    { fee: flat('50.00'), calls: perUnit('0.10'), tokens: perUnit('0.02') },
    {
      phases: [
        {
          ...{ id: 'tryout', months: 1, after: 'end' },
          charges: { fee: { price: flat('0.00') }, calls: FREE.calls, tokens: { price: perUnit('0') } },
        },
      ],
    },
  ),
  card('annual', { fee: flat('100.00', 'inAdvance', 'none'), calls: perUnit('0'), tokens: perUnit('0.02') }),
  card('prepaid', { calls: perUnit('0'), tokens: perUnit('0.01') }),
  CLASSIC,
  card('metered', { fee: flat('31.00'), calls: perUnit('0.50'), tokens: perUnit('0.01') }),
  card('commission', {
    ...{ calls: perUnit('0'), tokens: perUnit('0') },
    sales: { model: 'percentage', percent: '2.9', fixedFee: '0.30', max: '20.00' },
  }),
  card('yen', { fee: flat('3000'), calls: perUnit('0'), tokens: perUnit('1.5') }, { currency: 'JPY' }),
];
/** Dearer for who uses little, cheaper for who uses much. */
const CLASSIC_OF_JULY = card(
  'classic',
  { fee: flat('16.00'), calls: perUnit('0'), tokens: perUnit('0.08') },
  { effectiveFrom: '2026-07-01' },
);

const promise = (kind: string, params: object) => ({
  ...{ name: `promised-${kind}`, ...WHY },
  conditions: { all: [{ fact: 'promise', operator: 'equal', value: kind }] },
  event: { type: 'protection', params: { kind, rateCard: 'classic@2026-01-01', ...params } },
});

const COMMON: Readonly<Record<string, object>> = {
  'meters.json': {
    meters: [
      { id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' },
      { id: 'tokens', unit: 'token', source: 'event', aggregation: 'sum', value: 'quantity' },
      { id: 'sales', unit: 'USD', source: 'event', aggregation: 'sum', value: 'amount' },
    ],
    routeGroups: [],
  },
  'facts.json': {
    facts: [
      { id: 'contract', type: 'string', source: 'customer', use: 'price' },
      { id: 'promise', type: 'string', source: 'customer', default: 'none', use: 'price' },
    ],
  },
  'segments.json': { rules: [] },
  'tiers.json': {
    rules: CONTRACTS.slice(1).map((contract, index) => ({
      ...{ name: `on-${contract}`, ...WHY, priority: index + 1 },
      conditions: { all: [{ fact: 'contract', operator: 'equal', value: contract }] },
      event: { type: 'tier', params: { rateCard: contract } },
    })),
    otherwise: { rateCard: 'starter' },
  },
  'protection.json': {
    rules: [
      promise('lock', { until: '2026-10-01' }),
      promise('cap', { percent: '10' }),
      // Months count from the day on which the customer came: all who were promised it came on 1 December 2025.
      promise('match', { months: 10 }),
    ],
  },
};

function filesOf(cards: readonly ReturnType<typeof card>[]): Record<string, string> {
  const named = cards.map((one) => [
    `rate-cards/${one.id}/${(one as { effectiveFrom: string }).effectiveFrom}.json`,
    one,
  ]);
  const all: [string, object][] = [...Object.entries(COMMON), ...(named as [string, object][])];
  return Object.fromEntries(all.map(([path, content]) => [path, `${JSON.stringify(content, null, 2)}\n`]));
}

export const JULY_RULES = filesOf([...CARDS, CLASSIC_OF_JULY]);

/** The rules of the year's start in a temporary folder that goes away with the process. */
export function writeRules(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-year-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(filesOf(CARDS))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
