import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbBounces } from './bounces.ts';
import { dynamodbAlertSettings, dynamodbDeliveries, dynamodbNotices } from './notices.ts';
import { dynamodbWatches } from './watches.ts';

/** All that is kept in the notices table. */
export const alertStores = (client: DynamoDBClient, table: string) => ({
  watches: dynamodbWatches(client, table),
  notices: dynamodbNotices(client, table),
  settings: dynamodbAlertSettings(client, table),
  deliveries: dynamodbDeliveries(client, table),
  bounces: dynamodbBounces(client, table),
});
