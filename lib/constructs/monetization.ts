import { createHash } from 'node:crypto';
import { CfnOutput, Duration, Names, RemovalPolicy, Stack, Tags, Token } from 'aws-cdk-lib';
import type { RestApi, Stage } from 'aws-cdk-lib/aws-apigateway';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Access } from './access.ts';
import { DemoApi } from './demo-api.ts';
import { Gateway } from './gateway.ts';
import { type EventSource, Ingress } from './ingress.ts';
import {
  DUNNING_DEFAULTS,
  type DunningProps,
  INVOICING_DEFAULTS,
  Invoicing,
  type InvoicingSettingsProps,
} from './invoicing.ts';
import { Ledger, type LedgerLock } from './ledger.ts';
import { Metering } from './metering.ts';
import { Notices, type NoticesOptions } from './notices.ts';
import { Observability } from './observability.ts';
import { Portal, type PortalOptions } from './portal.ts';
import { Pricing } from './pricing.ts';
import { type RulesFolder, readRulesFolder, rulesCommit } from './rules-folder.ts';
import { Schedules } from './schedules.ts';
import { Tables } from './tables.ts';
import type { FunctionDefaults } from './tollgate-function.ts';

export interface MonetizationProps {
  /**
   * The API to meter, in this app: in this stack, another one or a nested one. All its methods get the authorizer and
   * require a key, also those added later; CORS preflight (`OPTIONS`) and `exempt` routes stay open.
   * @default a small demo API that answers by itself
   */
  readonly api?: RestApi;
  /** The folder of rules, relative to where cdk runs. Its rate cards become the usage plans. */
  readonly rules: string;
  /**
   * The stages to meter.
   * @default the API's deployment stage; required when the API has `deploy: false`
   */
  readonly stages?: readonly Stage[];
  /** Routes that stay open: `/health`, `GET /docs/**`. @default none */
  readonly exempt?: readonly string[];
  /**
   * Says that the keys which methods of the API already require are imported by hash, so that they keep working.
   * @default false: such methods are an error
   */
  readonly keysImported?: boolean;
  /** How long an authorization is cached; 0 for not at all, at most an hour. @default Duration.minutes(5) */
  readonly authorizerTtl?: Duration;
  /** What the authorizer answers when the directory table cannot be read; it is alarmed either way. @default 'allow' */
  readonly onStoreFailure?: 'allow' | 'deny';
  /** The team's backends that may report usage events, by the ARN of their IAM role or user. @default none */
  readonly eventSources?: Readonly<Record<string, EventSource>>;
  /** How long raw usage is kept. @default Duration.days(400) */
  readonly ledgerRetention?: Duration;
  /**
   * How ledger objects are protected for `ledgerRetention`. Object lock is on in any case; `none` only leaves out its
   * default retention, for a deployment where Firehose cannot write under one.
   * @default 'governance'
   */
  readonly ledgerLock?: LedgerLock;
  /** How long Firehose gathers before it writes an object. @default 300 seconds or 64 MiB, whichever comes first */
  readonly buffering?: { readonly seconds: number; readonly mebibytes: number };
  /** Hours after its end at which an hour is closed. @default 26 */
  readonly watermarkHours?: number;
  /**
   * How often hours that are due are closed, in whole hours. Less often costs less and lets facts and invoices wait
   * longer; what is billed is the same.
   * @default Duration.hours(1)
   */
  readonly closeEvery?: Duration;
  /**
   * How often every customer is looked at for alerts and caps, in whole hours that a day is a multiple of. One whose usage
   * moves is looked at when it moves, at most once an hour far from anything; this is for the others.
   * @default Duration.hours(1)
   */
  readonly lookEvery?: Duration;
  /**
   * Hours after its end at which a period is invoiced; more than `watermarkHours`. Where its last hour is not closed by then,
   * every hour asks again.
   * @default `watermarkHours` + `closeEvery`, by when it is closed: 27
   */
  readonly invoiceDelayHours?: number;
  /**
   * How careful to be before an invoice leaves.
   * @default live, the first run waits for `tollgate invoice approve`, and a bill that tripled is held
   */
  readonly invoicing?: InvoicingSettingsProps;
  /** What becomes of customers who do not pay. @default 7 days of grace, suspended after 21 whatever Stripe still tries */
  readonly dunning?: DunningProps;
  /** A secret holding `{ "apiKey": "sk_…", "webhookSecret": "whsec_…" }`. @default one is made, to be filled in */
  readonly stripeSecret?: ISecret;
  /** The git commit of the rules, kept with what is published. @default the last commit that changed the folder */
  readonly commit?: string;
  /** The customers' pages; `{}` for a Cognito user pool of their own. @default none are deployed */
  readonly portal?: PortalOptions;
  /** Mail to customers, through SES: alerts and monthly usage reports. @default none; alerts stand on the pages and go to webhooks */
  readonly notices?: NoticesOptions;
  /** Where alarms go. @default a topic is made */
  readonly alarmTopic?: ITopic;
  /** @default RetentionDays.THREE_MONTHS */
  readonly logRetention?: RetentionDays;
  /** What becomes of tables, buckets and logs when the stack goes. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Tags on everything made here. @default { application: 'tollgate' } */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Turns a REST API into a product with a price.
 *
 * ```ts
 * new Monetization(this, 'Tollgate', { api, rules: 'rules' });
 * ```
 *
 * @throws Error naming what to do, for an API or a rules folder that it cannot work with
 */
export class Monetization extends Construct {
  /** The API that is metered. */
  readonly api: RestApi;
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly access: Access;
  readonly metering: Metering;
  readonly pricing: Pricing;
  readonly invoicing: Invoicing;
  readonly ingress: Ingress;
  readonly notices: Notices;
  /** Undefined unless asked for. */
  readonly portal: Portal | undefined;
  readonly schedules: Schedules;
  readonly gateway: Gateway;
  readonly observability: Observability;

