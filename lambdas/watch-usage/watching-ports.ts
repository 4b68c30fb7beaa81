import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbCredits } from '../../lib/adapters/dynamodb-credits/dynamodb-credits.ts';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { invoiceStores } from '../../lib/adapters/dynamodb-invoices/invoice-stores.ts';
import { dynamodbNotices } from '../../lib/adapters/dynamodb-notices/notices.ts';
import { dynamodbWatches } from '../../lib/adapters/dynamodb-notices/watches.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { dynamodbProvisionalUsage } from '../../lib/adapters/dynamodb-usage/provisional.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsAccessQueue, sqsNoticeQueue, sqsWatchQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { parsedOnce } from '../../lib/app/invoice-customer/parsed-once.ts';
import type { Directory } from '../../lib/app/ports/directory.ts';
import type { WatchQueue } from '../../lib/app/ports/notices.ts';
import { entitlement } from '../../lib/app/provision-access/entitlement.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import type { WatchingPorts } from '../../lib/app/watch-usage/watch-customer.ts';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';

/** Everything that a look reads and writes, on AWS. */
export function watchingPorts(runtime: Runtime): WatchingPorts & { directory: Directory; watchQueue: WatchQueue } {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  const directory = dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE'));
  const queue = sqsAccessQueue(sqs, env('ACCESS_QUEUE_URL'), runtime.random);
  return {
    ...{ ...runtime, directory, entitlement: entitlement({ directory, queue, clock: runtime.clock }) },
    ...invoiceStores(dynamodb, env('INVOICES_TABLE'), records),
    watchQueue: sqsWatchQueue(sqs, env('WATCH_QUEUE_URL')),
    noticeQueue: sqsNoticeQueue(sqs, env('NOTICE_QUEUE_URL')),
    credits: dynamodbCredits(dynamodb, env('INVOICES_TABLE')),
    watches: dynamodbWatches(dynamodb, env('NOTICES_TABLE')),
    notices: dynamodbNotices(dynamodb, env('NOTICES_TABLE')),
    usage: dynamodbClosedUsage(dynamodb, env('USAGE_TABLE')),
    provisional: dynamodbProvisionalUsage(dynamodb, env('USAGE_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, runtime.clock),
    ...{ rater: cardRater(), parseRuleset: parsedOnce() },
  };
}
