import type { FunctionHost } from '../function-host.ts';
import type { Queue } from '../queues/queue.ts';
import { at, list, refuse } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import type { World } from '../world.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import { isoMillis } from './s3-api.ts';

interface Target {
  readonly id: string;
  readonly send: (event: object) => void;
  matches(key: string): boolean;
}

/** Sends S3 event notifications for created objects. They can be lost, doubled or late: see {@link Faults}. */
export function connectNotifications(
  world: World,
  resource: Resource,
  bucket: Bucket,
  queues: ReadonlyMap<string, Queue>,
  functions: FunctionHost,
): void {
  for (const property of ['TopicConfigurations', 'EventBridgeConfiguration']) {
    const path = `NotificationConfiguration.${property}`;
    if (at(resource, path) !== undefined) throw refuse(resource, path, 'the embedded cloud does not know it');
  }
  const targets = [
    ...list(resource, 'NotificationConfiguration.QueueConfigurations').map((configuration) => {
      const queue = queues.get(String(configuration.Queue));
      if (!queue) throw refuse(resource, 'NotificationConfiguration', `no queue ${String(configuration.Queue)}`);
      return target(resource, configuration, (event) => void queue.send({ body: JSON.stringify(event) }));
    }),
    ...list(resource, 'NotificationConfiguration.LambdaConfigurations').map((configuration) => {
      const name = String(configuration.Function);
      functions.check(name);
      return target(resource, configuration, (event) =>
        functions.invokeAsync(name, event, `notification of ${bucket.name}`),
      );
    }),
  ];
  const { clock, faults } = world;
  bucket.onCreated = (object) => {
    for (const { id, send } of targets.filter((one) => one.matches(object.key))) {
      const event = { Records: [notification(world, bucket, object, id)] };
      const copies = faults.copies?.('object-notification', bucket.name) ?? 1;
      for (let copy = 0; copy < copies; copy += 1) {
        const lateMs = faults.delayMs?.('object-notification', bucket.name) ?? 0;
        if (lateMs === 0) send(event);
        else clock.after(lateMs, `late notification of ${object.key}`, () => send(event));
      }
    }
  };
}

function target(resource: Resource, configuration: Readonly<Record<string, unknown>>, send: Target['send']): Target {
  const event = String(configuration.Event);
  if (!event.startsWith('s3:ObjectCreated:')) throw refuse(resource, 'NotificationConfiguration', `event ${event}`);
  const filter = configuration.Filter as { S3Key?: { Rules?: { Name: string; Value: string }[] } } | undefined;
  const rules = filter?.S3Key?.Rules ?? [];
  const of = (name: string) => rules.find((rule) => rule.Name.toLowerCase() === name)?.Value ?? '';
  const [prefix, suffix] = [of('prefix'), of('suffix')];
  return {
    id: String(configuration.Id ?? 'ledger'),
    send,
    matches: (key) => key.startsWith(prefix) && key.endsWith(suffix) && /ObjectCreated:(\*|Put)$/.test(event),
  };
}

function notification(world: World, bucket: Bucket, object: StoredObject, configurationId: string) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: world.region,
    eventTime: isoMillis(object.lastModified),
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: `AWS:${world.account}` },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': object.versionId.slice(0, 16).toUpperCase(),
      'x-amz-id-2': object.etag.slice(1, -1),
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket.name, ownerIdentity: { principalId: world.account }, arn: bucket.arn },
      object: {
        // S3 encodes the key as a form would: a space is a plus.
        key: encodeURIComponent(object.key).replaceAll('%2F', '/').replaceAll('%20', '+'),
        size: object.body.length,
        eTag: object.etag.slice(1, -1),
        ...(bucket.versioned ? { versionId: object.versionId } : {}),
        sequencer: object.lastModified.toString(16).toUpperCase().padStart(18, '0'),
      },
    },
  };
}
