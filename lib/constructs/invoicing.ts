import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Ledger } from './ledger.ts';
import type { Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';
import { WorkedQueue } from './worked-queue.ts';

export interface InvoicingProps {
  readonly defaults: FunctionDefaults;
  readonly ledger: Ledger;
  readonly tables: Tables;
  readonly removalPolicy: RemovalPolicy;
  /** Hours after its end at which a period is invoiced. */
  readonly invoiceDelayHours: number;
  /** @default one is made, to be filled in */
  readonly stripeSecret?: ISecret;
  readonly accessQueue: WorkedQueue;
  readonly invoicing: Required<InvoicingSettingsProps>;
  readonly dunning: DunningProps;
}

/** How long a customer who is late is waited for, in days since the first failed payment or the missed due date. */
export interface DunningProps {
  /** Calls pass at least so long, also when Stripe has given up before. */
  readonly graceDays: number;
  /** Calls stop then, whatever Stripe still tries; null: only once Stripe has given up. Not before `graceDays`. */
  readonly suspendAfterDays: number | null;
}

/** Stripe's own retries take up to fifteen days. */
export const DUNNING_DEFAULTS: DunningProps = { graceDays: 7, suspendAfterDays: 21 };

/** How careful the team wants to be before an invoice leaves. */
export interface InvoicingSettingsProps {
  /** `shadow`: everything but Stripe, while another system still bills. @default 'live' */
  readonly mode?: 'live' | 'shadow';
  /** Whether nothing leaves before an operator has run `tollgate invoice approve`. @default true */
  readonly approveFirstRun?: boolean;
  /**
   * Holds a bill that is above `factor` times the largest of the customer's last three, and above `floor` (decimal strings,
   * the floor in major units of the invoice's currency); null holds none.
   * @default factor '3', floor '1000'
   */
  readonly anomaly?: { readonly factor: string; readonly floor: string } | null;
}

/** The careful ones. */
export const INVOICING_DEFAULTS: Required<InvoicingSettingsProps> = {
  mode: 'live',
  approveFirstRun: true,
  anomaly: { factor: '3', floor: '1000' },
};

/** Closed usage to paid invoices: one message for each customer and period that is due. */
export class Invoicing extends Construct {
  readonly stripeSecret: ISecret;
  readonly invoices: WorkedQueue;
  readonly startInvoicing: TollgateFunction;
  readonly invoiceCustomer: TollgateFunction;
  readonly receiveStripeEvents: TollgateFunction;

  constructor(scope: Construct, id: string, props: InvoicingProps) {
    super(scope, id);
    this.stripeSecret = props.stripeSecret ?? this.makeSecret(props.removalPolicy);
    this.invoices = new WorkedQueue(this, 'Invoices', { workerTimeout: INVOICE_TIMEOUT });
    this.startInvoicing = this.makeStartInvoicing(props);
    this.invoiceCustomer = this.makeInvoiceCustomer(props);
    this.receiveStripeEvents = this.makeReceiveStripeEvents(props);
    // Five at once share the 25 requests a second that each endpoint gets at least; ten invoices in each, because an invoice
    // mostly waits for Stripe: with one, its latency would be the limit.
    this.invoices.workedBy(this.invoiceCustomer, { batchSize: 10, maxConcurrency: 5 });
  }

  private makeSecret(removalPolicy: RemovalPolicy): ISecret {
    const secret = new Secret(this, 'StripeSecret', {
      description: 'Stripe: { "apiKey": "sk_…", "webhookSecret": "whsec_…" }, to be filled in by the team',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ apiKey: '', webhookSecret: '' }),
        generateStringKey: 'placeholder',
      },
      removalPolicy,
    });
    acknowledge(secret, 'AwsSolutions-SMG4', 'Stripe issues these keys: only a person at Stripe can rotate them.');
    return secret as ISecret;
  }

  private makeStartInvoicing({
    defaults,
    ledger,
    tables,
    invoiceDelayHours,
    accessQueue,
    dunning,
  }: InvoicingProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'StartInvoicing', {
      name: 'start-invoicing',
      description: 'Finds the periods that are due and sends a message for each customer',
      defaults,
      timeout: Duration.minutes(5),
      withoutDeadLetters: 'The next scheduled run resumes what this one left; a failed run is alarmed.',
      environment: {
        DIRECTORY_TABLE: tables.directory.tableName,
        INVOICES_TABLE: tables.invoices.tableName,
        DECISIONS_TABLE: tables.decisions.tableName,
        RULESETS_TABLE: tables.rulesets.tableName,
        RECORDS_BUCKET: ledger.records.bucketName,
        INVOICE_QUEUE_URL: this.invoices.queue.queueUrl,
        INVOICE_DELAY_HOURS: String(invoiceDelayHours),
        ACCESS_QUEUE_URL: accessQueue.queue.queueUrl,
        DUNNING: JSON.stringify(dunning),
      },
    });
    // Each hour it also looks at customers who are late, and suspends those whose time is up.
    fn.allow(['dynamodb:PutItem'], [tables.directory.tableArn]);
    fn.allow(['dynamodb:DeleteItem'], [tables.invoices.tableArn]);
    accessQueue.allowSend(fn);
    fn.allow(['dynamodb:GetItem', 'dynamodb:Query'], [tables.directory.tableArn, tables.invoices.tableArn]);
    // Which fees are due in advance, the decisions and the rules in force say.
    fn.allow(['dynamodb:Query'], [tables.decisions.tableArn, tables.rulesets.tableArn]);
    fn.allowObjects(['s3:GetObject'], ledger.records, 'rulesets');
    // It remembers that a look at all customers found nothing due.
    fn.allow(['dynamodb:PutItem'], [tables.invoices.tableArn]);
    this.invoices.allowSend(fn);
    return fn;
  }

  private makeInvoiceCustomer({ defaults, ledger, tables, invoicing }: InvoicingProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'InvoiceCustomer', {
      name: 'invoice-customer',
      description: 'Rates one customer’s closed period and takes its invoice to Stripe',
      defaults,
      timeout: INVOICE_TIMEOUT,
      memorySize: 1024,
      environment: {
        DIRECTORY_TABLE: tables.directory.tableName,
        USAGE_TABLE: tables.usage.tableName,
        RULESETS_TABLE: tables.rulesets.tableName,
        DECISIONS_TABLE: tables.decisions.tableName,
        INVOICES_TABLE: tables.invoices.tableName,
        RECORDS_BUCKET: ledger.records.bucketName,
        STRIPE_SECRET_ARN: this.stripeSecret.secretArn,
        INVOICING_SETTINGS: JSON.stringify(invoicing),
      },
    });
    fn.allow(['dynamodb:Query'], [tables.usage.tableArn, tables.rulesets.tableArn, tables.decisions.tableArn]);
    fn.allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
      [tables.directory.tableArn, tables.invoices.tableArn],
    );
    fn.allowObjects(['s3:GetObject'], ledger.records, 'rulesets');
    fn.allowObjects(['s3:GetObject', 's3:PutObject'], ledger.records, 'invoices');
    fn.allow(['secretsmanager:GetSecretValue'], [this.stripeSecret.secretArn]);
    return fn;
  }

  private makeReceiveStripeEvents(props: InvoicingProps): TollgateFunction {
    const { defaults, ledger, tables, accessQueue, dunning } = props;
    const fn = new TollgateFunction(this, 'ReceiveStripeEvents', {
      name: 'receive-stripe-events',
      description: 'Takes Stripe’s signed webhooks, in any order and any number of times',
      defaults,
      timeout: Duration.seconds(25),
      environment: {
        DIRECTORY_TABLE: tables.directory.tableName,
        INVOICES_TABLE: tables.invoices.tableName,
        RECORDS_BUCKET: ledger.records.bucketName,
        STRIPE_SECRET_ARN: this.stripeSecret.secretArn,
        ACCESS_QUEUE_URL: accessQueue.queue.queueUrl,
        DUNNING: JSON.stringify(dunning),
      },
    });
    fn.allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
      [tables.directory.tableArn, tables.invoices.tableArn],
    );
    fn.allow(['dynamodb:DeleteItem'], [tables.invoices.tableArn]);
    fn.allow(['secretsmanager:GetSecretValue'], [this.stripeSecret.secretArn]);
    // Invoices too large for an item lie in the bucket.
    fn.allowObjects(['s3:GetObject', 's3:PutObject'], ledger.records, 'invoices');
    accessQueue.allowSend(fn);
    return fn;
  }
}

const INVOICE_TIMEOUT = Duration.minutes(5);
