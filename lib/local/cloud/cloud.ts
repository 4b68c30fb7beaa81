import type { AwsService, Log, Runtime } from '../../app/runtime.ts';
import { assemble } from './assemble.ts';
import { createCustomResources } from './custom-resources.ts';
import { startDynamo } from './dynamo.ts';
import type { Faults } from './faults.ts';
import { type CreateHandler, FunctionHost, type Outcome } from './function-host.ts';
import { controlPlane } from './gateway/control-plane.ts';
import type { Gateway, GatewayOptions } from './gateway/gateway.ts';
import type { Listener } from './gateway/listener.ts';
import type { UsagePlans } from './gateway/usage-plans.ts';
import { known } from './known.ts';
import { type CapturedMail, Mailbox } from './mail.ts';
import type { Bucket } from './objects/bucket.ts';
import { s3Api } from './objects/s3-api.ts';
import { parametersApi } from './parameters.ts';
import type { Queue } from './queues/queue.ts';
import { sqsApi } from './queues/sqs-api.ts';
import { addFunctions, connect, makeGateways, makeStores } from './resources.ts';
import { startSchedule } from './schedules.ts';
import { type Service, sdkConfig } from './sdk/http.ts';
import type { Secrets } from './secrets.ts';
import { firehoseApi } from './streams/firehose-api.ts';
import { isCustom } from './template/resource-types.ts';
import { readTemplates, type StackTemplate } from './template/template.ts';
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
