import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsAccessQueue, sqsEvaluationQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { compiledRulesets } from '../../lib/app/evaluate-customers/compiled-rulesets.ts';
import { eachAlone } from '../../lib/app/evaluate-customers/each-alone.ts';
import { evaluateCustomers, parseEvaluationCommand } from '../../lib/app/evaluate-customers/evaluate-customers.ts';
import { knownFacts } from '../../lib/app/evaluate-customers/known-facts.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** Woken by the daily schedule (`{ "task": "evaluate" }`) and by commands on the evaluation queue. */
export function createHandler(runtime: Runtime) {
  const { clock, random } = runtime;
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  const evaluate = evaluateCustomers({
    ...runtime,
    directory: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, clock),
    access: sqsAccessQueue(sqs, env('ACCESS_QUEUE_URL'), random),
    evaluations: sqsEvaluationQueue(sqs, env('EVALUATION_QUEUE_URL')),
    compile: compiledRulesets(),
    facts: knownFacts(dynamodbClosedUsage(dynamodb, env('USAGE_TABLE'))),
  });
  const work = async (command: unknown): Promise<void> => void (await evaluate(parseEvaluationCommand(command)));
  return async (event: SQSEvent | { readonly task: string }): Promise<SQSBatchResponse> => {
    if ('Records' in event) return eachAlone(event.Records, (body) => work(JSON.parse(body)), runtime.log);
    await work(event);
    return { batchItemFailures: [] };
  };
}
