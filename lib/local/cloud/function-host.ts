import { join } from 'node:path';
import type { AwsService, Log, Metrics, Runtime } from '../../app/runtime.ts';
import { InputError } from '../../domain/input-error.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import type { Queue } from './queues/queue.ts';
import { at, number, record, text } from './template/read.ts';
import type { Resource } from './template/template.ts';
import type { SeededRandom } from './time/seeded-random.ts';
import type { World } from './world.ts';

/** `createHandler` of a function: its runtime in, what AWS would call out. */
export type CreateHandler = (runtime: Runtime) => (event: never, context: never) => unknown;

export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: Error };

/** What a function is given beside its event. */
interface LambdaContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

export interface HostOptions {
  /** By `POWERTOOLS_SERVICE_NAME`. */
  readonly functions: Readonly<Record<string, CreateHandler>>;
  clientConfig(service: AwsService, caller: string): object;
  readonly stripe?: Runtime['stripe'];
}

interface HostedFunction {
  readonly name: string;
  readonly arn: string;
  readonly timeoutMs: number;
  readonly memory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly random: SeededRandom;
  /** Where an asynchronous event goes that failed for good. */
  readonly deadLetters: string | undefined;
  handler: ((event: unknown, context: LambdaContext) => unknown) | undefined;
}

/** An asynchronous event is tried three times, a minute and then two minutes apart. Source: Lambda developer guide, "Error handling for asynchronous invocation". */
const ASYNC_RETRY_MS = [MINUTE_MS, 2 * MINUTE_MS];

/** Runs the functions of the template in this process, each with its own runtime. */
export class FunctionHost {
  readonly #world: World;
  readonly #options: HostOptions;
  readonly #functions = new Map<string, HostedFunction>();
  readonly #counts = new Map<string, number>();
  #queues: ReadonlyMap<string, Queue> = new Map();

  constructor(world: World, options: HostOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** @throws InputError `unknown-function` when the registry has no function of that service name */
  add(resource: Resource, destination?: string): void {
    const given = Object.entries(record(resource, 'Environment.Variables')).map(([name, value]) => [
      name,
      String(value),
    ]);
    const env: Record<string, string> = { ...codeFolder(resource), ...Object.fromEntries(given) };
    const name = env.POWERTOOLS_SERVICE_NAME;
    if (name === undefined || !Object.hasOwn(this.#options.functions, name)) {
      throw new InputError({
        code: 'unknown-function',
        path: `/Resources/${resource.logicalId}`,
        message: `${resource.logicalId}: no function is registered for POWERTOOLS_SERVICE_NAME ${JSON.stringify(name ?? '')}`,
        hint: `registered are: ${Object.keys(this.#options.functions).sort().join(', ')}`,
      });
    }
    const deadLetters = at(resource, 'DeadLetterConfig.TargetArn');
    this.#functions.set(resource.ref, {
      name,
      arn: resource.attribute('Arn'),
      timeoutMs: number(resource, 'Timeout', 3) * 1_000,
      memory: String(number(resource, 'MemorySize', 128)),
      env,
      random: this.#world.random.fork(`function ${name}`),
      deadLetters: destination ?? (deadLetters === undefined ? undefined : String(deadLetters)),
      handler: undefined,
    });
    text(resource, 'Runtime');
  }

  connect(queues: ReadonlyMap<string, Queue>): void {
    this.#queues = queues;
  }

