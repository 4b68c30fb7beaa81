import { Duration, Stack } from 'aws-cdk-lib';
import { AuthorizationType, LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Ledger } from './ledger.ts';
import type { Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';

/** What one of the team's backends may report: exact names, no wildcards. */
export interface EventSource {
  /** CloudEvents `source` values. */
  readonly sources: readonly string[];
  /** Ids of meters in `rules/meters.json`. */
  readonly meters: readonly string[];
}

export interface IngressProps {
  readonly defaults: FunctionDefaults;
  readonly ledger: Ledger;
  readonly tables: Tables;
  readonly eventSources: Readonly<Record<string, EventSource>>;
  readonly receiveStripeEvents: TollgateFunction;
}

/**
 * Tollgate's own API: `POST /events`, signed with IAM by the team's backends, for usage that the access log cannot see, and
 * `POST /stripe/events` for Stripe's webhooks. It is apart from the team's API, so that a customer's key never opens it.
 */
export class Ingress extends Construct {
  readonly api: RestApi;
  readonly acceptEvents: TollgateFunction;

  constructor(scope: Construct, id: string, props: IngressProps) {
    super(scope, id);
    this.acceptEvents = this.makeAcceptEvents(props);
    this.api = this.makeApi();
    this.addMethods(props.receiveStripeEvents);
  }

  private makeAcceptEvents({ defaults, ledger, tables, eventSources }: IngressProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'AcceptEvents', {
      name: 'accept-events',
      description: 'Takes usage events from the team’s backends into the ledger',
      defaults,
      timeout: Duration.seconds(25),
      memorySize: 1024,
      environment: {
        IDENTITIES_TABLE: tables.identities.tableName,
        RECORDS_BUCKET: ledger.records.bucketName,
        EVENTS_STREAM: ledger.eventsStream.ref,
        EVENT_SOURCES: Stack.of(this).toJsonString(eventSources),
      },
    });
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [tables.identities.tableArn]);
    fn.allowObjects(['s3:PutObject'], ledger.records, 'quarantine');
    fn.allow(['firehose:PutRecordBatch'], [ledger.eventsStream.attrArn]);
    return fn;
  }

  private makeApi(): RestApi {
    const api = new RestApi(this, 'Api', {
      restApiName: 'tollgate-ingress',
      description: 'Tollgate: usage events and Stripe webhooks',
      cloudWatchRole: false,
      deployOptions: {
        stageName: 'v1',
        tracingEnabled: true,
        throttlingRateLimit: 500,
        throttlingBurstLimit: 1000,
      },
    });
    for (const [finding, reason] of Object.entries(REASONS)) acknowledge(api, finding, reason);
    return api;
  }

  private addMethods(receiveStripeEvents: TollgateFunction): void {
    const events = this.api.root.addResource('events').addMethod('POST', calling(this.acceptEvents), {
      authorizationType: AuthorizationType.IAM,
    });
    const stripe = this.api.root.addResource('stripe').addResource('events');
    const webhook = stripe.addMethod('POST', calling(receiveStripeEvents), {
      authorizationType: AuthorizationType.NONE,
    });
    acknowledge(events, 'AwsSolutions-COG4', 'Callers are the team’s own backends, which sign with IAM.');
    acknowledge(
      webhook,
      'AwsSolutions-COG4',
      'Stripe has no AWS identity: its webhooks carry a signature that the function checks.',
    );
    acknowledge(
      webhook,
      'AwsSolutions-APIG4',
      'Stripe has no AWS identity: its webhooks carry a signature that the function checks.',
    );
  }
}

const calling = (target: TollgateFunction) => new LambdaIntegration(target.fn, { allowTestInvoke: false });

const NO_ACCESS_LOG =
  'API Gateway writes to CloudWatch through one role for the whole account, which would replace the team’s; the functions log every request.';

const REASONS = {
  'AwsSolutions-APIG1': NO_ACCESS_LOG,
  'Serverless-APIGWAccessLogging': NO_ACCESS_LOG,
  'AwsSolutions-APIG2':
    'The functions validate whole batches and name the first fault; a JSON schema at the gateway could not.',
  'AwsSolutions-APIG3':
    'One route only takes requests signed with IAM, the other only ones signed by Stripe; a firewall is the account owner’s choice.',
  'AwsSolutions-APIG6':
    'Execution logs would hold event bodies and signatures; the functions log who called and what came of it.',
};
