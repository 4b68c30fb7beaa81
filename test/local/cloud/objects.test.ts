import { S3SqsEventNotificationSchema } from '@aws-lambda-powertools/parser/schemas/s3';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import type { Cloud, Faults } from '../../../lib/local/cloud/index.ts';
import { compareKeys } from '../../../lib/local/cloud/objects/bucket.ts';
import { arnOf, cloudOf, lambda, recorder, ref, START } from './small-cloud.ts';

const BUCKETS = {
  Plain: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'plain' } },
  Ledger: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: 'ledger',
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 2 } },
      },
    },
  },
};

async function buckets() {
  const cloud = await cloudOf(BUCKETS);
  return { cloud, s3: new S3Client(cloud.clientConfig('s3')) };
}

const put = (Bucket: string, Key: string, Body: string, more: object = {}) =>
  new PutObjectCommand({ Bucket, Key, Body, ...more });

describe('an object', () => {
  test('comes back as it was put, with its metadata, under a key of any characters', async () => {
    const { s3 } = await buckets();
    const Key = 'a b/ü+&<"é>.json';
    const { ETag } = await s3.send(
      put('plain', Key, 'häl', { ContentType: 'application/json', Metadata: { digest: 'd1' } }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key }));
    expect(await got.Body?.transformToString()).toBe('häl');
    expect(got).toMatchObject({
      ETag,
      ContentType: 'application/json',
      ContentLength: 4,
      Metadata: { digest: 'd1' },
      LastModified: new Date(START),
    });
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'plain' }));
    expect(Contents).toMatchObject([{ Key, Size: 4, ETag }]);
  });

  test('comes back in part for a range', async () => {
    const { s3 } = await buckets();
    await s3.send(put('plain', 'k', '0123456789'));
    const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k', Range: 'bytes=2-4' }));
    expect(await got.Body?.transformToString()).toBe('234');
    expect(got.ContentRange).toBe('bytes 2-4/10');
  });

  test('is written once with If-None-Match: *', async () => {
    const { s3 } = await buckets();
    await s3.send(put('ledger', 'k', 'first', { IfNoneMatch: '*' }));
    await expect(s3.send(put('ledger', 'k', 'second', { IfNoneMatch: '*' }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    const got = await s3.send(new GetObjectCommand({ Bucket: 'ledger', Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('first');
  });

  test('that is not there is NoSuchKey, or NotFound for a head', async () => {
    const { s3 } = await buckets();
    await expect(s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'k' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(s3.send(new GetObjectCommand({ Bucket: 'else', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  test('put with a checksum that does not fit is refused', async () => {
    const { s3 } = await buckets();
    await expect(s3.send(put('plain', 'k', 'x', { ChecksumSHA256: 'AAAA' }))).rejects.toMatchObject({
      name: 'BadDigest',
    });
  });
});

describe('versions', () => {
  test('stay readable after a later put and under a delete marker', async () => {
    const { s3 } = await buckets();
    const first = await s3.send(put('ledger', 'k', 'one'));
    await s3.send(put('ledger', 'k', 'two'));
    await s3.send(new DeleteObjectCommand({ Bucket: 'ledger', Key: 'k' }));
    await expect(s3.send(new GetObjectCommand({ Bucket: 'ledger', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    const got = await s3.send(new GetObjectCommand({ Bucket: 'ledger', Key: 'k', VersionId: first.VersionId }));
    expect(await got.Body?.transformToString()).toBe('one');
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'ledger' }));
    expect(Versions?.map(({ IsLatest, Size }) => [IsLatest, Size])).toEqual([
      [false, 3],
      [false, 3],
    ]);
    expect(DeleteMarkers).toMatchObject([{ Key: 'k', IsLatest: true }]);
  });

  test('cannot be deleted while the lock holds them', async () => {
    const { cloud, s3 } = await buckets();
    const { VersionId } = await s3.send(put('ledger', 'k', 'one'));
    const remove = () => s3.send(new DeleteObjectCommand({ Bucket: 'ledger', Key: 'k', VersionId }));
    await expect(remove()).rejects.toMatchObject({ name: 'AccessDenied' });
    await cloud.clock.advanceBy(2 * 86_400_000);
    await remove();
    expect(cloud.objects('ledger').versions('k')).toEqual([]);
  });

  test('are listed in pages', async () => {
    const { s3 } = await buckets();
    for (const body of ['1', '2', '3']) await s3.send(put('ledger', 'a', body));
    await s3.send(put('ledger', 'b', '4'));
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: 'ledger', MaxKeys: 2 }));
    expect(page.IsTruncated).toBe(true);
    const rest = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: 'ledger',
        KeyMarker: page.NextKeyMarker,
        VersionIdMarker: page.NextVersionIdMarker,
      }),
    );
    const all = [...(page.Versions ?? []), ...(rest.Versions ?? [])];
    expect(all.map(({ Key }) => Key)).toEqual(['a', 'a', 'a', 'b']);
    expect(new Set(all.map(({ VersionId }) => VersionId)).size).toBe(4);
  });
});

describe('a listing', () => {
  test('goes by prefix, in the order of bytes, in pages', async () => {
    const { s3 } = await buckets();
    for (const key of ['u/b', 'u/a', 'u/ü', 'u/Z', 'v/a']) await s3.send(put('plain', key, key));
    const keys: (string | undefined)[] = [];
    const pages: number[] = [];
    for await (const { Contents } of paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket: 'plain', Prefix: 'u/' },
    )) {
      keys.push(...(Contents ?? []).map(({ Key }) => Key));
      pages.push(Contents?.length ?? 0);
    }
    expect(keys).toEqual(['u/Z', 'u/a', 'u/b', 'u/ü']);
    expect(pages).toEqual([2, 2]);
  });

  test('starts after a key, and folds folders', async () => {
    const { s3 } = await buckets();
    for (const key of ['2026/01/a', '2026/01/b', '2026/02/a', '2026/x']) await s3.send(put('plain', key, 'x'));
    const after = await s3.send(new ListObjectsV2Command({ Bucket: 'plain', StartAfter: '2026/01/b' }));
    expect(after.Contents?.map(({ Key }) => Key)).toEqual(['2026/02/a', '2026/x']);
    const folders: (string | undefined)[] = [];
    const query = { Bucket: 'plain', Prefix: '2026/', Delimiter: '/' };
    for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, query)) {
      folders.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        ...(page.Contents ?? []).map(({ Key }) => Key),
      );
    }
    expect(folders).toEqual(['2026/01/', '2026/02/', '2026/x']);
  });
});

test('keys are ordered by their UTF-8 bytes, whatever they hold', () => {
  const key = fc.string({ unit: 'binary', maxLength: 6 });
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { seed: 7, numRuns: 500 },
  );
});

