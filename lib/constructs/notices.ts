import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ConfigurationSet, EmailSendingEvent, EventDestination } from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Ledger } from './ledger.ts';
import { keyedTable, type Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';
import { WorkedQueue } from './worked-queue.ts';

/** What a team says about mail to its customers. */
export interface NoticesOptions {
  /** Who the mail comes from: `billing@example.com`. SES must have verified the address or its domain in this Region. */
  readonly from: string;
  /**
   * The verified identity that sends, where it is neither the address nor its domain: a parent domain.
   * @default the domain of `from`
   */
  readonly identity?: string;
}

export interface NoticesProps {
  readonly defaults: FunctionDefaults;
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly accessQueue: WorkedQueue;
  readonly removalPolicy: RemovalPolicy;
  /** @default no mail is sent: alerts stand on the pages and go to webhooks */
  readonly mail?: NoticesOptions;
}

/**
 * Watches what customers use, stops them at their caps, and tells them: `watch-usage` looks, `send-notices` sends, and
 * `receive-bounces` hears from SES of addresses that do not take mail. See ADR 0016.
 */
export class Notices extends Construct {
  readonly table: Table;
  readonly secret: Secret;
  /** Who mail comes from; undefined without mail. */
  readonly mailFrom: string | undefined;
  /** Asks for looks at customers. */
  readonly looks: WorkedQueue;
  /** Notices on their way. */
  readonly outbox: WorkedQueue;
  readonly watchUsage: TollgateFunction;
  readonly sendNotices: TollgateFunction;
  /** Undefined without mail. */
  readonly receiveBounces: TollgateFunction | undefined;
  readonly bounceDeadLetters: DeadLetters | undefined;

  constructor(scope: Construct, id: string, props: NoticesProps) {
    super(scope, id);
    this.mailFrom = props.mail?.from;
    this.table = keyedTable(this, 'Table', props.removalPolicy, 'expiresAt');
    this.secret = this.makeSecret(props.removalPolicy);
    this.looks = new WorkedQueue(this, 'Looks', { workerTimeout: WATCH_TIMEOUT });
    this.outbox = new WorkedQueue(this, 'Outbox', { workerTimeout: SEND_TIMEOUT });
    this.watchUsage = this.makeWatchUsage(props);
    this.sendNotices = this.makeSendNotices(props);
    // Few at once: each warm one remembers what all customers' closed hours have in common.
    this.looks.workedBy(this.watchUsage, { batchSize: 10, maxConcurrency: 5 });
    this.outbox.workedBy(this.sendNotices, { batchSize: 5, maxConcurrency: 10 });
    if (props.mail === undefined) return;
    const mail = this.makeMail(props.mail);
    this.bounceDeadLetters = new DeadLetters(this, 'BounceDeadLetters');
    this.receiveBounces = this.makeReceiveBounces(props, mail, this.bounceDeadLetters);
  }

  private makeSecret(removalPolicy: RemovalPolicy): Secret {
    const secret = new Secret(this, 'Secret', {
      description: 'Tollgate notices: customers’ webhook secrets and report links are made of it',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'noticesKey',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy,
    });
    acknowledge(
      secret,
      'AwsSolutions-SMG4',
      'Another key changes every customer’s webhook secret: customers rotate their own on the page.',
    );
    return secret;
  }

  private makeWatchUsage({ defaults, tables, ledger, accessQueue }: NoticesProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'WatchUsage', {
      name: 'watch-usage',
      description: 'Looks at what customers use, stops them at their caps, and finds what they are to be told',
      defaults,
      timeout: WATCH_TIMEOUT,
      memorySize: 1024,
      withoutDeadLetters: 'The queue has its own; the schedule asks again every hour.',
      environment: {
        ...readingEnvironment(tables, ledger),
        NOTICES_TABLE: this.table.tableName,
        ACCESS_QUEUE_URL: accessQueue.queue.queueUrl,
        WATCH_QUEUE_URL: this.looks.queue.queueUrl,
        NOTICE_QUEUE_URL: this.outbox.queue.queueUrl,
      },
    });
    allowReading(fn, tables, ledger);
    // A cap that is reached is written into the profile and the snapshots of its keys.
    fn.allow(['dynamodb:PutItem'], [tables.directory.tableArn]);
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [this.table.tableArn]);
    for (const queue of [accessQueue, this.looks, this.outbox]) queue.allowSend(fn);
    return fn;
  }

  private makeSendNotices({ defaults, tables, ledger }: NoticesProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'SendNotices', {
      name: 'send-notices',
      description: 'Sends alerts and reports by mail and to customers’ webhooks, each once',
      defaults,
      timeout: SEND_TIMEOUT,
      memorySize: 1024,
      environment: {
        ...readingEnvironment(tables, ledger),
        NOTICES_TABLE: this.table.tableName,
        NOTICES_SECRET_ARN: this.secret.secretArn,
        NOTICE_QUEUE_URL: this.outbox.queue.queueUrl,
      },
    });
    allowReading(fn, tables, ledger);
    fn.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [this.table.tableArn]);
    fn.allow(['secretsmanager:GetSecretValue'], [this.secret.secretArn]);
    this.outbox.allowSend(fn);
    return fn;
  }

  /** The configuration set is what bounces are reported by, so every mail names it. */
  private makeMail({ from, identity = from.slice(from.indexOf('@') + 1) }: NoticesOptions): ConfigurationSet {
    if (!/^[^\s@]+@[^\s@]+$/.test(from)) throw new Error(`notices.from (${from}) must be an e-mail address.`);
    const set = new ConfigurationSet(this, 'Mail', { reputationMetrics: true });
    this.sendNotices.fn.addEnvironment('MAIL_FROM', from);
    this.sendNotices.fn.addEnvironment('MAIL_CONFIGURATION_SET', set.configurationSetName);
    const { sendNotices: fn } = this;
    const identities = [...new Set([from, identity])].map((name) => fn.arn('ses', `identity/${name}`));
    fn.allow(['ses:SendEmail'], [...identities, fn.arn('ses', `configuration-set/${set.configurationSetName}`)]);
    return set;
  }

  private makeReceiveBounces(
    { defaults, tables }: NoticesProps,
    mail: ConfigurationSet,
    deadLetterQueue: DeadLetters,
  ): TollgateFunction {
    const fn = new TollgateFunction(this, 'ReceiveBounces', {
      name: 'receive-bounces',
      description: 'Marks addresses that mail came back from, and has their customers told',
      defaults,
      withoutDeadLetters: 'What SNS cannot hand over goes to the dead letters of its subscription.',
      environment: {
        NOTICES_TABLE: this.table.tableName,
        DIRECTORY_TABLE: tables.directory.tableName,
        NOTICE_QUEUE_URL: this.outbox.queue.queueUrl,
      },
    });
    fn.allow(['dynamodb:PutItem'], [this.table.tableArn]);
    // The customer's record says which address takes no mail.
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [tables.directory.tableArn]);
    this.outbox.allowSend(fn);
    const topic = new Topic(this, 'Bounces', { displayName: 'Tollgate mail that came back', enforceSSL: true });
    topic.addSubscription(new LambdaSubscription(fn.fn, { deadLetterQueue }));
    mail.addEventDestination('Bounces', {
      destination: EventDestination.snsTopic(topic),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    return fn;
  }
}

const WATCH_TIMEOUT = Duration.seconds(60);
/** Shorter than an attempt is held for: `LEASE_MS` in lib/app/send-notices. */
const SEND_TIMEOUT = Duration.seconds(90);

/** What rating a period needs, of the open one as of a closed one. */
const readingEnvironment = (tables: Tables, ledger: Ledger): Record<string, string> => ({
  DIRECTORY_TABLE: tables.directory.tableName,
  USAGE_TABLE: tables.usage.tableName,
  DECISIONS_TABLE: tables.decisions.tableName,
  RULESETS_TABLE: tables.rulesets.tableName,
  INVOICES_TABLE: tables.invoices.tableName,
  RECORDS_BUCKET: ledger.records.bucketName,
});

function allowReading(fn: TollgateFunction, tables: Tables, ledger: Ledger): void {
  fn.allow(
    ['dynamodb:GetItem', 'dynamodb:Query'],
    [tables.directory, tables.usage, tables.decisions, tables.rulesets, tables.invoices].map(
      ({ tableArn }) => tableArn,
    ),
  );
  fn.allowObjects(['s3:GetObject'], ledger.records, 'rulesets', 'invoices');
}
