import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SNSEvent } from 'aws-lambda';
import { dynamodbBounces } from '../../lib/adapters/dynamodb-notices/bounces.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { parseMailEvent } from '../../lib/app/send-notices/mail-event.ts';

/** What SES says of mail that came back or was complained about. Told twice, it is the same mark. */
export function createHandler(runtime: Runtime) {
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const bounces = dynamodbBounces(dynamodb, requireEnv(runtime, 'NOTICES_TABLE'));
  return async ({ Records }: SNSEvent): Promise<void> => {
    for (const { Sns } of Records) {
      for (const bounce of parseMailEvent(Sns.Message, runtime.clock.now())) {
        await bounces.markBounced(bounce);
        runtime.metrics.count('AddressesBounced', 1);
      }
    }
  };
}
