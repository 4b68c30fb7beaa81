import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AccessQueue, EvaluationQueue } from '../../app/ports/access-queue.ts';
import type { NoticeQueue, WatchQueue } from '../../app/ports/notices.ts';
import type { Randomness } from '../../app/runtime.ts';
import { assert } from '../../domain/assert.ts';

/** What SQS takes for one message of a standard queue. */
const DELAY_SECONDS_MAX = 900;

/**
 * The FIFO queue to `provision-access`. One message group, so that one command runs at a time and in order. Each send has
 * its own deduplication id: the same command twice within five minutes can both be meant (placed, moved away, placed again).
 * Needs sqs:SendMessage.
 */
export function sqsAccessQueue(client: SQSClient, queueUrl: string, random: Randomness): AccessQueue {
  return {
    async send(command) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(command),
          MessageGroupId: 'access',
          MessageDeduplicationId: random.hex(16),
        }),
      );
    },
  };
}

/** The standard queue to `evaluate-customers`. Needs sqs:SendMessage. */
export function sqsEvaluationQueue(client: SQSClient, queueUrl: string): EvaluationQueue {
  return {
    async send(command, delaySeconds = 0) {
      assert(delaySeconds >= 0 && delaySeconds <= DELAY_SECONDS_MAX, 'SQS delays a message by 0 to 900 seconds');
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(command),
          ...(delaySeconds > 0 ? { DelaySeconds: delaySeconds } : {}),
        }),
      );
    },
  };
}

/** The standard queue to `send-notices`. Needs sqs:SendMessage. */
export function sqsNoticeQueue(client: SQSClient, queueUrl: string): NoticeQueue {
  return {
    async send(message, delaySeconds = 0) {
      assert(delaySeconds >= 0 && delaySeconds <= DELAY_SECONDS_MAX, 'SQS delays a message by 0 to 900 seconds');
      const MessageBody = JSON.stringify(message);
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds: delaySeconds }));
    },
  };
}

/** Ids are at most 128 bytes: far below what SQS takes for one message. */
const CUSTOMERS_TOGETHER = 1_000;

/** The standard queue to `watch-usage`: one message for many customers. Needs sqs:SendMessage. */
export function sqsWatchQueue(client: SQSClient, queueUrl: string): WatchQueue {
  return {
    async send(customers, urgency = 'whenDue') {
      for (let from = 0; from < customers.length; from += CUSTOMERS_TOGETHER) {
        const together = customers.slice(from, from + CUSTOMERS_TOGETHER);
        const MessageBody = JSON.stringify({ customers: together, urgency });
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
      }
    },
  };
}
