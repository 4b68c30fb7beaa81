import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { DeadLetters } from './dead-letters.ts';
import { FIXED_DAYS } from './kept-days.ts';
import type { TollgateFunction } from './tollgate-function.ts';

export interface WorkedQueueProps {
  /** Longest run of the function that works on it; a message stays hidden six times as long, as Lambda asks. */
  readonly workerTimeout: Duration;
  /** @default false */
  readonly fifo?: boolean;
  /** Receives before a message goes to the dead letters. @default 5 */
  readonly maxReceiveCount?: number;
}

export interface WorkOptions {
  readonly batchSize: number;
  /** Runs at once; at least 2 for a standard queue. @default no bound */
  readonly maxConcurrency?: number;
}

/** A queue and its dead letters, which are kept for 14 days and alarmed. */
export class WorkedQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: WorkedQueueProps) {
    super(scope, id);
    const kind = props.fifo === true ? { fifo: true as const } : {};
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { fifo: props.fifo === true });
    this.queue = new Queue(this, 'Queue', {
      ...kind,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(FIXED_DAYS.queues),
      visibilityTimeout: Duration.seconds(props.workerTimeout.toSeconds() * 6),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount ?? 5 },
    });
  }

  /** The function works on the queue; a message that fails is retried alone. */
  workedBy(worker: TollgateFunction, options: WorkOptions): void {
    worker.fn.addEventSource(new SqsEventSource(this.queue, { ...options, reportBatchItemFailures: true }));
    const reason = 'Destinations on failure are for streams; the queue has its own dead letters.';
    acknowledge(worker.fn, 'Serverless-LambdaEventSourceMappingDestination', reason);
  }

  /** `sqs:SendMessage` and nothing else. */
  allowSend(sender: TollgateFunction): void {
    sender.allow(['sqs:SendMessage'], [this.queue.queueArn]);
  }
}
