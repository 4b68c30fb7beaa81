import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../../app/in-parallel.ts';

/** DynamoDB's limit for one BatchWriteItem, which also takes at most 16 MB: 25 items of 400 KB. */
const BATCH_ITEMS_MAX = 25;
const BATCHES_AT_ONCE = 4;
const ATTEMPTS_MAX = 8;
const FIRST_PAUSE_MS = 25;

/**
 * Puts items, 25 a call. What DynamoDB leaves unprocessed (throttling) is sent again, with growing pauses.
 * @throws Error when items are still unprocessed after {@link ATTEMPTS_MAX} attempts
 */
export async function writeAll(
  client: DynamoDBClient,
  table: string,
  items: readonly Record<string, AttributeValue>[],
): Promise<void> {
  const count = Math.ceil(items.length / BATCH_ITEMS_MAX);
  const batches = Array.from({ length: count }, (_, i) => items.slice(i * BATCH_ITEMS_MAX, (i + 1) * BATCH_ITEMS_MAX));
  await inParallel(batches, BATCHES_AT_ONCE, (batch) => writeBatch(client, table, batch));
}

async function writeBatch(
  client: DynamoDBClient,
  table: string,
  batch: readonly Record<string, AttributeValue>[],
): Promise<void> {
  let left = batch.map((Item) => ({ PutRequest: { Item } }));
  for (let attempt = 1; ; attempt++) {
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
    left = (UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item === undefined ? [] : [{ PutRequest: { Item: PutRequest.Item } }],
    );
    if (left.length === 0) return;
    if (attempt === ATTEMPTS_MAX) throw new Error(`${left.length} items of ${table} stay unprocessed: throttled`);
    await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
  }
}
