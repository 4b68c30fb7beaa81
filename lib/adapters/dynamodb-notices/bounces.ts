import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Bounce, BouncedAddresses } from '../../app/ports/notices.ts';
import { documentOf, noticeItems } from './items.ts';

/** `address#<sha256>` / `bounce`, whoever's address it is: it outlives an erased customer, so that it does not hold the address. Needs dynamodb:GetItem, PutItem, DeleteItem. */
export function dynamodbBounces(client: DynamoDBClient, table: string): BouncedAddresses {
  const items = noticeItems(client, table);
  const pk = (address: string) => `address#${createHash('sha256').update(address).digest('hex')}`;
  return {
    async bounced(address) {
      const item = await items.get(pk(address), 'bounce');
      return item && { ...(documentOf(item) as Omit<Bounce, 'address'>), address };
    },
    async markBounced({ address, ...bounce }) {
      const document = { S: JSON.stringify(bounce) };
      await items.put({ pk: { S: pk(address) }, sk: { S: 'bounce' }, document });
    },
    forget: (address) => items.remove(pk(address), 'bounce'),
  };
}
