import { gunzipSync, gzipSync } from 'node:zlib';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Watches, WatchState } from '../../app/ports/notices.ts';
import type { UsageArchive } from '../../domain/alerts/usage-archive.ts';
import { documentOf, follows, itemKey, itemsIn, versioned } from '../aws/dynamodb-items.ts';

/** DynamoDB's limit for an item is 400 KB with its keys. */
const ARCHIVE_BYTES_MAX = 350 * 1024;

/**
 * `watch#<customer>`: `state`, what the last look found, and `archive`, the closed hours of the open period, compressed.
 * Needs dynamodb:GetItem and PutItem.
 */
export function dynamodbWatches(client: DynamoDBClient, table: string): Watches {
  const items = itemsIn(client, table);
  const pk = (customer: string) => `watch#${customer}`;
  return {
    async state(customer) {
      const item = await items.get(pk(customer), 'state');
      return item && (documentOf(item) as WatchState);
    },
    async saveState(state) {
      return (await items.put(versioned(pk(state.customer), 'state', state), follows(state.version)))
        ? 'saved'
        : 'stale';
    },
    async archive(customer) {
      const bytes = (await items.get(pk(customer), 'archive'))?.archive?.B;
      return bytes && (JSON.parse(gunzipSync(bytes).toString()) as UsageArchive);
    },
    async saveArchive(archive) {
      const bytes = gzipSync(JSON.stringify(archive));
      if (bytes.length > ARCHIVE_BYTES_MAX) return 'too-large';
      await items.put({ ...itemKey(pk(archive.customer), 'archive'), archive: { B: bytes } });
      return 'saved';
    },
  };
}
