import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbCredits } from '../../lib/adapters/dynamodb-credits/dynamodb-credits.ts';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbCorrections } from '../../lib/adapters/dynamodb-invoices/corrections.ts';
import { dynamodbInvoices } from '../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { alertStores } from '../../lib/adapters/dynamodb-notices/alert-stores.ts';
import { dynamodbCustomerRequests } from '../../lib/adapters/dynamodb-portal/customer-requests.ts';
import { dynamodbPortalStore } from '../../lib/adapters/dynamodb-portal/dynamodb-portal.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { dynamodbProvisionalUsage } from '../../lib/adapters/dynamodb-usage/provisional.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsAccessQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { stripeLimiter } from '../../lib/adapters/stripe/limiter.ts';
import { stripeClient, stripeSecret } from '../../lib/adapters/stripe/stripe-client.ts';
import { stripeCorrections } from '../../lib/adapters/stripe/stripe-corrections.ts';
import { type FulfilStores, fulfilPorts } from '../../lib/app/fulfil-requests/fulfil-ports.ts';
import type { FulfilPorts } from '../../lib/app/fulfil-requests/fulfil-request.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** Everything that customers' requests read and write, on AWS. */
export function requestPorts(runtime: Runtime): FulfilPorts {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const s3 = new S3Client(runtime.clientConfig('s3'));
  const records = s3Objects(s3, env('RECORDS_BUCKET'));
  const secrets = new SecretsManagerClient(runtime.clientConfig('secretsmanager'));
  const stripe = stripeClient(stripeSecret(secrets, env('STRIPE_SECRET_ARN'), runtime.clock), runtime.stripe);
  const stores: FulfilStores = {
    directory: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, runtime.clock),
    usage: dynamodbClosedUsage(dynamodb, env('USAGE_TABLE')),
    provisional: dynamodbProvisionalUsage(dynamodb, env('USAGE_TABLE')),
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE'), records),
    credits: dynamodbCredits(dynamodb, env('INVOICES_TABLE')),
    corrections: dynamodbCorrections(dynamodb, env('INVOICES_TABLE')),
    store: dynamodbPortalStore(dynamodb, env('PORTAL_TABLE')),
    alerts: alertStores(dynamodb, env('NOTICES_TABLE')),
    requests: dynamodbCustomerRequests(dynamodb, env('PORTAL_TABLE')),
    queue: sqsAccessQueue(new SQSClient(runtime.clientConfig('sqs')), env('ACCESS_QUEUE_URL'), runtime.random),
    billing: stripeCorrections(stripe, stripeLimiter(runtime)),
    ledger: s3Objects(s3, env('LEDGER_BUCKET')),
    records,
  };
  return fulfilPorts(stores, runtime);
}