  constructor(scope: Construct, id: string, props: MonetizationProps) {
    super(scope, id);
    const settings = resolveSettings(props);
    const { defaults } = settings;
    const parameterName = `/tollgate/${Names.uniqueId(this)}/api`;
    const unattributed = settings.onStoreFailure === 'allow' ? { unattributedKey: this.unattributedKey() } : {};
    const rules = readRulesFolder(props.rules);
    this.api = props.api ?? new DemoApi(this, 'Demo').api;

    this.tables = new Tables(this, 'Tables', settings);
    this.ledger = new Ledger(this, 'Ledger', settings);
    const stores = { defaults, tables: this.tables, ledger: this.ledger };
    this.access = new Access(this, 'Access', { ...stores, ...settings, ...unattributed, parameterName });
    this.metering = new Metering(this, 'Metering', { ...stores, ...settings });
    const accessQueue = this.access.queue;
    const commit = props.commit ?? process.env.TOLLGATE_COMMIT ?? rulesCommit(props.rules);
    this.pricing = new Pricing(this, 'Pricing', { ...stores, rules, commit, accessQueue });
    const stripe = props.stripeSecret === undefined ? {} : { stripeSecret: props.stripeSecret };
    this.invoicing = new Invoicing(this, 'Invoicing', { ...stores, ...settings, ...stripe, accessQueue });
    const { receiveStripeEvents } = this.invoicing;
    this.ingress = new Ingress(this, 'Ingress', { ...stores, ...settings, receiveStripeEvents });
    const { stripeSecret } = this.invoicing;
    const mail = props.notices === undefined ? {} : { mail: props.notices };
    this.notices = new Notices(this, 'Notices', { ...stores, ...settings, ...mail, accessQueue });
    this.metering.announceTo(this.notices.looks);
    this.portal =
      props.portal &&
      new Portal(this, 'Portal', {
        ...{ ...stores, ...settings, ...props.portal, stripeSecret, accessQueue },
        evaluations: this.pricing.evaluations,
        notices: this.notices,
      });
    this.schedules = this.schedule(settings);
    this.gateway = this.attach(props, { rules, parameterName, ...unattributed });
    this.observability = this.observe(props, settings.watermarkHours + settings.closeEveryHours);
    this.writeOutputs(parameterName, settings);
    for (const [key, value] of Object.entries(props.tags ?? { application: 'tollgate' })) Tags.of(this).add(key, value);
  }

