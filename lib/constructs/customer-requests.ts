import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Ledger } from './ledger.ts';
import type { Notices } from './notices.ts';
import type { Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';
import { WorkedQueue } from './worked-queue.ts';

export interface CustomerRequestsProps {
  readonly defaults: FunctionDefaults;
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly portalTable: Table;
  readonly accessQueue: WorkedQueue;
  readonly notices: Notices;
  readonly stripeSecret: ISecret;
}

/**
 * What customers ask for on their pages and no page can do while it is waited for: bundles that read the ledger, the export
 * of all of a customer's data, erasing. A function of its own, that nothing outside reaches, may do this; the one that serves
 * pages only writes down that it was asked. See ADR 0017.
 */
export class CustomerRequests extends Construct {
  readonly requests: WorkedQueue;
  readonly fulfilRequests: TollgateFunction;

  constructor(scope: Construct, id: string, props: CustomerRequestsProps) {
    super(scope, id);
    this.requests = new WorkedQueue(this, 'Requests', { workerTimeout: TIMEOUT });
    this.fulfilRequests = this.makeFunction(props);
    // A bundle may fill most of the function's memory; more at once would only wait for each other.
    this.requests.workedBy(this.fulfilRequests, { batchSize: 1, maxConcurrency: 5 });
  }

  private makeFunction({
    defaults,
    tables,
    ledger,
    portalTable,
    accessQueue,
    notices,
    stripeSecret,
  }: CustomerRequestsProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'FulfilRequests', {
      name: 'fulfil-requests',
      description: 'Makes what customers asked for: bundles, exports of their data; and erases it',
      defaults,
      timeout: TIMEOUT,
      memorySize: 3008,
      environment: {
        PORTAL_TABLE: portalTable.tableName,
        DIRECTORY_TABLE: tables.directory.tableName,
        DECISIONS_TABLE: tables.decisions.tableName,
        RULESETS_TABLE: tables.rulesets.tableName,
        USAGE_TABLE: tables.usage.tableName,
        INVOICES_TABLE: tables.invoices.tableName,
        LEDGER_BUCKET: ledger.bucket.bucketName,
        RECORDS_BUCKET: ledger.records.bucketName,
        ACCESS_QUEUE_URL: accessQueue.queue.queueUrl,
        NOTICES_TABLE: notices.table.tableName,
        STRIPE_SECRET_ARN: stripeSecret.secretArn,
      },
    });
    const read = ['dynamodb:GetItem', 'dynamodb:Query'];
    fn.allow([...read, 'dynamodb:PutItem'], [tables.directory.tableArn]);
    fn.allow(
      read,
      [tables.decisions, tables.rulesets, tables.usage, tables.invoices].map(({ tableArn }) => tableArn),
    );
    fn.allow([...read, 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [portalTable.tableArn]);
    // Erasing takes away whom alerts went to.
    fn.allow([...read, 'dynamodb:DeleteItem'], [notices.table.tableArn]);
    fn.allowObjects(['s3:GetObject', 's3:GetObjectVersion'], ledger.bucket, 'usage', 'events');
    fn.allowObjects(['s3:GetObject'], ledger.records, 'hours', 'rulesets', 'invoices');
    fn.allowObjects(['s3:PutObject'], ledger.records, 'downloads');
    // Erasing takes names away at Stripe as well.
    fn.allow(['secretsmanager:GetSecretValue'], [stripeSecret.secretArn]);
    accessQueue.allowSend(fn);
    return fn;
  }
}

const TIMEOUT = Duration.minutes(15);
