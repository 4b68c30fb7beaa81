import type { CloudOptions } from './cloud.ts';
import type { FunctionHost } from './function-host.ts';
import { Gateway } from './gateway/gateway.ts';
import { UsagePlans } from './gateway/usage-plans.ts';
import { known } from './known.ts';
import { Bucket } from './objects/bucket.ts';
import { connectNotifications } from './objects/notifications.ts';
import { connectEventSource } from './queues/event-source.ts';
import { Queue } from './queues/queue.ts';
import { Secrets } from './secrets.ts';
import { DeliveryStream } from './streams/delivery-stream.ts';
import { at, text } from './template/read.ts';
import type { ReadTemplates } from './template/template.ts';
import type { World } from './world.ts';

/** What holds something: made first, since functions and gateways stand on it. */
export interface Stores {
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly streams: ReadonlyMap<string, DeliveryStream>;
  readonly secrets: Secrets;
  readonly plans: UsagePlans;
}

export function makeStores(world: World, templates: ReadTemplates, options: Pick<CloudOptions, 'secrets'>): Stores {
  const buckets = new Map(
    templates.ofType('AWS::S3::Bucket').map((resource) => [resource.ref, new Bucket(world, resource)]),
  );
  const queues = new Map(
    templates.ofType('AWS::SQS::Queue').map((resource) => [resource.attribute('Arn'), new Queue(world, resource)]),
  );
  for (const queue of queues.values()) queue.connect(queues);
  const streams = new Map(
    templates
      .ofType('AWS::KinesisFirehose::DeliveryStream')
      .map((resource) => [resource.ref, new DeliveryStream(world, resource, buckets)]),
  );
  const secrets = new Secrets(world, templates.ofType('AWS::SecretsManager::Secret'), options.secrets ?? {});
  const plans = new UsagePlans(world, {
    plans: templates.ofType('AWS::ApiGateway::UsagePlan'),
    keys: templates.ofType('AWS::ApiGateway::ApiKey'),
    memberships: templates.ofType('AWS::ApiGateway::UsagePlanKey'),
  });
  return { buckets, queues, streams, secrets, plans };
}

/** Each with the queue that takes what it fails at. */
export function addFunctions(
  templates: ReadTemplates,
  functions: FunctionHost,
  queues: ReadonlyMap<string, Queue>,
): void {
  const destinations = new Map(
    templates
      .ofType('AWS::Lambda::EventInvokeConfig')
      .map((config) => [text(config, 'FunctionName'), at(config, 'DestinationConfig.OnFailure.Destination')]),
  );
  for (const resource of templates.ofType('AWS::Lambda::Function')) {
    const destination = destinations.get(resource.ref);
    functions.add(resource, destination === undefined ? undefined : String(destination));
  }
  functions.connect(queues);
}

export function makeGateways(
  world: World,
  templates: ReadTemplates,
  stores: Stores,
  functions: FunctionHost,
  options: Pick<CloudOptions, 'callers' | 'backend'>,
): readonly Gateway[] {
  const gatewayOptions = { callers: options.callers ?? [], ...(options.backend ? { backend: options.backend } : {}) };
  return templates.ofType('AWS::ApiGateway::RestApi').map(
    (api) =>
      new Gateway(world, api, {
        templates,
        functions,
        streams: stores.streams,
        plans: stores.plans,
        options: gatewayOptions,
      }),
  );
}

/** Queues to their workers, buckets to whom they announce to. */
export function connect(
  world: World,
  templates: ReadTemplates,
  stores: Stores,
  functions: FunctionHost,
  concurrency: number,
): void {
  for (const mapping of templates.ofType('AWS::Lambda::EventSourceMapping')) {
    connectEventSource(world, mapping, stores.queues, functions, { concurrency });
  }
  for (const resource of templates.ofType('AWS::S3::Bucket')) {
    connectNotifications(
      world,
      resource,
      known(stores.buckets.get(resource.ref), resource.ref),
      stores.queues,
      functions,
    );
  }
}
