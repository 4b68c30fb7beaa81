import type { EpochMs } from '../../../domain/time/time.ts';
import { SECOND_MS } from '../../../domain/time/time.ts';
import type { FunctionHost } from '../function-host.ts';
import { at, list, number, refuse, text } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import type { Timer } from '../time/virtual-clock.ts';
import type { World } from '../world.ts';
import type { Message, Queue } from './queue.ts';
import { systemAttributes } from './sqs-api.ts';

const IGNORED_UNLESS_SET = ['FilterCriteria', 'DestinationConfig', 'ProvisionedPollerConfig'];

/** How many batches of a queue run at once. One keeps a run repeatable to the byte; more is faster. */
export interface EventSourceOptions {
  readonly concurrency: number;
}

/**
 * Lambda's poller: hands a queue's messages to a function in batches, deletes what it did, leaves what it failed. Return is
 * done, throw is retry; with `ReportBatchItemFailures` single messages are retried.
 */
export function connectEventSource(
  world: World,
  resource: Resource,
  queues: ReadonlyMap<string, Queue>,
  functions: FunctionHost,
  { concurrency }: EventSourceOptions,
): void {
  for (const property of IGNORED_UNLESS_SET) {
    if (at(resource, property) !== undefined) throw refuse(resource, property, 'the embedded cloud does not know it');
  }
  const queue = queues.get(text(resource, 'EventSourceArn'));
  if (!queue) throw refuse(resource, 'EventSourceArn', 'only queues of the template can be event sources');
  if (at(resource, 'Enabled') === false) return;
  const poller = new Poller(world, queue, functions, {
    functionName: text(resource, 'FunctionName'),
    batchSize: number(resource, 'BatchSize', 10),
    windowMs: number(resource, 'MaximumBatchingWindowInSeconds', 0) * SECOND_MS,
    partial: (list(resource, 'FunctionResponseTypes') as unknown[]).includes('ReportBatchItemFailures'),
    // A FIFO queue with one group is served by one batch at a time anyway; more would only reorder between groups.
    concurrency: queue.fifo ? 1 : concurrency,
  });
  queue.onMessage = (visibleAt) => poller.wake(visibleAt);
}

interface PollerSettings {
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly partial: boolean;
  readonly concurrency: number;
}

class Poller {
  readonly #world: World;
  readonly #queue: Queue;
  readonly #functions: FunctionHost;
  readonly #settings: PollerSettings;
  #timer: Timer | undefined;

  constructor(world: World, queue: Queue, functions: FunctionHost, settings: PollerSettings) {
    this.#world = world;
    this.#queue = queue;
    this.#functions = functions;
    this.#settings = settings;
  }

  wake(visibleAt: EpochMs): void {
    const { windowMs, batchSize } = this.#settings;
    const full = this.#queue.contents().length >= batchSize;
    const due = Math.max(visibleAt, this.#world.clock.now()) + (full ? 0 : windowMs);
    if (this.#timer && this.#timer.at <= due) return;
    this.#timer?.cancel();
    this.#timer = this.#world.clock.at(due, `delivery from ${this.#queue.name}`, () => this.#poll());
  }

  async #poll(): Promise<void> {
    this.#timer = undefined;
    const batches: Message[][] = [];
    while (batches.length < this.#settings.concurrency) {
      const batch = this.#queue.receive(this.#settings.batchSize);
      if (batch.length === 0) break;
      batches.push(batch);
    }
    await Promise.all(batches.map((batch) => this.#deliver(batch)));
    const next = this.#queue.nextVisibleAt();
    if (next !== undefined) this.wake(next);
  }

  async #deliver(batch: readonly Message[]): Promise<void> {
    const { functionName, partial } = this.#settings;
    const outcome = await this.#functions.invoke(functionName, sqsEvent(batch, this.#queue, this.#world));
    if (!outcome.ok) return;
    const failed = partial ? failedIds(outcome.value, batch) : new Set<string>();
    for (const message of batch) if (!failed.has(message.id)) this.#queue.delete(message.receipt);
  }
}

/** A malformed answer fails the whole batch, as on AWS: better twice than lost. */
function failedIds(answer: unknown, batch: readonly Message[]): ReadonlySet<string> {
  const everything = new Set(batch.map(({ id }) => id));
  const failures = (answer as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return everything;
  const ids = failures.map((failure: { itemIdentifier?: unknown }) => failure?.itemIdentifier);
  const known = ids.every((id) => typeof id === 'string' && everything.has(id));
  return known ? new Set(ids as string[]) : everything;
}

function sqsEvent(batch: readonly Message[], queue: Queue, world: World) {
  return {
    Records: batch.map((message) => ({
      messageId: message.id,
      receiptHandle: message.receipt,
      body: message.body,
      attributes: systemAttributes(message, world),
      messageAttributes: Object.fromEntries(
        Object.entries(message.attributes).map(([name, value]) => [name, lowerFirst(value as Record<string, unknown>)]),
      ),
      md5OfBody: message.md5,
      eventSource: 'aws:sqs',
      eventSourceARN: queue.arn,
      awsRegion: world.region,
    })),
  };
}

/** The SDK says `StringValue`, a function sees `stringValue`. */
const lowerFirst = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([name, item]) => [name.charAt(0).toLowerCase() + name.slice(1), item]));
