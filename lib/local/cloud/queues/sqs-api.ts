import { SECOND_MS } from '../../../domain/time/time.ts';
import { awsJsonService, requiredText } from '../sdk/aws-json.ts';
import { AwsError, type Service } from '../sdk/http.ts';
import type { World } from '../world.ts';
import type { Message, Queue } from './queue.ts';

type Json = Readonly<Record<string, unknown>>;
const BATCH_MAX = 10;
const MESSAGE_BYTES_MAX = 1_048_576;

/** SQS as its SDK client speaks to it. `ReceiveMessage` answers at once: waiting would have to move the clock. */
export function sqsApi(world: World, queues: ReadonlyMap<string, Queue>): Service {
  const byUrl = new Map([...queues.values()].map((queue) => [queue.url, queue]));
  const queueOf = (input: Json): Queue => {
    const queue = byUrl.get(requiredText(input, 'QueueUrl'));
    if (!queue) throw new AwsError('QueueDoesNotExist', `the template has no queue ${String(input.QueueUrl)}`);
    return queue;
  };
  return awsJsonService('sqs', {
    SendMessage: (input) => send(queueOf(input), input),
    SendMessageBatch: (input) => batch(input, (entry) => send(queueOf(input), entry)),
    ReceiveMessage: (input) => {
      const seconds = input.VisibilityTimeout as number | undefined;
      const queue = queueOf(input);
      const max = Number(input.MaxNumberOfMessages ?? 1);
      const messages = queue.receive(max, seconds === undefined ? queue.visibilityMs : seconds * SECOND_MS);
      return { Messages: messages.map((message) => received(message, world)) };
    },
    DeleteMessage: (input) => queueOf(input).delete(requiredText(input, 'ReceiptHandle')),
    DeleteMessageBatch: (input) =>
      batch(input, (entry) => void queueOf(input).delete(requiredText(entry, 'ReceiptHandle'))),
    ChangeMessageVisibility: (input) =>
      queueOf(input).changeVisibility(
        requiredText(input, 'ReceiptHandle'),
        Number(input.VisibilityTimeout) * SECOND_MS,
      ),
    GetQueueUrl: (input) => {
      const queue = [...queues.values()].find(({ name }) => name === input.QueueName);
      if (!queue) throw new AwsError('QueueDoesNotExist', `the template has no queue ${String(input.QueueName)}`);
      return { QueueUrl: queue.url };
    },
    GetQueueAttributes: (input) => ({ Attributes: attributes(queueOf(input), world) }),
  });
}

function send(queue: Queue, input: Json) {
  const body = requiredText(input, 'MessageBody');
  if (Buffer.byteLength(body) > MESSAGE_BYTES_MAX) {
    throw new AwsError('InvalidParameterValue', `a message must be shorter than ${MESSAGE_BYTES_MAX} bytes`);
  }
  const { id, md5, sequence } = queue.send({
    body,
    delaySeconds: input.DelaySeconds as number | undefined,
    groupId: input.MessageGroupId as string | undefined,
    deduplicationId: input.MessageDeduplicationId as string | undefined,
    attributes: input.MessageAttributes as Json | undefined,
  });
  return { MessageId: id, MD5OfMessageBody: md5, ...(queue.fifo ? { SequenceNumber: sequenceNumber(sequence) } : {}) };
}

function batch(input: Json, run: (entry: Json) => object | undefined) {
  const entries = (input.Entries ?? []) as Json[];
  if (entries.length === 0) throw new AwsError('EmptyBatchRequest', 'there is no entry in the batch');
  if (entries.length > BATCH_MAX) throw new AwsError('TooManyEntriesInBatchRequest', `at most ${BATCH_MAX} entries`);
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'two entries have the same Id');
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

const sequenceNumber = (sequence: number): string => String(18_000_000_000_000_000_000n + BigInt(sequence));

/** The system attributes of a message as a receiver sees them. */
export function systemAttributes(message: Readonly<Message>, { account }: World): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: account,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
    ...(message.groupId === undefined ? {} : { SequenceNumber: sequenceNumber(message.sequence) }),
    ...(message.deadFrom === undefined ? {} : { DeadLetterQueueSourceArn: message.deadFrom }),
  };
}

function received(message: Message, world: World) {
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: message.md5,
    Body: message.body,
    Attributes: systemAttributes(message, world),
    MessageAttributes: message.attributes,
  };
}

function attributes(queue: Queue, { clock }: World): Record<string, string> {
  const now = clock.now();
  const contents = queue.contents();
  const count = (test: (m: Readonly<Message>) => boolean) => String(contents.filter(test).length);
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: count((m) => m.visibleAt <= now),
    ApproximateNumberOfMessagesNotVisible: count((m) => m.visibleAt > now && m.inFlight),
    ApproximateNumberOfMessagesDelayed: count((m) => m.visibleAt > now && !m.inFlight),
    VisibilityTimeout: String(queue.visibilityMs / SECOND_MS),
  };
}
