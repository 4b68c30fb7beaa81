import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Ledger } from './ledger.ts';
import type { Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';
import { WorkedQueue } from './worked-queue.ts';

export interface MeteringProps {
  readonly defaults: FunctionDefaults;
  readonly ledger: Ledger;
  readonly tables: Tables;
  /** Hours after its end at which an hour is closed. */
  readonly watermarkHours: number;
}

/** Where `meter-usage` asks for a look at the customers whose counters moved. */
type Looks = Pick<WorkedQueue, 'queue' | 'allowSend'>;

/** Counts the ledger: at once and provisionally (`meter-usage`), and hour by hour for the bill (`close-hours`). */
export class Metering extends Construct {
  /** Announcements of new ledger objects. */
  readonly objects: WorkedQueue;
  readonly meterUsage: TollgateFunction;
  readonly closeHours: TollgateFunction;

  constructor(scope: Construct, id: string, props: MeteringProps) {
    super(scope, id);
    this.meterUsage = this.makeMeterUsage(props);
    this.closeHours = this.makeCloseHours(props);
    this.objects = this.announced(props.ledger);
  }

  /** Counted usage is looked at: caps act on it, and customers are told of it. */
  announceTo(looks: Looks): void {
    this.meterUsage.fn.addEnvironment('WATCH_QUEUE_URL', looks.queue.queueUrl);
    looks.allowSend(this.meterUsage);
  }

  private makeMeterUsage({ defaults, ledger, tables }: MeteringProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'MeterUsage', {
      name: 'meter-usage',
      description: 'Counts each ledger object once, provisionally',
      defaults,
      timeout: Duration.seconds(60),
      memorySize: 1024,
      environment: {
        USAGE_TABLE: tables.usage.tableName,
        RULESETS_TABLE: tables.rulesets.tableName,
        LEDGER_BUCKET: ledger.bucket.bucketName,
        RECORDS_BUCKET: ledger.records.bucketName,
      },
    });
    fn.allow(['dynamodb:UpdateItem'], [tables.usage.tableArn]);
    fn.allow(['dynamodb:Query'], [tables.rulesets.tableArn]);
    readLedger(fn, ledger);
    fn.allowObjects(['s3:GetObject'], ledger.records, 'rulesets');
    fn.allowObjects(['s3:PutObject'], ledger.records, 'quarantine');
    return fn;
  }

  private makeCloseHours({ defaults, ledger, tables, watermarkHours }: MeteringProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'CloseHours', {
      name: 'close-hours',
      description: 'Derives the billed quantities of each hour, and adjusts them for late objects',
      defaults,
      timeout: Duration.minutes(15),
      memorySize: 1769,
      withoutDeadLetters: 'The next scheduled run resumes what this one left; a failed run is alarmed.',
      environment: {
        USAGE_TABLE: tables.usage.tableName,
        RULESETS_TABLE: tables.rulesets.tableName,
        LEDGER_BUCKET: ledger.bucket.bucketName,
        RECORDS_BUCKET: ledger.records.bucketName,
        WATERMARK_HOURS: String(watermarkHours),
      },
    });
    fn.allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:BatchWriteItem'],
      [tables.usage.tableArn],
    );
    fn.allow(['dynamodb:Query'], [tables.rulesets.tableArn]);
    readLedger(fn, ledger);
    fn.allow(['s3:ListBucketVersions'], [ledger.bucket.bucketArn]);
    // Without it S3 answers 403 instead of 404 for a list that is not written yet.
    fn.allow(['s3:ListBucket'], [ledger.records.bucketArn]);
    fn.allowObjects(['s3:GetObject'], ledger.records, 'rulesets');
    fn.allowObjects(['s3:GetObject', 's3:PutObject'], ledger.records, 'hours', 'index');
    fn.allowObjects(['s3:PutObject'], ledger.records, 'quarantine');
    return fn;
  }

  private announced(ledger: Ledger): WorkedQueue {
    const objects = new WorkedQueue(this, 'Objects', { workerTimeout: Duration.seconds(60) });
    const { queue } = objects;
    // The bucket's ARN here would make bucket and policy need each other; the account is what must be right.
    const granted = queue.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    ledger.announceTo(queue.queueArn, ...(granted.policyDependable === undefined ? [] : [granted.policyDependable]));
    objects.workedBy(this.meterUsage, { batchSize: 10 });
    return objects;
  }
}

const readLedger = (fn: TollgateFunction, { bucket }: Ledger) =>
  fn.allowObjects(['s3:GetObject', 's3:GetObjectVersion'], bucket, 'usage', 'events');
