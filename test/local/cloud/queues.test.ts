import { SqsSchema } from '@aws-lambda-powertools/parser/schemas/sqs';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import type { CloudOptions } from '../../../lib/local/cloud/index.ts';
import { arnOf, cloudOf, lambda, ref, START } from './small-cloud.ts';

interface Setup {
  readonly fifo?: boolean;
  readonly batchSize?: number;
  readonly windowSeconds?: number;
  /** What the function does with each batch of bodies. */
  readonly work?: (bodies: string[], event: SQSEvent) => unknown;
  readonly options?: Partial<CloudOptions>;
}

/** A queue with a visibility timeout of 60 s, dead letters after 3 receives, and a function, if it has work. */
async function queueOf({ fifo = false, batchSize = 10, windowSeconds = 0, work, options = {} }: Setup) {
  const suffix = fifo ? '.fifo' : '';
  const kind = fifo ? { FifoQueue: true, ContentBasedDeduplication: true } : {};
  const batches: string[][] = [];
  const handler = () => async (event: SQSEvent) => {
    const bodies = event.Records.map(({ body }) => body);
    batches.push(bodies);
    return work?.(bodies, event);
  };
  const source = {
    EventSourceArn: arnOf('Queue'),
    FunctionName: ref('Worker'),
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: windowSeconds,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  };
  const cloud = await cloudOf(
    {
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `dead${suffix}`, ...kind } },
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: `jobs${suffix}`,
          VisibilityTimeout: 60,
          RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 3 },
          ...kind,
        },
      },
      Worker: lambda('worker'),
      ...(work ? { Source: { Type: 'AWS::Lambda::EventSourceMapping', Properties: source } } : {}),
    },
    { functions: { worker: handler }, ...options },
  );
  const sqs = new SQSClient(cloud.clientConfig('sqs'));
  const QueueUrl = cloud.queue('Queue').url;
  const send = (MessageBody: string, more: object = {}) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...(fifo ? { MessageGroupId: 'g' } : {}), ...more }));
  const receive = async (more: object = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
  return { cloud, sqs, QueueUrl, send, receive, batches };
}

const failing =
  (...bad: string[]) =>
  (bodies: string[], event: SQSEvent) => ({
    batchItemFailures: event.Records.filter((_, i) => bad.includes(bodies[i] ?? '')).map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  });

describe('a standard queue', () => {
  test('hides a received message until its visibility ends, then gives it again', async () => {
    const { cloud, send, receive } = await queueOf({});
    await send('a');
    expect(await receive()).toHaveLength(1);
    expect(await receive()).toHaveLength(0);
    await cloud.clock.advanceBy(60_000);
    const [again] = await receive();
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  test('forgets a deleted message', async () => {
    const { cloud, sqs, QueueUrl, send, receive } = await queueOf({});
    await send('a');
    const [message] = await receive();
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    await cloud.clock.advanceBy(60_000);
    expect(await receive()).toHaveLength(0);
  });

  test('holds a delayed message back', async () => {
    const { cloud, sqs, QueueUrl, send, receive } = await queueOf({});
    await send('a', { DelaySeconds: 30 });
    expect(await receive()).toHaveLength(0);
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesDelayed: '1' });
    await cloud.clock.advanceBy(30_000);
    expect(await receive()).toHaveLength(1);
  });

  test('answers a batch with what failed and why', async () => {
    const { sqs, QueueUrl } = await queueOf({});
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: '1', MessageBody: 'a' },
          { Id: '2', MessageBody: 'b', MessageDeduplicationId: 'x' },
        ],
      }),
    );
    expect(Successful).toMatchObject([{ Id: '1' }]);
    expect(Failed).toMatchObject([{ Id: '2', Code: 'InvalidParameterValue' }]);
  });

  test('that is not in the template does not exist', async () => {
    const { sqs } = await queueOf({});
    const lost = new SendMessageCommand({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/lost', MessageBody: 'a' });
    await expect(sqs.send(lost)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

describe('a function on a queue', () => {
  test('gets batches in the shape that AWS sends, with attributes', async () => {
    const seen: SQSEvent[] = [];
    const { cloud, send } = await queueOf({ batchSize: 2, work: (_, event) => void seen.push(event) });
    for (const body of ['a', 'b', 'c'])
      await send(body, { MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } } });
    await cloud.settle();
    expect(seen.map(({ Records }) => Records.length)).toEqual([2, 1]);
    const parsed = SqsSchema.parse(seen[0]);
    expect(parsed.Records[0]).toMatchObject({
      body: 'a',
      eventSourceARN: cloud.queue('Queue').arn,
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(START) },
      messageAttributes: { kind: { stringValue: 'x', dataType: 'String' } },
    });
    expect(cloud.queue('Queue').contents()).toEqual([]);
  });

  test('that throws gets the whole batch again after the visibility timeout, and the dead letters get it in the end', async () => {
    const { cloud, send, batches } = await queueOf({
      work: () => {
        throw new Error('no');
      },
    });
    await send('a');
    await send('b');
    await cloud.clock.advanceBy(59_999);
    expect(batches).toEqual([['a', 'b']]);
    await cloud.settle();
    expect(batches).toHaveLength(3);
    expect(cloud.clock.now()).toBe(START + 180_000);
    expect(cloud.queue('Queue').contents()).toEqual([]);
    expect(
      cloud
        .queue('Dead')
        .contents()
        .map(({ body, deadFrom }) => [body, deadFrom]),
    ).toEqual([
      ['a', cloud.queue('Queue').arn],
      ['b', cloud.queue('Queue').arn],
    ]);
  });

  test('that reports one failure gets only that one again', async () => {
    const { cloud, send, batches } = await queueOf({ work: failing('bad') });
    for (const body of ['a', 'bad', 'b']) await send(body);
    await cloud.settle();
    expect(batches).toEqual([['a', 'bad', 'b'], ['bad'], ['bad']]);
    expect(
      cloud
        .queue('Dead')
        .contents()
        .map(({ body }) => body),
    ).toEqual(['bad']);
  });

  test.each([
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'who' }] }],
    ['no list', { batchItemFailures: 'all' }],
  ])('that answers with %s gets everything again', async (_, answer) => {
    const { cloud, send, batches } = await queueOf({ work: () => answer });
    await send('a');
    await cloud.clock.advanceBy(60_000);
    expect(batches).toEqual([['a'], ['a']]);
  });

  test('waits for the batching window unless the batch is full', async () => {
    const { cloud, send, batches } = await queueOf({ batchSize: 3, windowSeconds: 20, work: () => undefined });
    await send('a');
    await send('b');
    await cloud.clock.advanceBy(19_999);
    expect(batches).toEqual([]);
    await send('c');
    await cloud.clock.advanceBy(0);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  test('can work on several batches at once, where that is asked for', async () => {
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running -= 1;
    };
    const { cloud, send } = await queueOf({ batchSize: 1, work, options: { concurrency: 3 } });
    for (const body of ['a', 'b', 'c', 'd']) await send(body);
    await cloud.settle();
    expect(most).toBe(3);
  });
});

