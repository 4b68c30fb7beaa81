import { dynamodbDecisions } from '../../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import type { Decisions } from '../../../lib/app/ports/decisions.ts';
import type { Decision } from '../../../lib/domain/segmentation/decision.ts';
import type { Hour } from '../../../lib/domain/time/time.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

const BASE = 490_000;
const hour = (n: number) => (BASE + n) as Hour;
const decision = (customer: string, n: number, rateCard = 'growth@2026-01-01'): Decision => ({
  customer,
  effectiveFrom: hour(n),
  segments: ['startup'],
  tierRule: 'growth-for-startups',
  rateCard,
  discounts: [{ id: 'launch', percent: '10' }],
  reservedCapacity: null,
  protection: [],
  undecided: null,
  reasons: [{ kind: 'tier', rule: 'growth-for-startups', rationale: 'r', facts: { companySize: 3 } }],
  ruleset: { hash: 'h', commit: 'c' },
});

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

describe.each([
  { name: 'memory', make: async (): Promise<Decisions> => memoryDecisions() },
  { name: 'DynamoDB', make: async () => dynamodbDecisions(dynamo.client, await dynamo.table(`decisions-${tables++}`)) },
])('decisions in $name', ({ make }) => {
  let decisions: Decisions;
  beforeEach(async () => {
    decisions = await make();
    for (const n of [24, 0, 48]) expect(await decisions.record(decision('acme', n))).toBe('recorded');
    await decisions.record(decision('other', 10));
  });

  test('a decision is never overwritten', async () => {
    expect(await decisions.record(decision('acme', 24, 'free@2026-01-01'))).toBe('exists');
    expect(await decisions.inForceAt('acme', hour(24))).toEqual(decision('acme', 24));
  });

  test.each([
    { at: -1, found: undefined },
    { at: 0, found: 0 },
    { at: 23, found: 0 },
    { at: 24, found: 24 },
    { at: 99, found: 48 },
  ])('in force at $at: $found', async ({ at, found }) => {
    expect(await decisions.inForceAt('acme', hour(at))).toEqual(
      found === undefined ? undefined : decision('acme', found),
    );
  });

  test('the latest is the one that begins last, and each customer has its own', async () => {
    expect((await decisions.latest('acme'))?.effectiveFrom).toBe(hour(48));
    expect((await decisions.latest('other'))?.effectiveFrom).toBe(hour(10));
    expect(await decisions.latest('nobody')).toBeUndefined();
  });

  test.each([
    { from: -10, to: -5, found: [] },
    { from: -10, to: 0, found: [] },
    { from: -10, to: 1, found: [0] },
    { from: 0, to: 24, found: [0] },
    { from: 0, to: 25, found: [0, 24] },
    { from: 30, to: 48, found: [24] },
    { from: 30, to: 100, found: [24, 48] },
    { from: 48, to: 100, found: [48] },
  ])('during [$from, $to): $found', async ({ from, to, found }) => {
    const during = await decisions.during('acme', hour(from), hour(to));
    expect(during.map(({ effectiveFrom }) => effectiveFrom - BASE)).toEqual(found);
  });

  test('many in one period stand in their order, and none before the one in force at its start', async () => {
    const hours = Array.from({ length: 30 }, (_, n) => 100 + 10 * n);
    for (const n of hours) await decisions.record(decision('busy', n));
    const during = await decisions.during('busy', hour(115), hour(390));
    expect(during.map(({ effectiveFrom }) => effectiveFrom - BASE)).toEqual(hours.slice(1, 29));
  });
});
