import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbProvisionalUsage } from '../../lib/adapters/dynamodb-usage/provisional.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsWatchQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { eachAlone } from '../../lib/app/evaluate-customers/each-alone.ts';
import { meterObject } from '../../lib/app/meter-usage/meter-object.ts';
import { parseObjectCreated } from '../../lib/app/meter-usage/object-created.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** Counts the ledger objects that a message names. A message fails alone and goes to the dead-letter queue after its retries. */
export function createHandler(runtime: Runtime) {
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const s3 = new S3Client(runtime.clientConfig('s3'));
  const ledgerBucket = requireEnv(runtime, 'LEDGER_BUCKET');
  const records = s3Objects(s3, requireEnv(runtime, 'RECORDS_BUCKET'));
  const meter = meterObject({
    ...runtime,
    watch: sqsWatchQueue(new SQSClient(runtime.clientConfig('sqs')), requireEnv(runtime, 'WATCH_QUEUE_URL')),
    ledger: s3Objects(s3, ledgerBucket),
    records,
    usage: dynamodbProvisionalUsage(dynamodb, requireEnv(runtime, 'USAGE_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, requireEnv(runtime, 'RULESETS_TABLE'), records, runtime.clock),
  });
  // One after the other: an object can take hundreds of megabytes when expanded.
  return ({ Records }: SQSEvent): Promise<SQSBatchResponse> =>
    eachAlone(
      Records,
      async (body) => {
        for (const created of parseObjectCreated(body)) if (created.bucket === ledgerBucket) await meter(created);
      },
      runtime.log,
    );
}
