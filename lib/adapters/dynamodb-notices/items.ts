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

export const documentOf = (item: Item): unknown => JSON.parse(item.document?.S ?? '');
/** TTL wants whole seconds. */
export const expiring = (at: EpochMs): Item => ({ expiresAt: { N: String(Math.ceil(at / SECOND_MS)) } });

/** An item of a document that carries its version. */
export const versioned = (pk: string, sk: string, document: { readonly version: number }): Item => ({
  pk: { S: pk },
  sk: { S: sk },
  document: { S: JSON.stringify(document) },
  version: { N: String(document.version) },
});

/** @returns false when the condition did not hold */
async function conditional(send: () => Promise<unknown>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** What is asked of the notices table: single items, and one partition in order. */
export function noticeItems(client: DynamoDBClient, table: string) {
  const key = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
  return {
    async get(pk: string, sk: string): Promise<Item | undefined> {
      const command = new GetItemCommand({ TableName: table, Key: key(pk, sk), ConsistentRead: true });
      return (await client.send(command)).Item;
    },
    /**
     * @param version of a versioned item: it replaces the one before; 0 puts only where there is none
     * @returns false when the condition did not hold
     */
    put: (Item: Item, version?: number): Promise<boolean> =>
      conditional(() => {
        const first = 'attribute_not_exists(pk)';
        const condition = version === undefined ? undefined : version <= 1 ? first : 'version = :before';
        return client.send(
          new PutItemCommand({
            TableName: table,
            Item,
            ...(condition === undefined ? {} : { ConditionExpression: condition }),
            ...(version === undefined || version <= 1
              ? {}
              : { ExpressionAttributeValues: { ':before': { N: String(version - 1) } } }),
          }),
        );
      }),
    /** Under a condition of the caller's. */
    putWhen: (Item: Item, condition: string, names: Record<string, string>, values: Item): Promise<boolean> =>
      conditional(() =>
        client.send(
          new PutItemCommand({
            TableName: table,
            Item,
            ConditionExpression: condition,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
          }),
        ),
      ),
    async remove(pk: string, sk: string): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName: table, Key: key(pk, sk) }));
    },
    /** From the last sort key back; with a limit only so many. */
    async newest(pk: string, limit = Number.POSITIVE_INFINITY): Promise<Item[]> {
      const found: Item[] = [];
      let from: Item | undefined;
      do {
        const answer = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: pk } },
            ScanIndexForward: false,
            ...(Number.isFinite(limit) ? { Limit: limit } : {}),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        found.push(...(answer.Items ?? []));
        from = answer.LastEvaluatedKey;
      } while (from !== undefined && found.length < limit);
      return found;
    },
  };
}
