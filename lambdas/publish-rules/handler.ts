import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { answerCloudFormation } from '../../lib/adapters/cloudformation-answer/answer.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsEvaluationQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { publishFile } from '../../lib/app/publish-rules/publish-file.ts';
import { publishRules } from '../../lib/app/publish-rules/publish-rules.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** Custom resource: publishes the rules that were deployed beside this code. Deleting the stack leaves what was published. */
export function createHandler(runtime: Runtime) {
  const { env, clock, log } = runtime;
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), requireEnv(runtime, 'RECORDS_BUCKET'));
  const rulesets = dynamodbRulesets(dynamodb, requireEnv(runtime, 'RULESETS_TABLE'), records, clock);
  const evaluations = sqsEvaluationQueue(sqs, requireEnv(runtime, 'EVALUATION_QUEUE_URL'));
  const publish = publishRules({ rulesets, evaluations, clock, log });
  const file = resolve(env.LAMBDA_TASK_ROOT ?? '.', requireEnv(runtime, 'RULESET_FILE'));

  return async (event: CloudFormationCustomResourceEvent): Promise<void> => {
    const answer =
      event.RequestType === 'Delete' ? KEPT : await publishFile(publish, await readFile(file, 'utf8'), log);
    await answerCloudFormation(event, 'tollgate-ruleset', answer);
  };
}

const KEPT = { status: 'SUCCESS', data: {} } as const;
