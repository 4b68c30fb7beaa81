import { createHash } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { EventIdentity, IdentityIndex } from '../../app/ports/identities.ts';
import { SECOND_MS } from '../../domain/time/time.ts';

/**
 * The identities table. DynamoDB deletes an expired item within days, not at once, so that expiry is part of the
 * condition and TTL only saves storage. `expiresAt` is in whole seconds, as TTL wants it.
 * Needs dynamodb:PutItem and dynamodb:GetItem.
 */
export function dynamodbIdentities(client: DynamoDBClient, table: string): IdentityIndex {
  return {
    async claim({ identity, digest, now, expiresAt }) {
      const key = { pk: { S: identityKey(identity) }, sk: { S: 'event' } };
      const nowSeconds = Math.floor(now / SECOND_MS);
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...key, digest: { S: digest }, expiresAt: { N: String(Math.ceil(expiresAt / SECOND_MS)) } },
            ConditionExpression: 'attribute_not_exists(pk) OR expiresAt < :now',
            ExpressionAttributeValues: { ':now': { N: String(nowSeconds) } },
          }),
        );
        return 'claimed';
      } catch (fault) {
        if (!(fault instanceof ConditionalCheckFailedException)) throw fault;
      }
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
      // Swept away between the two calls: it had expired just now, and saying "retry" is right for both bodies.
      if (Item === undefined) throw new Error('the identity expired while it was being claimed: retry');
      return Item.digest?.S === digest ? 'known' : 'conflict';
    },
  };
}

/** A source may not contain NUL, so the pair cannot be split in two ways. */
const identityKey = ({ source, id }: EventIdentity): string =>
  createHash('sha256').update(`${source}\0${id}`).digest('hex');
