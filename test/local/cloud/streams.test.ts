import { gunzipSync } from 'node:zlib';
import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from '@aws-sdk/client-firehose';
import type { CloudOptions, StoredObject } from '../../../lib/local/cloud/index.ts';
import { arnOf, cloudOf, START } from './small-cloud.ts';

const destination = (more: object = {}) => ({
  BucketARN: arnOf('Bucket'),
  Prefix: 'usage/!{timestamp:yyyy/MM/dd/HH}/',
  CompressionFormat: 'GZIP',
  BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
  ...more,
});

const resources = (more: object = {}) => ({
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'ledger' } },
  Stream: {
    Type: 'AWS::KinesisFirehose::DeliveryStream',
    Properties: { DeliveryStreamName: 'events', ExtendedS3DestinationConfiguration: destination(more) },
  },
});

async function streamOf(more: object = {}, options: Partial<CloudOptions> = {}) {
  const cloud = await cloudOf(resources(more), options);
  const firehose = new FirehoseClient(cloud.clientConfig('firehose'));
  const put = (...texts: string[]) =>
    firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: 'events',
        Records: texts.map((text) => ({ Data: Buffer.from(text) })),
      }),
    );
  return { cloud, firehose, put, objects: () => cloud.objects('ledger').list() };
}

const text = ({ body }: StoredObject) => gunzipSync(body).toString();

describe('a delivery stream', () => {
  test('writes what it gathered when the oldest record is as old as the interval, nothing between records', async () => {
    const { cloud, firehose, put, objects } = await streamOf();
    await firehose.send(new PutRecordCommand({ DeliveryStreamName: 'events', Record: { Data: Buffer.from('a\n') } }));
    await cloud.clock.advanceBy(59_999);
    await put('b\n', 'ü');
    expect(objects()).toEqual([]);
    await cloud.clock.advanceBy(1);
    expect(objects().map(text)).toEqual(['a\nb\nü']);
    await cloud.settle();
    expect(objects()).toHaveLength(1);
  });

  test('names an object by the arrival of its oldest record, also across the hour', async () => {
    const { cloud, put, objects } = await streamOf();
    await cloud.clock.advanceTo(START + 3_599_000);
    await put('late in the hour');
    await cloud.settle();
    expect(objects()[0]?.key).toMatch(/^usage\/2026\/01\/15\/10\/events-1-2026-01-15-10-59-59-[0-9a-f-]{36}\.gz$/);
    expect(objects()[0]?.lastModified).toBe(START + 3_659_000);
  });

  test('writes at once when the buffer is full, and begins a new one', async () => {
    const { cloud, put, objects } = await streamOf();
    await put('x'.repeat(700_000));
    await put('y'.repeat(700_000));
    await cloud.clock.advanceBy(0);
    expect(objects()).toHaveLength(1);
    await put('z');
    await cloud.clock.advanceBy(60_000);
    expect(objects().map((object) => text(object).length)).toEqual(expect.arrayContaining([1_400_000, 1]));
  });

  test('leaves objects plain where nothing says GZIP', async () => {
    const { cloud, put, objects } = await streamOf({ CompressionFormat: 'UNCOMPRESSED' });
    await put('plain');
    await cloud.settle();
    expect(Buffer.from(objects()[0]?.body ?? []).toString()).toBe('plain');
    expect(objects()[0]?.key).not.toMatch(/\.gz$/);
  });

  test('is not there by another name', async () => {
    const { firehose } = await streamOf();
    const lost = new PutRecordCommand({ DeliveryStreamName: 'lost', Record: { Data: Buffer.from('a') } });
    await expect(firehose.send(lost)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('takes at most 500 records a batch', async () => {
    const { put } = await streamOf();
    await expect(put(...Array.from({ length: 501 }, () => 'x'))).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('faults of a stream', () => {
  test('a record or a whole object can come twice', async () => {
    const copies: Record<string, number> = { 'firehose-record': 2, 'firehose-object': 2 };
    const { cloud, put, objects } = await streamOf({}, { faults: { copies: (passage) => copies[passage] ?? 1 } });
    await put('a\n');
    await cloud.settle();
    expect(objects().map(text)).toEqual(['a\na\n', 'a\na\n']);
  });

  test('a record can be refused, for its sender to send again', async () => {
    let refusals = 1;
    const { cloud, put, objects } = await streamOf({}, { faults: { refusesRecord: () => refusals-- > 0 } });
    const { FailedPutCount, RequestResponses } = await put('a', 'b');
    expect(FailedPutCount).toBe(1);
    expect(RequestResponses).toMatchObject([
      { ErrorCode: 'ServiceUnavailableException' },
      { RecordId: expect.any(String) },
    ]);
    await cloud.settle();
    expect(objects().map(text)).toEqual(['b']);
  });

  test('records can be late and out of order', async () => {
    const { cloud, put, objects } = await streamOf(
      {},
      {
        faults: {
          order: (passage, _, items) => (passage === 'firehose-record' ? items.toReversed() : items),
          delayMs: (passage) => (passage === 'firehose-object' ? 1_000 : 0),
        },
      },
    );
    await put('a', 'b');
    await cloud.clock.advanceBy(60_999);
    expect(objects()).toEqual([]);
    await cloud.clock.advanceBy(1);
    expect(objects().map(text)).toEqual(['ba']);
  });
});

test.each([
  ['a transformation', { ProcessingConfiguration: { Enabled: true } }, /ProcessingConfiguration/],
  ['another compression', { CompressionFormat: 'Snappy' }, /CompressionFormat: Snappy/],
  ['an expression in the prefix', { Prefix: '!{partitionKeyFromQuery:x}/' }, /Prefix/],
])('%s is refused by name', async (_, more, message) => {
  await expect(cloudOf(resources(more))).rejects.toThrow(message);
});