  private schedule({ closeEveryHours, lookEveryHours }: ReturnType<typeof resolveSettings>): Schedules {
    const { closeHours } = this.metering;
    return new Schedules(this, 'Schedules', {
      tasks: [
        {
          task: 'close',
          every: `rate(${closeEveryHours} hour${closeEveryHours === 1 ? '' : 's'})`,
          target: closeHours,
        },
        { task: 'sweep', every: 'rate(1 day)', target: closeHours },
        { task: 'evaluate', every: 'rate(1 day)', target: this.pricing.evaluateCustomers },
        { task: 'changes', every: 'rate(1 hour)', target: this.pricing.evaluateCustomers },
        { task: 'invoice', every: 'rate(1 hour)', target: this.invoicing.startInvoicing },
        // A minute after the hour: periods begin on whole hours, and caps open with them.
        { task: 'watch', every: `cron(1 ${hoursOfDay(lookEveryHours)} * * ? *)`, target: this.notices.watchUsage },
      ],
    });
  }

  /** Not a secret: with the authorizer as key source, a key opens nothing by itself. Unique in the account, as keys must be. */
  private unattributedKey(): string {
    const { stackName } = Stack.of(this);
    const name = Token.isUnresolved(stackName) ? '' : stackName;
    return `tollgate-unattributed-${createHash('sha256').update(`${name}/${this.node.addr}`).digest('hex').slice(0, 32)}`;
  }

  private attach(
    props: MonetizationProps,
    made: { readonly rules: RulesFolder; readonly parameterName: string; readonly unattributedKey?: string },
  ): Gateway {
    // deploymentStage is undefined when the API has `deploy: false`, whatever its type says.
    const deployed: Stage | undefined = this.api.deploymentStage;
    return new Gateway(this.api, `Tollgate${this.node.addr.slice(-8)}`, {
      api: this.api,
      stages: props.stages ?? (deployed === undefined ? [] : [deployed]),
      authorizer: this.access.authorizeCall.fn,
      authorizerTtl: props.authorizerTtl ?? Duration.minutes(5),
      accessLogArn: this.ledger.usageStream.attrArn,
      tiers: made.rules.plans,
      exempt: props.exempt ?? [],
      keysImported: props.keysImported ?? false,
      parameterName: made.parameterName,
      ...(made.unattributedKey === undefined ? {} : { unattributedKey: made.unattributedKey }),
    });
  }

  private observe(props: MonetizationProps, closeLagHours: number): Observability {
    return new Observability(this, 'Observability', {
      ...(props.alarmTopic === undefined ? {} : { alarmTopic: props.alarmTopic }),
      closeLagHours,
      functions: [
        this.access.authorizeCall,
        this.access.provisionAccess,
        this.metering.meterUsage,
        this.metering.closeHours,
        this.pricing.publishRules,
        this.pricing.evaluateCustomers,
        this.invoicing.startInvoicing,
        this.invoicing.invoiceCustomer,
        this.invoicing.receiveStripeEvents,
        this.ingress.acceptEvents,
        this.notices.watchUsage,
        this.notices.sendNotices,
        ...(this.notices.receiveBounces === undefined ? [] : [this.notices.receiveBounces]),
        ...(this.portal === undefined ? [] : [this.portal.servePortal, this.portal.customerRequests.fulfilRequests]),
      ],
      deadLetters: {
        Objects: this.metering.objects.deadLetters,
        Access: this.access.queue.deadLetters,
        Evaluations: this.pricing.evaluations.deadLetters,
        Invoices: this.invoicing.invoices.deadLetters,
        Schedules: this.schedules.deadLetters,
        ...(this.portal === undefined ? {} : { Requests: this.portal.customerRequests.requests.deadLetters }),
        Looks: this.notices.looks.deadLetters,
        Notices: this.notices.outbox.deadLetters,
        ...(this.notices.bounceDeadLetters === undefined ? {} : { Bounces: this.notices.bounceDeadLetters }),
      },
      streams: { Usage: this.ledger.usageStream, Events: this.ledger.eventsStream },
    });
  }

