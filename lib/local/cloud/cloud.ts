import type { AwsService, Log, Runtime } from '../../app/runtime.ts';
import { InputError } from '../../domain/input-error.ts';
import { createCustomResources } from './custom-resources.ts';
import { startDynamo } from './dynamo.ts';
import type { Faults } from './faults.ts';
import { type CreateHandler, FunctionHost, type Outcome } from './function-host.ts';
import { controlPlane } from './gateway/control-plane.ts';
import { Gateway, type GatewayOptions } from './gateway/gateway.ts';
import { type Listener, listen } from './gateway/listener.ts';
import { UsagePlans } from './gateway/usage-plans.ts';
import { type CapturedMail, Mailbox } from './mail.ts';
import { Bucket } from './objects/bucket.ts';
import { connectNotifications } from './objects/notifications.ts';
import { s3Api } from './objects/s3-api.ts';
import { parametersApi } from './parameters.ts';
import { connectEventSource } from './queues/event-source.ts';
import { Queue } from './queues/queue.ts';
import { sqsApi } from './queues/sqs-api.ts';
import { startSchedule } from './schedules.ts';
import { serveServices } from './sdk/endpoint.ts';
import { type Service, sdkConfig } from './sdk/http.ts';
import { Secrets } from './secrets.ts';
import { DeliveryStream } from './streams/delivery-stream.ts';
import { firehoseApi } from './streams/firehose-api.ts';
import { at, text } from './template/read.ts';
import { isCustom } from './template/resource-types.ts';
import { type ReadTemplates, type Resource, readTemplates, type StackTemplate } from './template/template.ts';
import { SeededRandom } from './time/seeded-random.ts';
import type { VirtualClock } from './time/virtual-clock.ts';
import type { World } from './world.ts';

export interface CloudOptions {
  /** What `cdk synth` made; see `synthesize`. */
  readonly templates: readonly StackTemplate[];
  /** `createHandler` of each function, by `POWERTOOLS_SERVICE_NAME`. */
  readonly functions: Readonly<Record<string, CreateHandler>>;
  readonly clock: VirtualClock;
  /** The same seed and the same calls give the same bytes. */
  readonly seed: string;
  readonly faults?: Faults;
  /** @default nothing is logged */
  readonly log?: Log;
  /** Where Stripe is. */
  readonly stripe?: Runtime['stripe'];
  /** Values of secrets to start with, by logical id or name. @default as the template says */
  readonly secrets?: Readonly<Record<string, string>>;
  /** ARNs that may call methods with IAM authorization, in the header `x-tollgate-local-caller`. @default none */
  readonly callers?: readonly string[];
  /** Stands behind the API in place of the template's integrations, for those calls that it answers. */
  readonly backend?: GatewayOptions['backend'];
  /** Batches of one standard queue that run at once. @default 1, which repeats to the byte */
  readonly concurrency?: number;
  /** @default us-east-1 */
  readonly region?: string;
}

const ACCOUNT = '123456789012';
const SILENT: Log = { info() {}, warn() {}, error() {} };

