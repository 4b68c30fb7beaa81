import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Bounce, BouncedAddresses } from '../../app/ports/notices.ts';
import { documentOf, noticeItems } from './items.ts';

/** `address#<address>` / `bounce`, whoever's address it is. Needs dynamodb:GetItem, PutItem, DeleteItem. */
export function dynamodbBounces(client: DynamoDBClient, table: string): BouncedAddresses {
  const items = noticeItems(client, table);
  const pk = (address: string) => `address#${address}`;
  return {
    async bounced(address) {
      const item = await items.get(pk(address), 'bounce');
      return item && (documentOf(item) as Bounce);
    },
    async markBounced(bounce) {
      const document = { S: JSON.stringify(bounce) };
      await items.put({ pk: { S: pk(bounce.address) }, sk: { S: 'bounce' }, document });
    },
    forget: (address) => items.remove(pk(address), 'bounce'),
  };
}
