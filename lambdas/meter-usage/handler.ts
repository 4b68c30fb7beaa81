import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbProvisionalUsage } from '../../lib/adapters/dynamodb-usage/provisional.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
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
    ledger: s3Objects(s3, ledgerBucket),
    records,
    usage: dynamodbProvisionalUsage(dynamodb, requireEnv(runtime, 'USAGE_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, requireEnv(runtime, 'RULESETS_TABLE'), records, runtime.clock),
  });
  const failed = async ({ messageId, body }: SQSRecord): Promise<string[]> => {
    try {
      for (const created of parseObjectCreated(body)) if (created.bucket === ledgerBucket) await meter(created);
      return [];
    } catch (fault) {
      runtime.log.error('a ledger object could not be counted', { messageId, fault: String(fault) });
      return [messageId];
    }
  };
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const failures: string[] = [];
    // One after the other: an object can take hundreds of megabytes when expanded.
    for (const record of Records) failures.push(...(await failed(record)));
    return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
