import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { formatInvoiceMessage } from '../../app/start-invoicing/message.ts';
import type { InvoiceQueue } from '../../app/start-invoicing/start-invoicing.ts';

/** SQS's limit for one call. */
const MESSAGES_A_CALL = 10;

/** The queue to `invoice-customer`. Needs sqs:SendMessage. */
export function sqsInvoiceQueue(client: SQSClient, queueUrl: string): InvoiceQueue {
  return {
    async send(keys) {
      for (let i = 0; i < keys.length; i += MESSAGES_A_CALL) {
        const chunk = keys.slice(i, i + MESSAGES_A_CALL);
        const Entries = chunk.map((key, index) => ({ Id: String(index), MessageBody: formatInvoiceMessage(key) }));
        const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        if (Failed.length > 0) throw new Error(`SQS did not take ${Failed.length} messages: ${Failed[0]?.Message}`);
      }
    },
  };
}