  /** @param functionName its name, its service name, an ARN with or without qualifier, or the ARN inside an API Gateway integration URI */
  #find(functionName: string): HostedFunction {
    const [, inArn] = /:function:([^:/]+)/.exec(functionName) ?? [];
    const found = this.#functions.get(inArn ?? functionName) ?? this.#named(functionName);
    if (!found)
      throw new InputError({ code: 'unknown-function', message: `the template has no function ${functionName}` });
    return found;
  }

  #named(serviceName: string): HostedFunction | undefined {
    return [...this.#functions.values()].find(({ name }) => name === serviceName);
  }

  env(functionName: string): Readonly<Record<string, string>> {
    return this.#find(functionName).env;
  }

  /** The names are the same everywhere, so that they can stand together. */
  everyEnv(): Readonly<Record<string, string>> {
    return Object.assign({}, ...[...this.#functions.values()].map(({ env }) => env)) as Record<string, string>;
  }

  /** @throws InputError now rather than at the first event */
  check(functionName: string): void {
    this.#find(functionName);
  }

  /**
   * Runs a function to its end. What it throws is an outcome, since whoever called decides what a failure means.
   * Event and answer cross as JSON, as they do on AWS.
   */
  async invoke(functionName: string, event: unknown): Promise<Outcome> {
    const hosted = this.#find(functionName);
    const started = this.#world.clock.now();
    try {
      this.#world.faults.invoke?.(hosted.name);
      hosted.handler ??= this.#start(hosted);
      const value = await hosted.handler(json(event), this.#context(hosted, started));
      return { ok: true, value: json(value) };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      // An authorizer's way to say 401.
      if (error.message !== 'Unauthorized')
        this.#world.log.warn('a function failed', { function: hosted.name, error: error.message });
      return { ok: false, error };
    }
  }

  /** Runs a function later, retries it, and leaves what fails for good in its dead-letter queue. */
  invokeAsync(functionName: string, event: unknown, what: string): void {
    const hosted = this.#find(functionName);
    const attempt = async (n: number): Promise<void> => {
      const { ok } = await this.invoke(functionName, event);
      if (ok) return;
      const retryMs = ASYNC_RETRY_MS[n];
      if (retryMs !== undefined) {
        this.#world.clock.after(retryMs, `retry ${n + 1} of ${what}`, () => attempt(n + 1));
        return;
      }
      const queue = hosted.deadLetters === undefined ? undefined : this.#queues.get(hosted.deadLetters);
      queue?.send({ body: JSON.stringify(event) });
      this.#world.log.error('an asynchronous event failed for good', {
        function: hosted.name,
        what,
        kept: queue?.name ?? 'nowhere',
      });
    };
    this.#world.clock.after(0, what, () => attempt(0));
  }

  /** Forgets what functions hold in memory: the next event starts them cold. */
  restart(name?: string): void {
    for (const hosted of this.#functions.values()) {
      if (name === undefined || hosted.name === name) hosted.handler = undefined;
    }
  }

  /** What functions counted, as `<function>/<metric>` -> sum. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort());
  }

  #start(hosted: HostedFunction): NonNullable<HostedFunction['handler']> {
    const create = this.#options.functions[hosted.name] as CreateHandler;
    const runtime: Runtime = {
      env: hosted.env,
      clock: this.#world.clock,
      random: hosted.random,
      sleep: (ms) => this.#world.clock.sleep(ms),
      log: named(this.#world.log, hosted.name),
      metrics: this.#metrics(hosted.name),
      clientConfig: (service) => this.#options.clientConfig(service, hosted.name),
      webhooksToLoopback: true,
      ...(this.#options.stripe ? { stripe: this.#options.stripe } : {}),
    };
    return create(runtime) as NonNullable<HostedFunction['handler']>;
  }

  #metrics(functionName: string): Metrics {
    return {
      count: (name, value) => {
        const key = `${functionName}/${name}`;
        this.#counts.set(key, (this.#counts.get(key) ?? 0) + value);
      },
    };
  }

  #context(hosted: HostedFunction, started: number): LambdaContext {
    return {
      functionName: hosted.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: hosted.arn,
      memoryLimitInMB: hosted.memory,
      awsRequestId: hosted.random.uuid(),
      logGroupName: `/aws/lambda/${hosted.name}`,
      logStreamName: 'local',
      callbackWaitsForEmptyEventLoop: false,
      getRemainingTimeInMillis: () => Math.max(0, hosted.timeoutMs - (this.#world.clock.now() - started)),
    };
  }
}

/** Where the function's code and what lies beside it was put, as `LAMBDA_TASK_ROOT` says it on AWS. */
function codeFolder(resource: Resource): Record<string, string> {
  const key = at(resource, 'Code.S3Key');
  if (resource.assembly === undefined || typeof key !== 'string') return {};
  return { LAMBDA_TASK_ROOT: join(resource.assembly, `asset.${key.replace(/\.zip$/, '')}`) };
}

const json = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

function named(log: Log, functionName: string): Log {
  return {
    info: (message, fields) => log.info(message, { function: functionName, ...fields }),
    warn: (message, fields) => log.warn(message, { function: functionName, ...fields }),
    error: (message, fields) => log.error(message, { function: functionName, ...fields }),
  };
}
