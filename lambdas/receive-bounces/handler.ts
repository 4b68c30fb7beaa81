import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SNSEvent } from 'aws-lambda';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbBounces } from '../../lib/adapters/dynamodb-notices/bounces.ts';
import { dynamodbNotices } from '../../lib/adapters/dynamodb-notices/notices.ts';
import { sqsNoticeQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { parseMailEvent } from '../../lib/app/send-notices/mail-event.ts';
import { receiveReturned } from '../../lib/app/send-notices/receive-returned.ts';

/** What SES says of mail that came back or was complained about. */
export function createHandler(runtime: Runtime) {
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const table = requireEnv(runtime, 'NOTICES_TABLE');
  const ports = {
    ...{ log: runtime.log, metrics: runtime.metrics },
    bounces: dynamodbBounces(dynamodb, table),
    notices: dynamodbNotices(dynamodb, table),
    directory: dynamodbDirectory(dynamodb, requireEnv(runtime, 'DIRECTORY_TABLE')),
    queue: sqsNoticeQueue(new SQSClient(runtime.clientConfig('sqs')), requireEnv(runtime, 'NOTICE_QUEUE_URL')),
  };
  return async ({ Records }: SNSEvent): Promise<void> => {
    for (const { Sns } of Records) {
      const returned = parseMailEvent(Sns.Message, runtime.clock.now());
      if (returned !== undefined) await receiveReturned(returned, ports);
    }
  };
}
