import { createHash } from 'node:crypto';
import type { EpochMs } from '../../../domain/time/time.ts';
import { MINUTE_MS, SECOND_MS } from '../../../domain/time/time.ts';
import { AwsError } from '../sdk/http.ts';
import { at, flag, number } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import type { SeededRandom } from '../time/seeded-random.ts';
import type { World } from '../world.ts';

export interface NewMessage {
  readonly body: string;
  readonly delaySeconds?: number | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequence: number;
  readonly sentAt: EpochMs;
  visibleAt: EpochMs;
  receiveCount: number;
  firstReceivedAt: EpochMs;
  receipt: string;
  inFlight: boolean;
  /** The queue it died in, once it lies in a dead-letter queue. */
  deadFrom: string | undefined;
}

const DEDUPLICATION_MS = 5 * MINUTE_MS;

/**
 * One SQS queue, standard or FIFO. A message is delivered at least once: received, it is hidden for the visibility
 * timeout and comes back unless deleted; received `maxReceiveCount` times it moves to the dead-letter queue instead.
 */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly fifo: boolean;
  readonly visibilityMs: number;
  readonly #delayMs: number;
  readonly #retentionMs: number;
  readonly #contentDeduplication: boolean;
  readonly #redrive: { readonly arn: string; readonly maxReceives: number } | undefined;
  readonly #world: World;
  readonly #random: SeededRandom;
  #messages: Message[] = [];
  #sequence = 0;
  readonly #seen = new Map<string, { at: EpochMs; id: string }>();
  #deadLetters: Queue | undefined;
  /** Told whenever a message may have become visible at the given time. */
  onMessage: (visibleAt: EpochMs) => void = () => {};

  constructor(world: World, resource: Resource) {
    this.#world = world;
    this.#random = world.random.fork(`queue ${resource.logicalId}`);
    this.url = resource.ref;
    this.arn = resource.attribute('Arn');
    this.name = resource.attribute('QueueName');
    this.fifo = flag(resource, 'FifoQueue');
    this.#contentDeduplication = flag(resource, 'ContentBasedDeduplication');
    this.visibilityMs = number(resource, 'VisibilityTimeout', 30) * SECOND_MS;
    this.#delayMs = number(resource, 'DelaySeconds', 0) * SECOND_MS;
    this.#retentionMs = number(resource, 'MessageRetentionPeriod', 345_600) * SECOND_MS;
    const target = at(resource, 'RedrivePolicy.deadLetterTargetArn');
    this.#redrive =
      target === undefined
        ? undefined
        : { arn: String(target), maxReceives: number(resource, 'RedrivePolicy.maxReceiveCount', 10) };
  }

  /** @throws Error when the dead-letter queue is not in the template */
  connect(queues: ReadonlyMap<string, Queue>): void {
    if (!this.#redrive) return;
    this.#deadLetters = queues.get(this.#redrive.arn);
    if (!this.#deadLetters) throw new Error(`queue ${this.name}: no dead-letter queue ${this.#redrive.arn}`);
  }

  /** @returns the message's id; a FIFO duplicate within five minutes answers with the first one's. @throws AwsError */
  send(message: NewMessage): { id: string; md5: string; sequence: number } {
    const md5 = createHash('md5').update(message.body).digest('hex');
    const now = this.#world.clock.now();
    const id = this.#random.uuid();
    const sequence = ++this.#sequence;
    if (this.fifo) {
      const twin = this.#deduplicate(message, id, now);
      if (twin !== undefined) return { id: twin, md5, sequence };
    } else if (message.deduplicationId !== undefined) {
      throw new AwsError('InvalidParameterValue', 'MessageDeduplicationId is for FIFO queues');
    }
    const { faults } = this.#world;
    const copies = this.fifo ? 1 : (faults.copies?.('queue-message', this.name) ?? 1);
    for (let copy = 0; copy < copies; copy += 1) {
      const lateMs = faults.delayMs?.('queue-message', this.name) ?? 0;
      const delayMs = message.delaySeconds === undefined ? this.#delayMs : message.delaySeconds * SECOND_MS;
      this.#add(message, id, md5, sequence, now + delayMs + lateMs);
    }
    return { id, md5, sequence };
  }

  #deduplicate(message: NewMessage, id: string, now: EpochMs): string | undefined {
    if (message.groupId === undefined)
      throw new AwsError('MissingParameter', 'the request must contain MessageGroupId');
    if (message.delaySeconds !== undefined && message.delaySeconds !== 0) {
      throw new AwsError('InvalidParameterValue', 'DelaySeconds is not valid for a single message of a FIFO queue');
    }
    const key =
      message.deduplicationId ??
      (this.#contentDeduplication ? createHash('sha256').update(message.body).digest('hex') : undefined);
    if (key === undefined) {
      throw new AwsError(
        'InvalidParameterValue',
        'the queue needs ContentBasedDeduplication or a MessageDeduplicationId',
      );
    }
    for (const [old, { at: sentAt }] of this.#seen) {
      if (sentAt + DEDUPLICATION_MS > now) break;
      this.#seen.delete(old);
    }
    const twin = this.#seen.get(key);
    if (twin) return twin.id;
    this.#seen.set(key, { at: now, id });
    return undefined;
  }

  #add(message: NewMessage, id: string, md5: string, sequence: number, visibleAt: EpochMs): void {
    this.#messages.push({
      id,
      body: message.body,
      md5,
      attributes: message.attributes ?? {},
      groupId: message.groupId,
      deduplicationId: message.deduplicationId,
      sequence,
      sentAt: this.#world.clock.now(),
      visibleAt,
      receiveCount: 0,
      firstReceivedAt: 0,
      receipt: '',
      inFlight: false,
      deadFrom: undefined,
    });
    this.onMessage(visibleAt);
  }

  /** Hides up to `max` visible messages and hands them out. */
  receive(max: number, visibilityMs = this.visibilityMs): Message[] {
    const now = this.#world.clock.now();
    this.#expire(now);
    const received: Message[] = [];
    const blocked = new Set<string>();
    for (const message of this.#candidates(now)) {
      if (received.length >= max) break;
      if (message.groupId !== undefined && this.fifo && blocked.has(message.groupId)) continue;
      if (message.visibleAt > now) {
        // A FIFO group waits for its first message, whether that is in flight or delayed.
        if (this.fifo && message.groupId !== undefined) blocked.add(message.groupId);
        continue;
      }
      if (this.#deadLetters && message.receiveCount >= (this.#redrive?.maxReceives ?? 0)) {
        this.#bury(message, this.#deadLetters);
        continue;
      }
      message.receiveCount += 1;
      message.firstReceivedAt ||= now;
      message.visibleAt = now + visibilityMs;
      message.inFlight = true;
      message.receipt = this.#random.hex(24);
      received.push(message);
    }
    return received;
  }

  #candidates(now: EpochMs): readonly Message[] {
    const order = this.#world.faults.order;
    if (this.fifo || !order) return [...this.#messages];
    return order(
      'queue-message',
      this.name,
      this.#messages.filter(({ visibleAt }) => visibleAt <= now),
    );
  }

  #bury(message: Message, deadLetters: Queue): void {
    this.#remove(message);
    deadLetters.#messages.push({
      ...message,
      visibleAt: this.#world.clock.now(),
      inFlight: false,
      receiveCount: 0,
      deadFrom: this.arn,
    });
    this.#world.log.warn('a message moved to the dead-letter queue', {
      queue: this.name,
      to: deadLetters.name,
      message: message.id,
    });
    deadLetters.onMessage(this.#world.clock.now());
  }

  #expire(now: EpochMs): void {
    this.#messages = this.#messages.filter(({ sentAt }) => sentAt + this.#retentionMs > now);
  }

  #remove(message: Message): void {
    const index = this.#messages.indexOf(message);
    if (index >= 0) this.#messages.splice(index, 1);
  }

  /** An outdated receipt does nothing on a standard queue, as on AWS. */
  delete(receipt: string): void {
    const message = this.#messages.find((m) => m.receipt === receipt);
    if (!message) return;
    this.#remove(message);
    if (this.fifo) this.onMessage(this.#world.clock.now());
  }

  changeVisibility(receipt: string, ms: number): void {
    const message = this.#messages.find((m) => m.receipt === receipt);
    if (!message) throw new AwsError('MessageNotInflight', 'no message in flight has this receipt');
    message.visibleAt = this.#world.clock.now() + ms;
    this.onMessage(message.visibleAt);
  }

  /** The time at which the next message could be received, if any is waiting. */
  nextVisibleAt(): EpochMs | undefined {
    let next: EpochMs | undefined;
    const groups = new Map<string, EpochMs>();
    for (const { visibleAt, groupId } of this.#messages) {
      let at = visibleAt;
      // What stands behind a message of its FIFO group cannot come before it.
      if (this.fifo && groupId !== undefined) {
        at = Math.max(at, groups.get(groupId) ?? at);
        groups.set(groupId, at);
      }
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** For tests and `sqs:GetQueueAttributes`: everything in the queue, oldest first. */
  contents(): readonly Readonly<Message>[] {
    return this.#messages;
  }

  purge(): void {
    this.#messages = [];
  }
}
