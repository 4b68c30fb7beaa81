import { dynamodbDirectory } from '../../../lib/adapters/dynamodb-directory/directory.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { inParallel } from '../../../lib/app/in-parallel.ts';
import type { Directory } from '../../../lib/app/ports/directory.ts';
import { type CustomerProfile, newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { type CustomerKey, type KeySnapshot, snapshotOf } from '../../../lib/domain/entitlement/snapshot.ts';
import { parseHour } from '../../../lib/domain/time/time.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

const NOW = 1_767_225_600_000;
const profileOf = (id: string): CustomerProfile =>
  newProfile({ id, name: id, createdAt: '2026-01-01', keys: [], facts: { size: 3, tags: ['a'] }, overrides: {} }, NOW);
const keyOf = (customer: string, hash: string, changes: Partial<CustomerKey> = {}): CustomerKey => ({
  ...{ customer, hash, name: 'main', mode: 'live', prefix: 'tg_live_', lastFour: 'abcd', state: 'active' },
  createdAt: NOW,
  revokedAt: null,
  ...changes,
});
const snapshot = (customer: string, version: number, changes: Partial<KeySnapshot> = {}): KeySnapshot => ({
  ...snapshotOf({ ...profileOf(customer), version }, keyOf(customer, 'h')),
  ...changes,
});
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

describe.each([
  { name: 'memory', make: async (): Promise<Directory> => memoryDirectory() },
  { name: 'DynamoDB', make: async () => dynamodbDirectory(dynamo.client, await dynamo.table(`directory-${tables++}`)) },
])('the directory in $name', ({ make }) => {
  let directory: Directory;
  beforeEach(async () => {
    directory = await make();
  });

  test('a customer is registered once and read back as it was', async () => {
    const profile = profileOf('acme');
    expect(await directory.profile('acme')).toBeUndefined();
    expect(await directory.register(profile)).toBe('registered');
    expect(await directory.register({ ...profile, status: 'closed' })).toBe('exists');
    expect(await directory.profile('acme')).toEqual(profile);
  });

  test('of two writers that read the same version one loses', async () => {
    await directory.register(profileOf('acme'));
    const [a, b] = [
      { ...profileOf('acme'), version: 2 },
      { ...profileOf('acme'), version: 2, statusReason: 'b' },
    ];
    expect([await directory.save(a), await directory.save(b)]).toEqual(['saved', 'conflict']);
    expect((await directory.profile('acme'))?.statusReason).toBeNull();
    expect(await directory.save({ ...profileOf('nobody'), version: 2 })).toBe('conflict');
  });

  test('ids are listed in order, each once', async () => {
    for (const id of ['b', 'a', 'Z', 'b']) await directory.register(profileOf(id));
    expect(await all(directory.customers())).toEqual(['Z', 'a', 'b']);
  });

  test('changes are noted for an hour, each customer once, and found by that hour alone', async () => {
    const [midnight, later] = [parseHour('2026-12-01T00:00:00Z'), parseHour('2026-12-01T01:00:00Z')];
    for (const id of ['b', 'a', 'b']) await directory.noteChange(id, midnight);
    await directory.noteChange('c', later);
    expect(await directory.changesAt(midnight)).toEqual(['a', 'b']);
    expect(await directory.changesAt(later)).toEqual(['c']);
    expect(await directory.changesAt(parseHour('2026-12-01T02:00:00Z'))).toEqual([]);
  });

  test("a customer's keys are its own, the newest state of each", async () => {
    await directory.putKey(keyOf('acme', '22'));
    await directory.putKey(keyOf('acme', '11'));
    await directory.putKey(keyOf('other', '33'));
    await directory.putKey(keyOf('acme', '22', { state: 'revoked', revokedAt: NOW + 1 }));
    expect(await directory.keys('acme')).toEqual([
      keyOf('acme', '11'),
      keyOf('acme', '22', { state: 'revoked', revokedAt: NOW + 1 }),
    ]);
    expect(await directory.keys('nobody')).toEqual([]);
  });

  test('a snapshot is read back as it was, with everything set and with nothing set', async () => {
    const full = snapshot('acme', 4, {
      reason: 'payment-overdue',
      rateCard: 'growth@2026-01-01',
      denied: ['*/bulk', 'GET/x/*'],
      usageKey: 'f'.repeat(64),
    });
    expect(await directory.putSnapshot('full', full)).toBe('written');
    expect(await directory.putSnapshot('bare', snapshot('acme', 1))).toBe('written');
    expect(await directory.snapshot('full')).toEqual(full);
    expect(await directory.snapshot('bare')).toEqual(snapshot('acme', 1));
    expect(await directory.snapshot('none')).toBeUndefined();
  });

  test.each([
    { name: 'a newer one replaces an older one', first: {}, next: {}, versions: [1, 2], outcome: 'written' },
    { name: 'an older one does not', first: {}, next: {}, versions: [2, 1], outcome: 'older' },
    { name: 'the same one again does not', first: {}, next: {}, versions: [2, 2], outcome: 'older' },
    {
      name: 'a revocation lands whatever its version',
      first: {},
      next: { keyState: 'revoked' },
      versions: [5, 2],
      outcome: 'written',
    },
    {
      name: 'nothing brings a revoked key back',
      first: { keyState: 'revoked' },
      next: {},
      versions: [1, 9],
      outcome: 'older',
    },
  ] as const)('snapshots: $name', async ({ first, next, versions, outcome }) => {
    await directory.putSnapshot('k', snapshot('acme', versions[0], first));
    expect(await directory.putSnapshot('k', snapshot('acme', versions[1], next))).toBe(outcome);
    const winner = outcome === 'written' ? snapshot('acme', versions[1], next) : snapshot('acme', versions[0], first);
    expect(await directory.snapshot('k')).toEqual(winner);
  });

  test('a key of one customer is never given to another, not even revoked', async () => {
    await directory.putSnapshot('k', snapshot('acme', 1));
    expect(await directory.putSnapshot('k', snapshot('thief', 9))).toBe('taken');
    expect(await directory.putSnapshot('k', snapshot('thief', 9, { keyState: 'revoked' }))).toBe('taken');
    expect((await directory.snapshot('k'))?.customer).toBe('acme');
  });

  test('the last flush is remembered', async () => {
    expect(await directory.lastFlush()).toBe(0);
    await directory.recordFlush(NOW);
    expect(await directory.lastFlush()).toBe(NOW);
  });
});

test('ids beyond one page are all listed', async () => {
  const directory = dynamodbDirectory(dynamo.client, await dynamo.table('directory-pages'));
  // Long ids fill DynamoDB's page of 1 MB with few items.
  const ids = Array.from({ length: 1_200 }, (_, i) => `${String(i).padStart(4, '0')}${'x'.repeat(1_000)}`);
  await inParallel(ids, 40, (id) => directory.register(profileOf(id)));
  expect((await all(directory.customers())).length).toBe(1_200);
}, 30_000);
