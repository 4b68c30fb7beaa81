import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { ObjectStore } from '../../app/ports/object-store.ts';
import type { Rulesets } from '../../app/ports/rulesets.ts';
import type { Clock } from '../../app/runtime.ts';
import { assert } from '../../domain/assert.ts';
import type { RulesetRecord, RulesFiles } from '../../domain/rules/ruleset.ts';
import { type Hour, hourOf } from '../../domain/time/time.ts';
import { hourFromKey, hourKey } from '../aws/hour-key.ts';

type Item = Record<string, AttributeValue>;
interface Entry {
  readonly hash: string;
  readonly commit: string;
  readonly effectiveFrom: Hour;
}
const PARTITION = { ':pk': { S: 'ruleset' } };
/** Contents kept in memory: a function works with one or two rulesets at a time. */
const CONTENTS_MAX = 4;
/** Hours whose ruleset is remembered: more than a sweep of 35 days looks at. */
const SETTLED_MAX = 1_000;

export const rulesetKey = (hash: string): string => `rulesets/${hash}.json`;

/**
 * Rulesets: when each is in force in the rulesets table (`ruleset` / effective hour), what it says in the records bucket
 * (`rulesets/<hash>.json`), which is written first: an hour never points at nothing.
 * Reading needs dynamodb:Query and s3:GetObject; publishing dynamodb:PutItem, dynamodb:GetItem and s3:PutObject as well.
 */
export function dynamodbRulesets(
  client: DynamoDBClient,
  table: string,
  records: Pick<ObjectStore, 'get' | 'putOnce'>,
  clock: Clock,
): Rulesets {
  const contents = rulesetContents(records);
  const recordOf = async (entry: Entry | undefined): Promise<RulesetRecord | undefined> =>
    entry && { ...entry, files: await contents(entry.hash) };
  const edge = async (newestFirst: boolean, upTo?: Hour): Promise<Entry | undefined> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: !newestFirst,
        Limit: 1,
        KeyConditionExpression: upTo === undefined ? 'pk = :pk' : 'pk = :pk AND sk <= :hour',
        ExpressionAttributeValues: upTo === undefined ? PARTITION : { ...PARTITION, ':hour': { S: hourKey(upTo) } },
      }),
    );
    return Items[0] && entryFrom(Items[0]);
  };

  // An hour that has begun keeps its ruleset for ever, since publishing dates ahead: what was found once needs no other query.
  const settled = new Map<Hour, Entry>();
  // The first record stays the first: whatever is published later begins later.
  let earliest: Entry | undefined;
  const inForceAt = async (hour: Hour): Promise<Entry | undefined> => {
    const known = settled.get(hour);
    if (known) return known;
    const entry = await edge(true, hour);
    if (entry && hour <= hourOf(clock.now())) {
      const oldest = settled.keys().next();
      if (settled.size >= SETTLED_MAX && !oldest.done) settled.delete(oldest.value);
      settled.set(hour, entry);
    }
    return entry;
  };

  return {
    inForceAt: async (hour) => recordOf(await inForceAt(hour)),
    latest: async () => recordOf(await edge(true)),
    first: async () => {
      earliest ??= await edge(false);
      return recordOf(earliest);
    },
    async byHash(hash) {
      for await (const entry of allEntries(client, table)) if (entry.hash === hash) return recordOf(entry);
      return undefined;
    },
    async publish(record) {
      const { hash, files } = record;
      await records.putOnce(rulesetKey(hash), Buffer.from(JSON.stringify({ hash, files })));
      return putEntry(client, table, record, clock.now());
    },
  };
}

/** Contents by hash; they never change, so what was read once is kept. */
function rulesetContents(records: Pick<ObjectStore, 'get'>): (hash: string) => Promise<RulesFiles> {
  const kept = new Map<string, RulesFiles>();
  return async (hash) => {
    const known = kept.get(hash);
    if (known) return known;
    const bytes = await records.get(rulesetKey(hash));
    assert(bytes !== undefined, `the published ruleset ${hash} is in the records bucket`);
    const content = JSON.parse(Buffer.from(bytes).toString('utf8')) as { hash: string; files: RulesFiles };
    assert(content.hash === hash, `the file of ruleset ${hash} names that hash`);
    const oldest = kept.keys().next();
    if (kept.size >= CONTENTS_MAX && !oldest.done) kept.delete(oldest.value);
    kept.set(hash, content.files);
    return content.files;
  };
}

async function putEntry(client: DynamoDBClient, table: string, record: RulesetRecord, publishedAt: number) {
  const key = { pk: { S: 'ruleset' }, sk: { S: hourKey(record.effectiveFrom) } };
  const Item = {
    ...key,
    hash: { S: record.hash },
    commit: { S: record.commit },
    publishedAt: { N: String(publishedAt) },
  };
  try {
    await client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
    return 'published';
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const there = await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
    return there.Item?.hash?.S === record.hash ? 'exists' : 'refused';
  }
}

async function* allEntries(client: DynamoDBClient, table: string): AsyncGenerator<Entry> {
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: PARTITION,
    },
  );
  for await (const { Items = [] } of pages) for (const item of Items) yield entryFrom(item);
}

function entryFrom(item: Item): Entry {
  const [hash, commit, hour] = [item.hash?.S, item.commit?.S, item.sk?.S];
  assert(
    hash !== undefined && commit !== undefined && hour !== undefined,
    'a ruleset item names hash, commit and hour',
  );
  return { hash, commit, effectiveFrom: hourFromKey(hour) };
}