/** A cloud in this process: see {@link startCloud}. */
export interface Cloud {
  readonly clock: VirtualClock;
  /** `<stack>.<output>` -> value. */
  readonly outputs: Readonly<Record<string, string>>;
  /** By name, id or logical id. @default the API with an authorizer, else the first */
  gateway(name?: string): Gateway;
  /** The API that takes `POST /events`. */
  readonly ingress: Gateway;
  /** By name or logical id. */
  objects(bucket: string): Bucket;
  /** By name, URL, ARN or logical id. */
  queue(name: string): Queue;
  readonly plans: UsagePlans;
  readonly secrets: Secrets;
  /** What SES was given to send, oldest first. */
  readonly mails: readonly CapturedMail[];
  readonly dynamo: { readonly endpoint: string; readonly config: object };
  /** SDK client settings for code outside the functions. */
  clientConfig(service: AwsService): object;
  /** A runtime for code outside the functions, with every function's environment together. */
  readonly runtime: Runtime;
  /** The environment of one function. */
  env(functionName: string): Readonly<Record<string, string>>;
  /** Runs a function by its service name. */
  invoke(functionName: string, event: unknown): Promise<Outcome>;
  /** Sums of what functions counted, as `<function>/<metric>`. */
  counts(): Readonly<Record<string, number>>;
  /** Forgets what functions hold in memory; all, or the one named. */
  restart(functionName?: string): void;
  /** Moves time until no work waits; schedules on the way fire. */
  settle(limitMs?: number): Promise<void>;
  /** Serves an API on 127.0.0.1. @throws InputError `port-taken` */
  listen(gateway: Gateway, port: number): Promise<Listener>;
  /** Serves DynamoDB, S3, SQS and the other services on 127.0.0.1, for AWS SDK clients of other processes. @throws InputError `port-taken` */
  serveServices(port: number): Promise<Listener>;
  /** Lets time pass by itself from now on. */
  follow(wall?: () => number): void;
  /** Nothing is left running. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts an AWS of the template's resources in this process, on virtual time. The same handlers run as on AWS, reached by
 * the same events, and reach its services through the AWS SDK. What the template holds and this does not know is refused
 * by name.
 *
 * @throws InputError, Error naming the resource
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const world: World = {
    clock: options.clock,
    random: new SeededRandom(options.seed),
    faults: options.faults ?? {},
    log: options.log ?? SILENT,
    region: options.region ?? 'us-east-1',
    account: ACCOUNT,
  };
  const templates = readTemplates(options.templates, world);
  const stores = makeStores(world, templates, options);
  const services = new Map<AwsService, Service>();
  const dynamo = await startDynamo(world, templates.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'));
  try {
    const clientConfig = (service: AwsService, caller: string): object =>
      service === 'dynamodb'
        ? dynamo.config(caller)
        : sdkConfig(world, known(services.get(service), `service ${service}`), caller);
    const functions = new FunctionHost(world, {
      functions: options.functions,
      clientConfig,
      ...(options.stripe ? { stripe: options.stripe } : {}),
    });
    addFunctions(templates, functions, stores.queues);
    const gateways = makeGateways(world, templates, stores, functions, options);
    const flush = (api: string, stage: string) =>
      gateways.find(({ apiId }) => apiId === api)?.flushAuthorizers(stage) ?? false;
    const mailbox = new Mailbox(world, templates, functions);
    const made = [
      mailbox.api(),
      s3Api(stores.buckets),
      sqsApi(world, stores.queues),
      firehoseApi(world, stores.streams),
      stores.secrets.api(),
      parametersApi(world, templates.ofType('AWS::SSM::Parameter')),
      controlPlane(stores.plans, flush),
    ];
    for (const service of made) services.set(service.service, service);
    connect(world, templates, stores, functions, options.concurrency ?? 1);
    await createCustomResources(
      world,
      templates.resources.filter(({ type }) => isCustom(type)),
      functions,
    );
    for (const schedule of templates.ofType('AWS::Scheduler::Schedule'))
      startSchedule(world, schedule, stores.queues, functions);
    return assemble({
      world,
      templates,
      stores,
      dynamo,
      services,
      functions,
      gateways,
      clientConfig,
      options,
      mailbox,
    });
  } catch (error) {
    await dynamo.stop();
    throw error;
  }
}

interface Stores {
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly streams: ReadonlyMap<string, DeliveryStream>;
  readonly secrets: Secrets;
  readonly plans: UsagePlans;
}

function makeStores(world: World, templates: ReadTemplates, options: CloudOptions): Stores {
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

function addFunctions(templates: ReadTemplates, functions: FunctionHost, queues: ReadonlyMap<string, Queue>): void {
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

function makeGateways(
  world: World,
  templates: ReadTemplates,
  stores: Stores,
  functions: FunctionHost,
  options: CloudOptions,
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

function connect(
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

interface Parts {
  readonly world: World;
  readonly templates: ReadTemplates;
  readonly stores: Stores;
  readonly dynamo: Awaited<ReturnType<typeof startDynamo>>;
  readonly services: ReadonlyMap<AwsService, Service>;
  readonly functions: FunctionHost;
  readonly gateways: readonly Gateway[];
  readonly clientConfig: (service: AwsService, caller: string) => object;
  readonly options: CloudOptions;
  readonly mailbox: Mailbox;
}

const OUTSIDE = 'outside';

function assemble(parts: Parts): Cloud {
  const { world, templates, stores, dynamo, services, functions, gateways, clientConfig, options, mailbox } = parts;
  const listeners: Listener[] = [];
  const find = finder(templates);
  const fail = (error: unknown) => world.log.error('the embedded cloud failed', { error: String(error) });
  let stopping: Promise<void> | undefined;
  return {
    clock: world.clock,
    outputs: templates.outputs,
    gateway: (name) => gatewayNamed(gateways, templates, name),
    get ingress() {
      return known(
        gateways.find((gateway) => gateway.has('POST', '/events')),
        'API with POST /events',
      );
    },
    objects: (name) => known(stores.buckets.get(find('AWS::S3::Bucket', name)?.ref ?? name), `bucket ${name}`),
    queue: (name) => {
      const logical = find('AWS::SQS::Queue', name)?.ref;
      return known(
        [...stores.queues.values()].find((queue) => [queue.name, queue.url, queue.arn].includes(logical ?? name)),
        `queue ${name}`,
      );
    },
    plans: stores.plans,
    secrets: stores.secrets,
    mails: mailbox.mails,
    dynamo: {
      endpoint: dynamo.endpoint,
      get config() {
        return dynamo.config(OUTSIDE);
      },
    },
    clientConfig: (service) => clientConfig(service, OUTSIDE),
    runtime: {
      env: functions.everyEnv(),
      clock: world.clock,
      random: world.random.fork(OUTSIDE),
      log: world.log,
      metrics: { count() {} },
      webhooksToLoopback: true,
      clientConfig: (service) => clientConfig(service, OUTSIDE),
      ...(options.stripe ? { stripe: options.stripe } : {}),
    },
    env: (name) => functions.env(name),
    invoke: (name, event) => functions.invoke(name, event),
    counts: () => functions.counts(),
    restart: (name) => functions.restart(name),
    settle: (limitMs) => world.clock.settle(limitMs),
    listen: async (gateway, port) => {
      const listener = await listen(gateway, port, fail);
      listeners.push(listener);
      return listener;
    },
    serveServices: async (port) => {
      const listener = await serveServices({ world, services, dynamo: dynamo.endpoint }, port);
      listeners.push(listener);
      return listener;
    },
    follow: (wall = Date.now) => world.clock.follow(wall, fail),
    stop: () => {
      stopping ??= (async () => {
        await Promise.all(listeners.map((listener) => listener.close()));
        await world.clock.stop();
        await dynamo.stop();
      })();
      return stopping;
    },
  };
}

const finder =
  (templates: ReadTemplates) =>
  (type: string, name: string): Resource | undefined =>
    templates.ofType(type).find(({ logicalId }) => logicalId === name);

function gatewayNamed(gateways: readonly Gateway[], templates: ReadTemplates, name: string | undefined): Gateway {
  if (name !== undefined) {
    return known(
      gateways.find((gateway) => [gateway.name, gateway.apiId, gateway.logicalId].includes(name)),
      `API ${name}`,
    );
  }
  const guarded = templates.ofType('AWS::ApiGateway::Authorizer').map((authorizer) => text(authorizer, 'RestApiId'));
  return known(gateways.find(({ apiId }) => guarded.includes(apiId)) ?? gateways[0], 'API');
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InputError({ code: 'not-in-template', message: `the template has no ${what}` });
  return value;
}
