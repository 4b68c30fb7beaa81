import { createHash } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Bounce, BouncedAddresses } from '../../app/ports/notices.ts';
import { documentIn, documentOf, itemKey, itemsIn } from '../aws/dynamodb-items.ts';

/** `address#<sha256>` / `bounce`, whoever's address it is: it outlives an erased customer, so that it does not hold the address. Needs dynamodb:GetItem, PutItem, DeleteItem. */
export function dynamodbBounces(client: DynamoDBClient, table: string): BouncedAddresses {
  const items = itemsIn(client, table);
  const pk = (address: string) => `address#${createHash('sha256').update(address).digest('hex')}`;
  return {
    async bounced(address) {
      const item = await items.get(pk(address), 'bounce');
      return item && { ...(documentOf(item) as Omit<Bounce, 'address'>), address };
    },
    async markBounced({ address, ...bounce }) {
      await items.put({ ...itemKey(pk(address), 'bounce'), ...documentIn(bounce) });
    },
    forget: (address) => items.remove(pk(address), 'bounce'),
  };
}