describe('a FIFO queue', () => {
  test('keeps a group in order: what failed blocks what is behind it', async () => {
    let failures = 2;
    const work = (bodies: string[], event: SQSEvent) =>
      bodies.includes('a') && failures-- > 0 ? failing('a')(bodies, event) : undefined;
    const { cloud, send, batches } = await queueOf({ fifo: true, batchSize: 1, work });
    await send('a');
    await send('b');
    await send('x', { MessageGroupId: 'other' });
    await cloud.settle();
    expect(batches).toEqual([['a'], ['x'], ['a'], ['a'], ['b']]);
  });

  test('takes a message of the same content, or deduplication id, once in five minutes', async () => {
    const { cloud, send, batches } = await queueOf({ fifo: true, work: () => undefined });
    const first = await send('a');
    const twin = await send('a');
    expect(twin.MessageId).toBe(first.MessageId);
    await send('b', { MessageDeduplicationId: 'id' });
    await send('c', { MessageDeduplicationId: 'id' });
    await cloud.settle();
    await cloud.clock.advanceBy(300_000);
    await send('a');
    await cloud.settle();
    expect(batches).toEqual([['a', 'b'], ['a']]);
  });

  test('needs a group', async () => {
    const { send } = await queueOf({ fifo: true });
    await expect(send('a', { MessageGroupId: undefined })).rejects.toMatchObject({ name: 'MissingParameter' });
  });
});

describe('faults', () => {
  test('a message can be lost, doubled and late', async () => {
    const copies = [0, 2, 1];
    const delays = [0, 0, 5_000];
    const { cloud, send, batches } = await queueOf({
      work: () => undefined,
      options: { faults: { copies: () => copies.shift() ?? 1, delayMs: () => delays.shift() ?? 0 } },
    });
    for (const body of ['lost', 'twice', 'late']) await send(body);
    await cloud.clock.advanceBy(0);
    expect(batches).toEqual([['twice', 'twice']]);
    await cloud.settle();
    expect(batches).toEqual([['twice', 'twice'], ['late']]);
  });

  test('messages can be out of order', async () => {
    const { cloud, send, batches } = await queueOf({
      work: () => undefined,
      options: { faults: { order: (_, __, items) => items.toReversed() } },
    });
    for (const body of ['a', 'b', 'c']) await send(body);
    await cloud.settle();
    expect(batches).toEqual([['c', 'b', 'a']]);
  });

  test('a function can crash before it sees its event', async () => {
    let crashes = 1;
    const { cloud, send, batches } = await queueOf({
      work: () => undefined,
      options: {
        faults: {
          invoke: () => {
            if (crashes-- > 0) throw new Error('out of memory');
          },
        },
      },
    });
    await send('a');
    await cloud.settle();
    expect(batches).toEqual([['a']]);
    expect(cloud.clock.now()).toBe(START + 60_000);
  });
});
