import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { Directory } from '../../app/ports/directory.ts';
import { assert } from '../../domain/assert.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { CustomerKey, KeySnapshot } from '../../domain/entitlement/snapshot.ts';
import { hourKey } from '../aws/hour-key.ts';
import { dynamodbKeySnapshots, snapshotItem } from './snapshots.ts';

type Item = Record<string, AttributeValue>;
const LIST = 'customers';
const FLUSH = { pk: { S: 'access' }, sk: { S: 'flush' } };

/**
 * Customers, keys and key snapshots in the directory table (docs/architecture.md). Profiles and keys are one JSON
 * document an item, since nobody queries inside them; what conditions look at stands beside it as attributes.
 * Needs dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem.
 */
export function dynamodbDirectory(client: DynamoDBClient, table: string): Directory {
  const get = async (pk: string, sk: string): Promise<Item | undefined> => {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    return (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
  };
  const put = (input: Omit<PutItemCommandInput, 'TableName'>) => putWhere(client, { TableName: table, ...input });

  return {
    ...dynamodbKeySnapshots(client, table),
    async profile(customer) {
      const item = await get(`customer#${customer}`, 'profile');
      return item && (documentOf(item) as CustomerProfile);
    },
    async register(profile) {
      await put({ Item: { pk: { S: LIST }, sk: { S: profile.customer.id } } });
      const written = await put({ Item: profileItem(profile), ConditionExpression: 'attribute_not_exists(pk)' });
      return written ? 'registered' : 'exists';
    },
    async save(profile) {
      const written = await put({
        Item: profileItem(profile),
        ConditionExpression: 'version = :before',
        ExpressionAttributeValues: { ':before': { N: String(profile.version - 1) } },
      });
      return written ? 'saved' : 'conflict';
    },
    async *customers() {
      for await (const item of query(client, table, LIST)) yield item.sk?.S ?? '';
    },
    async noteChange(customer, at) {
      await put({ Item: { pk: { S: `changes#${hourKey(at)}` }, sk: { S: customer } } });
    },
    async changesAt(at) {
      const customers: string[] = [];
      for await (const item of query(client, table, `changes#${hourKey(at)}`)) customers.push(item.sk?.S ?? '');
      return customers;
    },
    async keys(customer) {
      const keys: CustomerKey[] = [];
      for await (const item of query(client, table, `customer#${customer}`, 'key#')) {
        keys.push(documentOf(item) as CustomerKey);
      }
      return keys;
    },
    async putKey(key) {
      const names = { pk: { S: `customer#${key.customer}` }, sk: { S: `key#${key.hash}` } };
      await put({ Item: { ...names, document: { S: JSON.stringify(key) } } });
    },
    async putSnapshot(keyHash, snapshot) {
      if (await put({ Item: snapshotItem(keyHash, snapshot), ...mayReplace(snapshot) })) return 'written';
      const owner = (await get(`key#${keyHash}`, 'snapshot'))?.customer?.S;
      return owner === snapshot.customer ? 'older' : 'taken';
    },
    async lastFlush() {
      return Number((await get('access', 'flush'))?.startedAt?.N ?? 0);
    },
    async recordFlush(startedAt) {
      await put({ Item: { ...FLUSH, startedAt: { N: String(startedAt) } } });
    },
  };
}

/** A revocation always lands; anything else only over an older snapshot of the same customer that is not revoked. */
function mayReplace({ customer, keyState, version }: KeySnapshot): Partial<PutItemCommandInput> {
  const owner = { ':customer': { S: customer } };
  if (keyState === 'revoked') {
    return {
      ConditionExpression: 'attribute_not_exists(pk) OR customer = :customer',
      ExpressionAttributeValues: owner,
    };
  }
  return {
    ConditionExpression:
      'attribute_not_exists(pk) OR (customer = :customer AND version < :version AND keyState <> :revoked)',
    ExpressionAttributeValues: { ...owner, ':version': { N: String(version) }, ':revoked': { S: 'revoked' } },
  };
}

function profileItem(profile: CustomerProfile): Item {
  return {
    pk: { S: `customer#${profile.customer.id}` },
    sk: { S: 'profile' },
    version: { N: String(profile.version) },
    status: { S: profile.status },
    document: { S: JSON.stringify(profile) },
  };
}

function documentOf(item: Item): unknown {
  const text = item.document?.S;
  assert(text !== undefined, 'a directory item holds its document');
  return JSON.parse(text);
}

/** @returns false when the condition did not hold */
async function putWhere(client: DynamoDBClient, input: PutItemCommandInput): Promise<boolean> {
  try {
    await client.send(new PutItemCommand(input));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function* query(client: DynamoDBClient, table: string, pk: string, prefix?: string): AsyncGenerator<Item> {
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix === undefined ? {} : { ':prefix': { S: prefix } }) },
    },
  );
  for await (const { Items = [] } of pages) yield* Items;
}
