import { Bucket } from '../../lib/local/cloud/objects/bucket.ts';
import { s3Api } from '../../lib/local/cloud/objects/s3-api.ts';
import { Queue } from '../../lib/local/cloud/queues/queue.ts';
import { sqsApi } from '../../lib/local/cloud/queues/sqs-api.ts';
import { type Service, sdkConfig } from '../../lib/local/cloud/sdk/http.ts';
import { DeliveryStream } from '../../lib/local/cloud/streams/delivery-stream.ts';
import { firehoseApi } from '../../lib/local/cloud/streams/firehose-api.ts';
import type { Resource } from '../../lib/local/cloud/template/template.ts';
import { SeededRandom } from '../../lib/local/cloud/time/seeded-random.ts';
import { VirtualClock } from '../../lib/local/cloud/time/virtual-clock.ts';
import type { World } from '../../lib/local/cloud/world.ts';
import { silent } from './metering-world.ts';

function world(faults: World['faults'] = {}): World {
  const random = new SeededRandom('adapters');
  return { clock: new VirtualClock(0), random, faults, log: silent, region: 'us-east-1', account: '000000000000' };
}

const resource = (type: string, ref: string, properties: Resource['properties']): Resource => ({
  stack: 'Test',
  logicalId: ref,
  type,
  assembly: undefined,
  properties,
  ref,
  attribute: () => `arn:${ref}`,
});

/** A versioned bucket of the embedded cloud, and the settings that lead an SDK client to it. */
export function localBucket(name: string) {
  const { buckets, config, conflictOnce } = localBuckets(name);
  const [bucket] = buckets;
  if (bucket === undefined) throw new Error(`bucket ${name} was not made`);
  return { bucket, config, conflictOnce };
}

/** Versioned buckets behind one client. */
export function localBuckets(...names: string[]) {
  const versioned = { VersioningConfiguration: { Status: 'Enabled' } };
  const buckets = names.map((name) => new Bucket(world(), resource('AWS::S3::Bucket', name, versioned)));
  const api = s3Api(new Map(buckets.map((bucket) => [bucket.name, bucket])));
  let conflicts = 0;
  const service: Service = {
    ...api,
    answer: (request) => {
      if (request.method === 'PUT' && conflicts-- > 0) return conflict();
      return api.answer(request);
    },
  };
  return {
    buckets,
    config: sdkConfig(world(), service, 'test'),
    /** The next put meets another one of the same key that has not ended. */
    conflictOnce: () => {
      conflicts = 1;
    },
  };
}

const conflict = () => ({
  status: 409,
  headers: { 'content-type': 'application/xml' },
  body: '<Error><Code>ConditionalRequestConflict</Code><Message>conflict</Message></Error>',
});

/** A delivery stream into a bucket. @param refuses told the number of each record put, from 1: true makes it fail */
export function localStream(name: string, refuses: (record: number) => boolean = () => false) {
  let records = 0;
  const faults = { refusesRecord: () => refuses(++records) };
  const here = world(faults);
  const bucket = new Bucket(here, resource('AWS::S3::Bucket', 'ledger', {}));
  const destination = {
    BucketARN: bucket.arn,
    Prefix: 'events/!{timestamp:yyyy/MM/dd/HH}/',
    CompressionFormat: 'UNCOMPRESSED',
  };
  const stream = new DeliveryStream(
    here,
    resource('AWS::KinesisFirehose::DeliveryStream', name, { ExtendedS3DestinationConfiguration: destination }),
    new Map([['ledger', bucket]]),
  );
  const config = sdkConfig(here, firehoseApi(here, new Map([[name, stream]])), 'test');
  return {
    config,
    /** What has been delivered, once the buffers are flushed. */
    async delivered(): Promise<string> {
      await here.clock.settle();
      return bucket
        .list()
        .map(({ body }) => Buffer.from(body).toString('utf8'))
        .join('');
    },
  };
}

/** A queue that nobody works on, behind a client. Its URL is its name. */
export function localQueue(name: string) {
  const here = world();
  const queue = new Queue(here, resource('AWS::SQS::Queue', name, {}));
  return {
    config: sdkConfig(here, sqsApi(here, new Map([[queue.arn, queue]])), 'test'),
    url: queue.url,
    bodies: (): unknown[] => queue.contents().map(({ body }) => JSON.parse(body) as unknown),
  };
}
