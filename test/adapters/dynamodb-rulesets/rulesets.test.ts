import { dynamodbRulesets, rulesetKey } from '../../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import type { ObjectStore } from '../../../lib/app/ports/object-store.ts';
import type { Rulesets } from '../../../lib/app/ports/rulesets.ts';
import { hashRuleset } from '../../../lib/domain/rules/hash-ruleset.ts';
import type { RulesetRecord } from '../../../lib/domain/rules/ruleset.ts';
import type { Hour } from '../../../lib/domain/time/time.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

const BASE = 490_000;
const hour = (n: number) => (BASE + n) as Hour;
function record(text: string, n: number): RulesetRecord {
  const files = { 'meters.json': text };
  return { hash: hashRuleset(files), commit: `commit-${text}`, effectiveFrom: hour(n), files };
}
/** A bucket that remembers what was written, in order. */
function bucket() {
  const objects = new Map<string, Uint8Array>();
  const store: Pick<ObjectStore, 'get' | 'putOnce'> = {
    get: async (key) => objects.get(key),
    async putOnce(key, body) {
      if (objects.has(key)) return 'exists';
      objects.set(key, body);
      return 'written';
    },
  };
  return { objects, store };
}

let dynamo: LocalDynamo;
let tables = 0;
const clock = { now: () => 1_767_225_600_000 };
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());
const overDynamo = async (store = bucket().store) =>
  dynamodbRulesets(dynamo.client, await dynamo.table(`rulesets-${tables++}`), store, clock);

describe.each([
  { name: 'memory', make: async (): Promise<Rulesets> => memoryRulesets() },
  { name: 'DynamoDB', make: () => overDynamo() },
])('rulesets in $name', ({ make }) => {
  let rulesets: Rulesets;
  beforeEach(async () => {
    rulesets = await make();
  });

  test('nothing is in force before the first', async () => {
    expect(await rulesets.latest()).toBeUndefined();
    expect(await rulesets.first()).toBeUndefined();
    expect(await rulesets.inForceAt(hour(0))).toBeUndefined();
    await rulesets.publish(record('a', 1));
    expect(await rulesets.inForceAt(hour(0))).toBeUndefined();
  });

  test('each is in force from its hour until the next one begins', async () => {
    for (const each of [record('b', 10), record('a', 0), record('c', 20)]) {
      expect(await rulesets.publish(each)).toBe('published');
    }
    const inForce = async (n: number) => (await rulesets.inForceAt(hour(n)))?.files['meters.json'];
    expect([await inForce(0), await inForce(9), await inForce(10), await inForce(99)]).toEqual(['a', 'a', 'b', 'c']);
    expect(await rulesets.latest()).toEqual(record('c', 20));
    expect(await rulesets.first()).toEqual(record('a', 0));
  });

  test('an hour has one ruleset: the same again is there, another is refused', async () => {
    await rulesets.publish(record('a', 0));
    expect(await rulesets.publish(record('a', 0))).toBe('exists');
    expect(await rulesets.publish(record('b', 0))).toBe('refused');
    expect(await rulesets.latest()).toEqual(record('a', 0));
  });

  test('rules that come back later are found by hash as they first came', async () => {
    for (const each of [record('a', 0), record('b', 1), record('a', 2)]) await rulesets.publish(each);
    expect(await rulesets.byHash(record('a', 0).hash)).toEqual(record('a', 0));
    expect(await rulesets.byHash('unknown')).toBeUndefined();
  });
});

test('the content is written before the hour that points at it', async () => {
  const { objects, store } = bucket();
  const failing: typeof store = { ...store, putOnce: async () => Promise.reject(new Error('disk full')) };
  const rulesets = await overDynamo(failing);
  await expect(rulesets.publish(record('a', 0))).rejects.toThrow('disk full');
  expect(await rulesets.latest()).toBeUndefined();
  const whole = await overDynamo(store);
  await whole.publish(record('a', 0));
  const { hash, files } = record('a', 0);
  expect(JSON.parse(Buffer.from(objects.get(rulesetKey(hash)) ?? []).toString())).toEqual({ hash, files });
});

test('a content that is missing stops the reader, rather than deciding with other rules', async () => {
  const { objects, store } = bucket();
  const rulesets = await overDynamo(store);
  await rulesets.publish(record('a', 0));
  objects.clear();
  await expect(rulesets.latest()).rejects.toThrow('is in the records bucket');
});