describe('a notification', () => {
  const announced = async (faults: Faults = {}): Promise<{ cloud: Cloud; s3: S3Client; events: unknown[] }> => {
    const { events, create } = recorder();
    const cloud = await cloudOf(
      {
        Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'objects' } },
        Bucket: {
          Type: 'AWS::S3::Bucket',
          Properties: {
            BucketName: 'ledger',
            VersioningConfiguration: { Status: 'Enabled' },
            NotificationConfiguration: {
              QueueConfigurations: [
                {
                  Event: 's3:ObjectCreated:*',
                  Queue: arnOf('Queue'),
                  Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'usage/' }] } },
                },
              ],
            },
          },
        },
        Meter: lambda('meter'),
        Source: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { EventSourceArn: arnOf('Queue'), FunctionName: ref('Meter') },
        },
      },
      { functions: { meter: create }, faults },
    );
    return { cloud, s3: new S3Client(cloud.clientConfig('s3')), events };
  };

  test('has the shape that AWS sends, and names key, version and size', async () => {
    const { cloud, s3, events } = await announced();
    const { VersionId } = await s3.send(put('ledger', 'usage/a b.gz', 'xyz'));
    await s3.send(put('ledger', 'other/c', 'xyz'));
    await cloud.settle();
    expect(events).toHaveLength(1);
    const parsed = S3SqsEventNotificationSchema.parse(events[0]);
    expect(parsed.Records[0]?.body.Records[0]?.s3).toMatchObject({
      bucket: { name: 'ledger', arn: 'arn:aws:s3:::ledger' },
      object: { key: 'usage/a+b.gz', versionId: VersionId, size: 3 },
    });
  });

  test.each([
    { copies: 0, seen: 0, why: 'lost' },
    { copies: 2, seen: 2, why: 'doubled' },
  ])('can be $why', async ({ copies, seen }) => {
    const { cloud, s3, events } = await announced({
      copies: (passage) => (passage === 'object-notification' ? copies : 1),
    });
    await s3.send(put('ledger', 'usage/a', 'x'));
    await cloud.settle();
    const records = events.flatMap((event) => (event as { Records: unknown[] }).Records);
    expect(records).toHaveLength(seen);
  });

  test('can be late', async () => {
    const { cloud, s3, events } = await announced({
      delayMs: (passage) => (passage === 'object-notification' ? 3_600_000 : 0),
    });
    await s3.send(put('ledger', 'usage/a', 'x'));
    await cloud.clock.advanceBy(3_599_999);
    expect(events).toHaveLength(0);
    await cloud.clock.advanceBy(1);
    expect(events).toHaveLength(1);
  });
});

test('a call can be made to fail before the work or after it', async () => {
  const cloud = await cloudOf(BUCKETS, {
    faults: {
      before: ({ operation }) => {
        if (operation === 'GetObject') throw new Error('crashed before');
      },
      after: ({ operation, caller }) => {
        if (operation === 'PutObject') throw new Error(`${caller} crashed after`);
      },
    },
  });
  const s3 = new S3Client(cloud.clientConfig('s3'));
  await expect(s3.send(put('plain', 'k', 'x'))).rejects.toThrow('outside crashed after');
  expect(cloud.objects('plain').list()).toHaveLength(1);
  await expect(s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'k' }))).rejects.toThrow('crashed before');
});
