import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { type CloseHoursPorts, type CloseSummary, closeHours } from '../../lib/app/close-hours/close-hours.ts';
import { type SweepSummary, sweepLate } from '../../lib/app/close-hours/sweep-late.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** Kept free before the function's timeout: the hour at hand must be done by then. */
const MARGIN_MS = 60_000;

/** Hourly `{ "task": "close" }`, daily `{ "task": "sweep" }` for what landed after its hour was closed. */
export function createHandler(runtime: Runtime) {
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const s3 = new S3Client(runtime.clientConfig('s3'));
  const records = s3Objects(s3, requireEnv(runtime, 'RECORDS_BUCKET'));
  const ports: CloseHoursPorts = {
    ...runtime,
    records,
    ledger: s3Objects(s3, requireEnv(runtime, 'LEDGER_BUCKET')),
    usage: dynamodbClosedUsage(dynamodb, requireEnv(runtime, 'USAGE_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, requireEnv(runtime, 'RULESETS_TABLE'), records, runtime.clock),
    watermarkHours: Number(requireEnv(runtime, 'WATERMARK_HOURS')),
  };
  return async ({ task }: { task: string }, context: Context): Promise<CloseSummary | SweepSummary> => {
    const hasTime = () => context.getRemainingTimeInMillis() > MARGIN_MS;
    const request = { now: runtime.clock.now(), hasTime };
    if (task === 'close') return closeHours(ports, request);
    if (task === 'sweep') return sweepLate(ports, request);
    throw new Error(`close-hours knows the tasks close and sweep, not ${JSON.stringify(task)}`);
  };
}
