import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import {
  type AuthorizeCallNeeds,
  authorizeCall,
  SNAPSHOT_FRESH_MS,
  SNAPSHOT_STALE_MAX_MS,
} from '../../../lib/app/authorize-call/authorize-call.ts';
import { BoundedMap } from '../../../lib/app/authorize-call/bounded-map.ts';
import { hashKey } from '../../../lib/domain/entitlement/keys.ts';
import type { KeySnapshot } from '../../../lib/domain/entitlement/snapshot.ts';

const ARN = 'arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/search';
const KEY = 'an-imported-key';
const SNAPSHOT: KeySnapshot = {
  ...{ customer: 'acme', keyState: 'active', mode: 'live', status: 'active', reason: null, spend: 'open' },
  ...{ rateCard: 'free@2026-01-01', denied: [], usageKey: 'u'.repeat(64), version: 1 },
};

/** An authorizer over a directory whose reads are counted and can be made to fail. */
function authorizer(changes: Partial<AuthorizeCallNeeds> = {}) {
  const directory = memoryDirectory();
  const state = { now: 1_000_000_000, reads: [] as string[], down: false };
  const logged: { message: string; fields: unknown }[] = [];
  const counts: Record<string, number> = {};
  const note = (message: string, fields?: unknown) => void logged.push({ message, fields });
  const authorize = authorizeCall({
    snapshots: {
      snapshot(hash) {
        state.reads.push(hash);
        return state.down ? Promise.reject(new Error('throttled')) : directory.snapshot(hash);
      },
    },
    clock: { now: () => state.now },
    log: { info: note, warn: note, error: note },
    metrics: {
      count(name, value) {
        counts[name] = (counts[name] ?? 0) + value;
      },
    },
    onStoreFailure: 'allow',
    unattributedUsageKey: undefined,
    ...changes,
  });
  const call = (key: string | undefined = KEY) => authorize({ key, userAgent: 'curl/8', methodArn: ARN });
  const store = (changes: Partial<KeySnapshot> = {}) =>
    directory.putSnapshot(hashKey(KEY), { ...SNAPSHOT, ...changes });
  return { authorize, call, store, state, logged, counts };
}
const effect = (answer: unknown) =>
  (answer as { policyDocument: { Statement: { Effect: string }[] } }).policyDocument.Statement[0]?.Effect;

describe('a key', () => {
  test('is looked up by its hash, never by itself', async () => {
    const { call, store, state } = authorizer();
    await store();
    expect(effect(await call())).toBe('Allow');
    expect(state.reads).toEqual([hashKey(KEY)]);
  });

  test.each([
    { name: 'no key', key: undefined },
    { name: 'an empty key', key: '' },
    { name: 'a key of ours with a wrong checksum', key: `tg_live_${'0'.repeat(32)}_zzzzzz` },
    { name: 'a key of ours that was cut', key: 'tg_test_abc' },
    { name: 'a key longer than any', key: 'k'.repeat(5_000) },
  ])('401 without a read for $name', async ({ key }) => {
    const { authorize, state } = authorizer();
    expect(await authorize({ key, userAgent: undefined, methodArn: ARN })).toBe('unauthorized');
    expect(state.reads).toEqual([]);
  });

  test('401 for an unknown one, asked once in a while and not every time', async () => {
    const { call, state, store } = authorizer();
    for (let i = 0; i < 5; i++) expect(await call()).toBe('unauthorized');
    expect(state.reads.length).toBe(1);
    await store();
    state.now += SNAPSHOT_FRESH_MS;
    expect(effect(await call())).toBe('Allow');
  });
});

describe('what was read', () => {
  test('is used until it is no longer fresh', async () => {
    const { call, store, state } = authorizer();
    await store();
    await call();
    state.now += SNAPSHOT_FRESH_MS - 1;
    await call();
    expect(state.reads.length).toBe(1);
    state.now += 1;
    await call();
    expect(state.reads.length).toBe(2);
  });

  test('changes with the directory: a suspension stops the next read', async () => {
    const { call, store, state } = authorizer();
    await store();
    expect(effect(await call())).toBe('Allow');
    await store({ status: 'suspended', version: 2 });
    state.now += SNAPSHOT_FRESH_MS;
    expect(effect(await call())).toBe('Deny');
  });

  test('a revoked key is unknown again', async () => {
    const { call, store, state } = authorizer();
    await store();
    await call();
    await store({ keyState: 'revoked', version: 2 });
    state.now += SNAPSHOT_FRESH_MS;
    expect(await call()).toBe('unauthorized');
  });
});

describe('when the store does not answer', () => {
  test.each(['allow', 'deny'] as const)('a snapshot of less than an hour stands in (%s)', async (onStoreFailure) => {
    const { call, store, state, counts } = authorizer({ onStoreFailure });
    await store();
    await call();
    state.down = true;
    state.now += SNAPSHOT_STALE_MAX_MS - 1;
    expect(await call()).toMatchObject({ principalId: 'acme', context: { customerId: 'acme' } });
    expect(counts).toEqual({ StoreFailures: 1 });
  });

  test('a suspended customer stays suspended', async () => {
    const { call, store, state } = authorizer();
    await store({ status: 'suspended' });
    await call();
    state.down = true;
    state.now += SNAPSHOT_FRESH_MS;
    expect(effect(await call())).toBe('Deny');
  });

  test('allow: an unseen key passes as nobody; the log says enough to find out whose it was, and no key', async () => {
    const { call, state, logged, counts } = authorizer({ unattributedUsageKey: 'n'.repeat(64) });
    state.down = true;
    const answer = await call();
    expect(answer).toMatchObject({
      principalId: 'unknown',
      context: { client: 'shell' },
      usageIdentifierKey: 'n'.repeat(64),
    });
    expect(answer).not.toHaveProperty('context.customerId');
    expect(counts).toEqual({ StoreFailures: 1, UnattributedCallsAllowed: 1 });
    expect(logged).toEqual([
      {
        message: expect.stringContaining('let through'),
        fields: { fault: 'Error', keyHash: hashKey(KEY).slice(0, 16) },
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain(KEY);
  });

  test('deny: an unseen key is stopped by an error, which API Gateway does not cache', async () => {
    const { call, store, state } = authorizer({ onStoreFailure: 'deny' });
    await store();
    state.down = true;
    await expect(call()).rejects.toThrow('the directory does not answer');
    state.down = false;
    expect(effect(await call())).toBe('Allow');
  });

  test('a malformed key is still 401, without a read', async () => {
    const { call, state } = authorizer();
    state.down = true;
    expect(await call('tg_live_nonsense')).toBe('unauthorized');
    expect(state.reads).toEqual([]);
  });
});

test('a bounded map forgets what was written longest ago', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
  map.delete('a');
  expect(map.get('a')).toBeUndefined();
});
