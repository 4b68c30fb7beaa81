import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ObjectStore } from '../../app/ports/object-store.ts';
import { dynamodbApprovals, dynamodbCorrections } from './corrections.ts';
import { dynamodbInvoices } from './dynamodb-invoices.ts';

/** All that is kept in the invoices table but credit. */
export const invoiceStores = (
  client: DynamoDBClient,
  table: string,
  records: Pick<ObjectStore, 'get' | 'putOnce'>,
) => ({
  invoices: dynamodbInvoices(client, table, records),
  corrections: dynamodbCorrections(client, table),
  approvals: dynamodbApprovals(client, table),
});
