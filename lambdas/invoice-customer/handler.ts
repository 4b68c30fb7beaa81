import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamodbCredits } from '../../lib/adapters/dynamodb-credits/dynamodb-credits.ts';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { invoiceStores } from '../../lib/adapters/dynamodb-invoices/invoice-stores.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { stripeLimiter } from '../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../lib/adapters/stripe/stripe-billing.ts';
import { stripeClient, stripeSecret } from '../../lib/adapters/stripe/stripe-client.ts';
import { customersTogether } from '../../lib/app/invoice-customer/customers-together.ts';
import { invoiceMessages } from '../../lib/app/invoice-customer/invoice-messages.ts';
import { parseSettings } from '../../lib/app/invoice-customer/settings.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** One message: one customer's period, as far towards a finalized invoice as it goes now. */
export function createHandler(runtime: Runtime) {
  const { clock } = runtime;
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  const secrets = new SecretsManagerClient(runtime.clientConfig('secretsmanager'));
  const client = stripeClient(stripeSecret(secrets, env('STRIPE_SECRET_ARN'), clock), runtime.stripe);
  const work = invoiceMessages({
    ...runtime,
    ...invoiceStores(dynamodb, env('INVOICES_TABLE'), records),
    credits: dynamodbCredits(dynamodb, env('INVOICES_TABLE')),
    settings: parseSettings(env('INVOICING_SETTINGS')),
    billing: stripeBilling(client, stripeLimiter(runtime)),
    usage: dynamodbClosedUsage(dynamodb, env('USAGE_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, clock),
    customers: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
  });
  return ({ Records }: SQSEvent): Promise<SQSBatchResponse> => customersTogether(Records, work, runtime.log);
}
