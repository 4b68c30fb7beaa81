import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbInvoices } from '../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { sqsInvoiceQueue } from '../../lib/adapters/sqs-invoice-queue/sqs-invoice-queue.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { startInvoicing } from '../../lib/app/start-invoicing/start-invoicing.ts';

/** Woken every hour by the schedule (`{ "task": "invoice" }`). */
export function createHandler(runtime: Runtime) {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const ports = {
    ...runtime,
    customers: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE')),
    queue: sqsInvoiceQueue(sqs, env('INVOICE_QUEUE_URL')),
    delayHours: Number(env('INVOICE_DELAY_HOURS')),
  };
  return (_event: { readonly task: string }) => startInvoicing(ports);
}
