import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { FIXED_DAYS } from './kept-days.ts';

/** Where work waits that was given up, as long as SQS keeps anything: 14 days. It is alarmed when it is not empty. */
export class DeadLetters extends Queue {
  constructor(scope: Construct, id: string, props: { readonly fifo?: boolean } = {}) {
    super(scope, id, {
      // CloudFormation refuses `FifoQueue: false`.
      ...(props.fifo === true ? { fifo: true } : {}),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(FIXED_DAYS.queues),
    });
    for (const finding of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
      acknowledge(this, finding, 'This queue is itself a dead-letter queue.');
    }
  }
}
