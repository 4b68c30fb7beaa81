import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbDecisions } from '../adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../adapters/dynamodb-directory/directory.ts';
import { dynamodbInvoices } from '../adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { dynamodbRulesets } from '../adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../adapters/dynamodb-usage/closed.ts';
import { dynamodbProvisionalUsage } from '../adapters/dynamodb-usage/provisional.ts';
import { s3Objects } from '../adapters/s3-objects/s3-objects.ts';
import { sqsAccessQueue, sqsEvaluationQueue } from '../adapters/sqs-queues/sqs-queues.ts';
import { importCustomers } from '../app/import-customers/import-customers.ts';
import { createKey } from '../app/provision-access/keys.ts';
import { type Log, requireEnv } from '../app/runtime.ts';
import type { ListedCustomer } from '../domain/segmentation/customer-list.ts';
import { HOUR_MS } from '../domain/time/time.ts';
import { FUNCTIONS } from './cloud/functions.ts';
import { type Cloud, type CloudOptions, startCloud, type VirtualClock } from './cloud/index.ts';
import type { StackTemplate } from './cloud/template/template.ts';
import { type StandInOptions, type StripeStandIn, startStripeStandIn } from './stripe/stand-in.ts';

/** Known only on this machine, to a stand-in that moves no money. */
const LOCAL_SECRET = { apiKey: 'sk_test_local', webhookSecret: 'whsec_local' };

export interface LocalTollgateOptions {
  readonly template: StackTemplate;
  readonly clock: VirtualClock;
  readonly seed: string;
  readonly backend?: NonNullable<CloudOptions['backend']>;
  readonly faults?: NonNullable<CloudOptions['faults']>;
  readonly callers?: readonly string[];
  readonly log?: Log;
  readonly stripe?: Pick<StandInOptions, 'cardOf' | 'fault'> & {
    readonly webhookPlan?: NonNullable<StandInOptions['webhook']>['plan'];
  };
}

/** The whole of Tollgate in this process: the embedded cloud and Stripe's stand-in, joined as AWS and Stripe would be. */
export interface LocalTollgate {
  readonly cloud: Cloud;
  readonly stripe: StripeStandIn;
  readonly stores: ReturnType<typeof storesOf>;
  importCustomers(customers: readonly ListedCustomer[]): Promise<void>;
  /** The key in clear, this once. */
  createKey(customer: string, name: string, mode: 'live' | 'test'): Promise<string>;
  stop(): Promise<void>;
}

/** @throws InputError, Error naming what the template holds and the embedded cloud does not know */
export async function startLocalTollgate(options: LocalTollgateOptions): Promise<LocalTollgate> {
  const { clock, template, stripe: stripeOptions = {}, ...rest } = options;
  let cloud: Cloud | undefined;
  const stripe = await startStripeStandIn({
    clock,
    ...stripeOptions,
    webhook: {
      secret: LOCAL_SECRET.webhookSecret,
      ...(stripeOptions.webhookPlan ? { plan: stripeOptions.webhookPlan } : {}),
      deliver: async ({ body, signature }) => {
        const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
        const answer = await cloud?.ingress.invoke({ method: 'POST', path: '/stripe/events', headers, body });
        if (answer?.status !== 200) throw new Error(`the webhook was answered with ${answer?.status}`);
      },
    },
  });
  try {
    cloud = await startCloud({
      ...rest,
      clock,
      templates: [template],
      functions: FUNCTIONS,
      stripe: { host: stripe.host, port: stripe.port, protocol: 'http' },
      secrets: Object.fromEntries(secretIds(template).map((id) => [id, JSON.stringify(LOCAL_SECRET)])),
    });
  } catch (error) {
    await stripe.close();
    throw error;
  }
  collectHourly(clock, stripe);
  return join(cloud, stripe);
}

function join(cloud: Cloud, stripe: StripeStandIn): LocalTollgate {
  const stores = storesOf(cloud);
  const { clock, random } = cloud.runtime;
  return {
    cloud,
    stripe,
    stores,
    importCustomers: async (customers) => void (await importCustomers({ ...stores, clock }, customers)),
    createKey: async (customer, name, mode) =>
      (await createKey({ ...stores, clock, random }, { customer, name, mode })).key,
    stop: async () => {
      await cloud.stop();
      await stripe.close();
    },
  };
}

/** The same adapters that the functions use, for what happens outside of them: signing up, and reading for the pages. */
function storesOf({ runtime }: Cloud) {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  return {
    directory: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, runtime.clock),
    usage: dynamodbClosedUsage(dynamodb, env('USAGE_TABLE')),
    provisional: dynamodbProvisionalUsage(dynamodb, env('USAGE_TABLE')),
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE')),
    queue: sqsAccessQueue(sqs, env('ACCESS_QUEUE_URL'), runtime.random),
    evaluations: sqsEvaluationQueue(sqs, env('EVALUATION_QUEUE_URL')),
  };
}

/** Stripe collects and calls back by itself; its stand-in does so every hour of the clock, half past, after the invoices went out. */
function collectHourly(clock: VirtualClock, stripe: StripeStandIn): void {
  const next = Math.floor(clock.now() / HOUR_MS) * HOUR_MS + HOUR_MS + HOUR_MS / 2;
  const collect = async () => {
    await stripe.advance();
    clock.after(HOUR_MS, 'Stripe collects', collect, 'schedule');
  };
  clock.at(next, 'Stripe collects', collect, 'schedule');
}

function secretIds({ template }: StackTemplate): string[] {
  const { Resources = {} } = template as { Resources?: Record<string, { Type?: string }> };
  return Object.entries(Resources).flatMap(([id, { Type }]) => (Type === 'AWS::SecretsManager::Secret' ? [id] : []));
}
