import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
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
import { noticesKey } from '../../lib/adapters/notices-secret/notices-secret.ts';
import { interFonts } from '../../lib/adapters/report-fonts/inter.ts';
import { presignedLinks } from '../../lib/adapters/s3-objects/presigned-get.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import {
  sqsAccessQueue,
  sqsEvaluationQueue,
  sqsNoticeQueue,
  sqsWatchQueue,
} from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { sqsRequestQueue } from '../../lib/adapters/sqs-queues/sqs-request-queue.ts';
import { stripeLimiter } from '../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../lib/adapters/stripe/stripe-billing.ts';
import { stripeClient, stripeSecret } from '../../lib/adapters/stripe/stripe-client.ts';
import { stripeCorrections } from '../../lib/adapters/stripe/stripe-corrections.ts';
import type { PortalNeeds } from '../../lib/app/portal/portal-ports.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { SECOND_MS } from '../../lib/domain/time/time.ts';

/** Everything that the pages read and write, on AWS. */
export function portalStores(runtime: Runtime, secrets: SecretsManagerClient): PortalNeeds {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const s3 = new S3Client(runtime.clientConfig('s3'));
  const records = s3Objects(s3, env('RECORDS_BUCKET'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const client = stripeClient(stripeSecret(secrets, env('STRIPE_SECRET_ARN'), runtime.clock), runtime.stripe);
  const limiter = stripeLimiter(runtime);
  return {
    directory: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, runtime.clock),
    usage: dynamodbClosedUsage(dynamodb, env('USAGE_TABLE')),
    provisional: dynamodbProvisionalUsage(dynamodb, env('USAGE_TABLE')),
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE'), records),
    corrections: dynamodbCorrections(dynamodb, env('INVOICES_TABLE')),
    fonts: () => interFonts(runtime.env.LAMBDA_TASK_ROOT),
    store: dynamodbPortalStore(dynamodb, env('PORTAL_TABLE')),
    requests: dynamodbCustomerRequests(dynamodb, env('PORTAL_TABLE')),
    requestQueue: sqsRequestQueue(sqs, env('REQUEST_QUEUE_URL')),
    files: records,
    downloadLink: presignedLinks(s3, env('RECORDS_BUCKET'), runtime.clock),
    inlineBytesMax: 4_000_000,
    evaluations: sqsEvaluationQueue(sqs, env('EVALUATION_QUEUE_URL')),
    alerts: {
      ...alertStores(dynamodb, env('NOTICES_TABLE')),
      noticeQueue: sqsNoticeQueue(sqs, env('NOTICE_QUEUE_URL')),
      watchQueue: sqsWatchQueue(sqs, env('WATCH_QUEUE_URL')),
      key: noticesKey(secrets, env('NOTICES_SECRET_ARN')),
      mailFrom: runtime.env.MAIL_FROM ?? null,
      bufferedMs: Number(env('BUFFERING_SECONDS')) * SECOND_MS,
      webhooksToLoopback: runtime.webhooksToLoopback === true,
    },
    queue: sqsAccessQueue(sqs, env('ACCESS_QUEUE_URL'), runtime.random),
    billing: { ...stripeBilling(client, limiter), ...stripeCorrections(client, limiter) },
    clock: runtime.clock,
    sessionClock: runtime.clock,
    random: runtime.random,
  };
}
