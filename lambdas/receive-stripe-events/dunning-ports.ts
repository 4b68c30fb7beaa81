import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbDunningWatch } from '../../lib/adapters/dynamodb-dunning/dynamodb-dunning.ts';
import { dynamodbInvoices } from '../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsAccessQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { entitlement } from '../../lib/app/provision-access/entitlement.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { parseDunning } from '../../lib/domain/invoicing/payment.ts';

/** What dunning stands on: shared with the function that looks every hour. */
export function dunningPorts(runtime: Runtime, dynamodb: DynamoDBClient) {
  const { clock, random } = runtime;
  const env = (name: string) => requireEnv(runtime, name);
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  const directory = dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE'));
  const queue = sqsAccessQueue(new SQSClient(runtime.clientConfig('sqs')), env('ACCESS_QUEUE_URL'), random);
  return {
    ...runtime,
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE'), records),
    customers: directory,
    entitlement: entitlement({ directory, queue, clock }),
    watch: dynamodbDunningWatch(dynamodb, env('INVOICES_TABLE')),
    dunning: parseDunning(runtime.env.DUNNING),
  };
}
