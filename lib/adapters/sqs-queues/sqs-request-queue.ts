import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RequestQueue } from '../../app/ports/customer-requests.ts';

/** The standard queue to `fulfil-requests`. Needs sqs:SendMessage. */
export function sqsRequestQueue(client: SQSClient, queueUrl: string): RequestQueue {
  return {
    async send({ customer, id }) {
      const MessageBody = JSON.stringify({ customer, id });
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
    },
  };
}
