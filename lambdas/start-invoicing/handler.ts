import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbInvoices } from '../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsInvoiceQueue } from '../../lib/adapters/sqs-invoice-queue/sqs-invoice-queue.ts';
import { parsedOnce } from '../../lib/app/invoice-customer/parsed-once.ts';
import { advanceDunning } from '../../lib/app/receive-stripe-events/dunning.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { startInvoicing } from '../../lib/app/start-invoicing/start-invoicing.ts';
import { dunningPorts } from '../receive-stripe-events/dunning-ports.ts';

/** Woken every hour by the schedule (`{ "task": "invoice" }`): invoices that are due, customers who are late. */
export function createHandler(runtime: Runtime) {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  const ports = {
    ...runtime,
    customers: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE'), records),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, runtime.clock),
    parseRuleset: parsedOnce(),
    queue: sqsInvoiceQueue(sqs, env('INVOICE_QUEUE_URL')),
    delayHours: Number(env('INVOICE_DELAY_HOURS')),
  };
  const dunning = dunningPorts(runtime, dynamodb);
  return async (_event: { readonly task: string }) => {
    const [started, looked] = await Promise.allSettled([startInvoicing(ports), advanceDunning(dunning)]);
    if (started.status === 'rejected') throw started.reason;
    if (looked.status === 'rejected') throw looked.reason;
    return started.value;
  };
}
