import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  sqsAccessQueue,
  sqsEvaluationQueue,
  sqsNoticeQueue,
  sqsWatchQueue,
} from '../../../lib/adapters/sqs-queues/sqs-queues.ts';

function client() {
  const sent: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => void sent.push(input);
  return { sent, sqs: { send } as unknown as SQSClient };
}

test('access commands keep their order in one group; the same command twice is two messages', async () => {
  const { sent, sqs } = client();
  let n = 0;
  const queue = sqsAccessQueue(sqs, 'https://access', { hex: () => String(n++) });
  const command = { do: 'retire', customer: 'acme' } as const;
  await queue.send(command);
  await queue.send(command);
  const message = { QueueUrl: 'https://access', MessageBody: JSON.stringify(command), MessageGroupId: 'access' };
  expect(sent).toEqual([
    { ...message, MessageDeduplicationId: '0' },
    { ...message, MessageDeduplicationId: '1' },
  ]);
});

test('evaluations wait as long as they are told, which SQS limits', async () => {
  const { sent, sqs } = client();
  const queue = sqsEvaluationQueue(sqs, 'https://evaluations');
  await queue.send({ task: 'evaluate' });
  await queue.send({ task: 'apply', notBefore: 5 }, 900);
  expect(sent).toEqual([
    { QueueUrl: 'https://evaluations', MessageBody: '{"task":"evaluate"}' },
    { QueueUrl: 'https://evaluations', MessageBody: '{"task":"apply","notBefore":5}', DelaySeconds: 900 },
  ]);
  await expect(queue.send({ task: 'evaluate' }, 901)).rejects.toThrow('0 to 900 seconds');
});

test('notices wait as long as they are told, at most what SQS allows', async () => {
  const { sent, sqs } = client();
  const queue = sqsNoticeQueue(sqs, 'https://notices');
  const message = { customer: 'acme', notice: 'n' };
  await queue.send(message);
  await queue.send(message, 900);
  const MessageBody = JSON.stringify(message);
  expect(sent).toEqual([
    { QueueUrl: 'https://notices', MessageBody, DelaySeconds: 0 },
    { QueueUrl: 'https://notices', MessageBody, DelaySeconds: 900 },
  ]);
  await expect(queue.send(message, 901)).rejects.toThrow(/0 to 900/);
});

test('looks are asked for a thousand customers at a time; for none, no message is sent', async () => {
  const { sent, sqs } = client();
  const queue = sqsWatchQueue(sqs, 'https://looks');
  await queue.send([]);
  await queue.send(
    Array.from({ length: 1_001 }, (_, index) => `c${index}`),
    'now',
  );
  const bodies = sent.map(
    ({ MessageBody }) => JSON.parse(String(MessageBody)) as { customers: string[]; urgency: string },
  );
  expect(bodies.map(({ customers, urgency }) => [customers.length, urgency])).toEqual([
    [1_000, 'now'],
    [1, 'now'],
  ]);
});
