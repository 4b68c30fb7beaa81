import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { dynamodbProvisionalUsage } from '../../lib/adapters/dynamodb-usage/provisional.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import type { Runtime } from '../../lib/app/runtime.ts';
import type { EpochMs } from '../../lib/domain/time/time.ts';
import { localDynamo } from './dynalite.ts';
import { localBuckets, localQueue, localStream } from './local-aws.ts';
import { recordingMetrics, silent } from './metering-world.ts';

/** The metering functions' surroundings, through the real SDK: DynamoDB, two buckets, a stream and a clock. */
export async function functionWorld(start: EpochMs) {
  const dynamo = await localDynamo();
  const [usageTable, rulesetsTable, identitiesTable] = await Promise.all(
    ['usage', 'rulesets', 'identities'].map((name) => dynamo.table(name)),
  );
  const s3 = localBuckets('ledger', 'records');
  const stream = localStream('events');
  const looks = localQueue('looks');
  const metrics = recordingMetrics();
  let now = start;
  const configs: Record<string, object> = {
    dynamodb: dynamo.config,
    s3: s3.config,
    firehose: stream.config,
    sqs: looks.config,
  };
  const runtime: Runtime = {
    env: {
      USAGE_TABLE: usageTable,
      RULESETS_TABLE: rulesetsTable,
      IDENTITIES_TABLE: identitiesTable,
      LEDGER_BUCKET: 'ledger',
      RECORDS_BUCKET: 'records',
      EVENTS_STREAM: 'events',
      WATCH_QUEUE_URL: looks.url,
      WATERMARK_HOURS: '26',
      EVENT_SOURCES: JSON.stringify({
        'arn:aws:iam::123456789012:role/Billing': { sources: ['/billing'], meters: ['tokens'] },
      }),
    },
    clock: { now: () => now },
    random: { hex: (bytes) => '0'.repeat(bytes * 2) },
    log: silent,
    metrics,
    clientConfig: (service) => configs[service] ?? {},
  };
  const client = new S3Client(s3.config);
  const records = s3Objects(client, 'records');
  return {
    runtime,
    metrics,
    stream,
    looks,
    records,
    ledger: s3Objects(client, 'ledger'),
    rulesets: dynamodbRulesets(new DynamoDBClient(dynamo.config), 'rulesets', records, runtime.clock),
    usage: dynamodbClosedUsage(dynamo.client, 'usage'),
    provisional: dynamodbProvisionalUsage(dynamo.client, 'usage'),
    setTime: (to: EpochMs) => {
      now = to;
    },
    close: () => dynamo.close(),
  };
}

/** An invocation's context, as far as handlers read it. */
export const contextWith = (remainingMs: number): Context =>
  ({ getRemainingTimeInMillis: () => remainingMs }) as Context;