  /** Everything that the operators' commands need to find the stack: `cdk deploy --outputs-file .tollgate/outputs.json`. */
  private writeOutputs(parameterName: string, settings: ReturnType<typeof resolveSettings>): void {
    const outputs: Record<string, string> = {
      EventsUrl: this.ingress.api.urlForPath('/events'),
      StripeWebhookUrl: this.ingress.api.urlForPath('/stripe/events'),
      StripeSecretArn: this.invoicing.stripeSecret.secretArn,
      LedgerBucket: this.ledger.bucket.bucketName,
      RecordsBucket: this.ledger.records.bucketName,
      DirectoryTable: this.tables.directory.tableName,
      UsageTable: this.tables.usage.tableName,
      IdentitiesTable: this.tables.identities.tableName,
      RulesetsTable: this.tables.rulesets.tableName,
      DecisionsTable: this.tables.decisions.tableName,
      InvoicesTable: this.tables.invoices.tableName,
      AccessQueueUrl: this.access.queue.queue.queueUrl,
      EvaluationQueueUrl: this.pricing.evaluations.queue.queueUrl,
      InvoiceQueueUrl: this.invoicing.invoices.queue.queueUrl,
      NoticesTable: this.notices.table.tableName,
      NoticesSecretArn: this.notices.secret.secretArn,
      NoticeQueueUrl: this.notices.outbox.queue.queueUrl,
      WatchQueueUrl: this.notices.looks.queue.queueUrl,
      EventsStream: this.ledger.eventsStream.ref,
      ApiParameter: parameterName,
      WatermarkHours: String(settings.watermarkHours),
      InvoiceDelayHours: String(settings.invoiceDelayHours),
      InvoicingSettings: JSON.stringify(settings.invoicing),
      AlarmTopicArn: this.observability.topic.topicArn,
      ...(this.portal === undefined ? {} : { PortalUrl: this.portal.origin, PortalTable: this.portal.table.tableName }),
      ...(this.portal === undefined ? {} : { RequestQueueUrl: this.portal.customerRequests.requests.queue.queueUrl }),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

/** Wrong numbers fail at synthesis, not in a function at night. */
function checkedDunning(dunning: DunningProps): DunningProps {
  const { graceDays, suspendAfterDays } = dunning;
  const isDays = (days: number) => Number.isInteger(days) && days >= 0 && days <= 365;
  if (isDays(graceDays) && (suspendAfterDays === null || (isDays(suspendAfterDays) && suspendAfterDays >= graceDays))) {
    return dunning;
  }
  throw new Error(
    `dunning { graceDays: ${graceDays}, suspendAfterDays: ${suspendAfterDays} } must be whole days from 0 to 365, the second not before the first, or null.`,
  );
}

const hoursOfDay = (every: number): string => (every === 1 ? '*' : every === 24 ? '0' : `0/${every}`);

function resolveSettings(props: MonetizationProps) {
  const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
  const logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
  const defaults: FunctionDefaults = { logRetention, removalPolicy };
  const watermarkHours = props.watermarkHours ?? 26;
  const closeEveryHours = (props.closeEvery ?? Duration.hours(1)).toHours({ integral: true });
  if (closeEveryHours < 1 || closeEveryHours > 24) {
    throw new Error(`closeEvery (${closeEveryHours} hours) must be 1 to 24 hours: facts and invoices wait for it.`);
  }
  const invoiceDelayHours = props.invoiceDelayHours ?? watermarkHours + closeEveryHours;
  if (invoiceDelayHours <= watermarkHours) {
    throw new Error(
      `invoiceDelayHours (${invoiceDelayHours}) must be more than watermarkHours (${watermarkHours}): a period is invoiced ` +
        'when its last hour is closed.',
    );
  }
  const lookEveryHours = (props.lookEvery ?? Duration.hours(1)).toHours({ integral: true });
  if (lookEveryHours < 1 || 24 % lookEveryHours !== 0) {
    throw new Error(`lookEvery (${lookEveryHours} hours) must be 1, 2, 3, 4, 6, 8, 12 or 24 hours.`);
  }
  return {
    defaults,
    removalPolicy,
    logRetention,
    watermarkHours,
    closeEveryHours,
    lookEveryHours,
    invoiceDelayHours,
    retention: props.ledgerRetention ?? Duration.days(400),
    lock: props.ledgerLock ?? ('governance' as const),
    buffering: props.buffering ?? { seconds: 300, mebibytes: 64 },
    onStoreFailure: props.onStoreFailure ?? ('allow' as const),
    eventSources: props.eventSources ?? {},
    invoicing: { ...INVOICING_DEFAULTS, ...props.invoicing },
    dunning: checkedDunning(props.dunning ?? DUNNING_DEFAULTS),
  };
}
