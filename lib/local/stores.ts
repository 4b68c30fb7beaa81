import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbCredits } from '../adapters/dynamodb-credits/dynamodb-credits.ts';
import { dynamodbDecisions } from '../adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../adapters/dynamodb-directory/directory.ts';
import { dynamodbApprovals, dynamodbCorrections } from '../adapters/dynamodb-invoices/corrections.ts';
import { dynamodbInvoices } from '../adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { dynamodbRulesets } from '../adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../adapters/dynamodb-usage/closed.ts';
import { dynamodbProvisionalUsage } from '../adapters/dynamodb-usage/provisional.ts';
import { s3Objects } from '../adapters/s3-objects/s3-objects.ts';
import { sqsInvoiceQueue } from '../adapters/sqs-invoice-queue/sqs-invoice-queue.ts';
import { sqsAccessQueue, sqsEvaluationQueue } from '../adapters/sqs-queues/sqs-queues.ts';
import { type Runtime, requireEnv } from '../app/runtime.ts';

export type Stores = ReturnType<typeof storesOf>;

/**
 * The same adapters that the functions use, for what happens outside of them: operators' commands against a stack on AWS or
 * here, signing up, and reading for the pages.
 *
 * @param runtime with the environment of all functions together
 * @throws Error naming a variable that is not set
 */
export function storesOf(runtime: Pick<Runtime, 'env' | 'clock' | 'random' | 'clientConfig'>) {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const s3 = new S3Client(runtime.clientConfig('s3'));
  const records = s3Objects(s3, env('RECORDS_BUCKET'));
  return {
    directory: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, runtime.clock),
    usage: dynamodbClosedUsage(dynamodb, env('USAGE_TABLE')),
    provisional: dynamodbProvisionalUsage(dynamodb, env('USAGE_TABLE')),
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE'), records),
    credits: dynamodbCredits(dynamodb, env('INVOICES_TABLE')),
    corrections: dynamodbCorrections(dynamodb, env('INVOICES_TABLE')),
    approvals: dynamodbApprovals(dynamodb, env('INVOICES_TABLE')),
    ledger: s3Objects(s3, env('LEDGER_BUCKET')),
    records,
    queue: sqsAccessQueue(sqs, env('ACCESS_QUEUE_URL'), runtime.random),
    evaluations: sqsEvaluationQueue(sqs, env('EVALUATION_QUEUE_URL')),
    invoiceQueue: sqsInvoiceQueue(sqs, env('INVOICE_QUEUE_URL')),
  };
}
