import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type EpochMs, SECOND_MS } from '../../domain/time/time.ts';

export type Item = Record<string, AttributeValue>;

/** What must hold of the item that a write replaces. */
export interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Item;
}

export const itemKey = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
export const documentIn = (value: unknown): Item => ({ document: { S: JSON.stringify(value) } });
export const documentOf = (item: Item): unknown => JSON.parse(item.document?.S ?? '');
/** TTL wants whole seconds; DynamoDB deletes within days, so whoever reads looks at the time as well. */
export const expiring = (at: EpochMs): Item => ({ expiresAt: { N: String(Math.ceil(at / SECOND_MS)) } });

/** An item of a document that carries its version; put it when it {@link follows}. */
export const versioned = (pk: string, sk: string, document: { readonly version: number }): Item => ({
  ...{ ...itemKey(pk, sk), ...documentIn(document) },
  version: { N: String(document.version) },
});

/** Version 1 only where there is none; a later one only over the one before it. */
export const follows = (version: number): Condition =>
  version <= 1
    ? { expression: 'attribute_not_exists(pk)' }
    : { expression: 'version = :before', values: { ':before': { N: String(version - 1) } } };

/**
 * Single items of one table, and one partition in order. Reads are strongly consistent; every write is one item.
 * Needs dynamodb:GetItem, PutItem, DeleteItem, Query, as far as they are used.
 */
export function itemsIn(client: DynamoDBClient, table: string) {
  return {
    async get(pk: string, sk: string): Promise<Item | undefined> {
      const command = new GetItemCommand({ TableName: table, Key: itemKey(pk, sk), ConsistentRead: true });
      return (await client.send(command)).Item;
    },
    /** @returns false when the condition did not hold */
    async put(Item: Item, condition?: Condition): Promise<boolean> {
      const { expression, names, values } = condition ?? {};
      const command = new PutItemCommand({
        ...{ TableName: table, Item },
        ...(expression === undefined ? {} : { ConditionExpression: expression }),
        ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
        ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
      });
      try {
        await client.send(command);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    async remove(pk: string, sk: string): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName: table, Key: itemKey(pk, sk) }));
    },
    /** All pages in the order of their sort keys. @param prefix of the sort key */
    query: (pk: string, prefix = ''): Promise<Item[]> => pagesOf(client, table, { pk, prefix }),
    /** From the last sort key back; with a limit at least so many, if there are. */
    newest: (pk: string, prefix = '', limit = Number.POSITIVE_INFINITY): Promise<Item[]> =>
      pagesOf(client, table, { pk, prefix, newest: limit }),
  };
}

interface Asked {
  readonly pk: string;
  readonly prefix: string;
  /** Backwards, until so many are found. */
  readonly newest?: number;
}

async function pagesOf(client: DynamoDBClient, table: string, { pk, prefix, newest }: Asked): Promise<Item[]> {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix === '' ? {} : { ':prefix': { S: prefix } }) },
        ...(newest === undefined ? {} : { ScanIndexForward: false }),
        ...(newest !== undefined && Number.isFinite(newest) ? { Limit: newest } : {}),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    found.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
  } while (from !== undefined && (newest === undefined || found.length < newest));
  return found;
}
