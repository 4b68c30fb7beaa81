import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { CfnStage, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  AccountRecovery,
  Mfa,
  OAuthScope,
  UserPool,
  type UserPoolClient,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { CustomerRequests } from './customer-requests.ts';
import { keptDays } from './kept-days.ts';
import type { Ledger } from './ledger.ts';
import type { Notices } from './notices.ts';
import { keyedTable, type Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';
import type { WorkedQueue } from './worked-queue.ts';

/** What a team says about its portal. */
export interface PortalOptions {
  /**
   * The issuer that customers sign in with. Its client takes `<origin>/sign-in/callback` and `<origin>/signed-out`; the
   * secret of a confidential client goes into `clientSecret` of the portal's secret.
   * @default a Cognito user pool is made, with a hosted sign-in page
   */
  readonly issuer?: { readonly url: string; readonly clientId: string };
  /** `https://portal.example.com`, where a domain of the team's leads to the API. @default the API's own address */
  readonly origin?: string;
  /**
   * open: whoever signs in may open an account, on a card that is offered (`selfService`). invited: only who was invited
   * gets in; the price list stays public.
   * @default open where the user pool is made here; invited where an issuer is given, since it may know people who are
   * no customers
   */
  readonly signUp?: 'open' | 'invited';
}

export interface PortalProps extends PortalOptions {
  readonly defaults: FunctionDefaults;
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly stripeSecret: ISecret;
  readonly accessQueue: WorkedQueue;
  /** Where customers are decided anew: one that corrects a fact, or chose a card. */
  readonly evaluations: WorkedQueue;
  readonly notices: Notices;
  /** Of the ledger, and of logs: what the page about erasing says. */
  readonly retention: Duration;
  readonly logRetention: RetentionDays;
  /** Of the access log: how long calls go on at a cap. */
  readonly buffering: { readonly seconds: number };
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The customers' pages: one function behind an HTTP API of its own, which has no stage in its paths, takes a domain, and
 * costs nothing while idle. See ADR 0014.
 */
export class Portal extends Construct {
  readonly api: HttpApi;
  readonly table: Table;
  readonly secret: Secret;
  /** Undefined where an issuer was given. */
  readonly userPool: UserPool | undefined;
  readonly origin: string;
  /** What takes longer than a page. */
  readonly customerRequests: CustomerRequests;
  readonly servePortal: TollgateFunction;

  constructor(scope: Construct, id: string, props: PortalProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { apiName: 'tollgate-portal', createDefaultStage: false });
    this.origin = props.origin ?? this.api.apiEndpoint;
    this.table = keyedTable(this, 'Table', props.removalPolicy, 'expiresAt');
    this.secret = this.makeSecret(props.removalPolicy);
    this.userPool = props.issuer === undefined ? this.makeUserPool(props.removalPolicy) : undefined;
    const issuer = props.issuer ?? this.cognito();
    this.customerRequests = new CustomerRequests(this, 'CustomerRequests', { ...props, portalTable: this.table });
    this.servePortal = this.makeFunction(props, issuer);
    this.serve();
  }

  private makeSecret(removalPolicy: RemovalPolicy): Secret {
    const secret = new Secret(this, 'Secret', {
      description: 'Tollgate portal: seals session cookies; clientSecret only for a confidential OpenID client',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ clientSecret: '' }),
        generateStringKey: 'sessionKey',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy,
    });
    acknowledge(secret, 'AwsSolutions-SMG4', 'Another session key signs everyone out: whoever wants that, sets one.');
    return secret;
  }

  private makeUserPool(removalPolicy: RemovalPolicy): UserPool {
    const pool = new UserPool(this, 'Users', {
      signInAliases: { email: true },
      signInCaseSensitive: false,
      selfSignUpEnabled: true,
      autoVerify: { email: true },
      keepOriginal: { email: true },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
    });
    // Prefixes are shared by all accounts of a Region.
    const domainPrefix = Fn.join('-', ['tollgate', this.node.addr.slice(-8), Aws.ACCOUNT_ID]);
    pool.addDomain('Domain', { cognitoDomain: { domainPrefix } });
    acknowledge(
      pool,
      'AwsSolutions-COG2',
      'Each person may add a second factor; a team that wants it of all brings its issuer.',
    );
    acknowledge(
      pool,
      'AwsSolutions-COG3',
      'Threat protection is a plan that is paid by the user: the account owner’s choice.',
    );
    acknowledge(pool, 'AwsSolutions-COG8', 'The Plus plan is paid by the user: the account owner’s choice.');
    return pool;
  }

  /** A public client: PKCE protects the code, and there is no secret to leak. */
  private cognito(): { url: string; clientId: string } {
    const pool = this.userPool as UserPool;
    const client: UserPoolClient = pool.addClient('Client', {
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        callbackUrls: [`${this.origin}/sign-in/callback`],
        logoutUrls: [`${this.origin}/signed-out`],
      },
      accessTokenValidity: Duration.minutes(5),
      idTokenValidity: Duration.minutes(5),
      refreshTokenValidity: Duration.hours(1),
    });
    return { url: pool.userPoolProviderUrl, clientId: client.userPoolClientId };
  }

  private makeFunction(props: PortalProps, issuer: { url: string; clientId: string }): TollgateFunction {
    const { defaults, tables, ledger, stripeSecret, accessQueue, notices } = props;
    const fn = new TollgateFunction(this, 'ServePortal', {
      name: 'serve-portal',
      description: 'The pages that customers see',
      defaults,
      timeout: Duration.seconds(20),
      memorySize: 1024,
      environment: {
        PORTAL_TABLE: this.table.tableName,
        PORTAL_SECRET_ARN: this.secret.secretArn,
        PORTAL_ORIGIN: this.origin,
        PORTAL_ISSUER: issuer.url,
        PORTAL_CLIENT_ID: issuer.clientId,
        KEPT_DAYS: keptDays(props),
        BUFFERING_SECONDS: String(props.buffering.seconds),
        DIRECTORY_TABLE: tables.directory.tableName,
        DECISIONS_TABLE: tables.decisions.tableName,
        RULESETS_TABLE: tables.rulesets.tableName,
        USAGE_TABLE: tables.usage.tableName,
        INVOICES_TABLE: tables.invoices.tableName,
        RECORDS_BUCKET: ledger.records.bucketName,
        ACCESS_QUEUE_URL: accessQueue.queue.queueUrl,
        EVALUATION_QUEUE_URL: props.evaluations.queue.queueUrl,
        PORTAL_SIGN_UP: props.signUp ?? (props.issuer === undefined ? 'open' : 'invited'),
        REQUEST_QUEUE_URL: this.customerRequests.requests.queue.queueUrl,
        STRIPE_SECRET_ARN: stripeSecret.secretArn,
        NOTICES_TABLE: notices.table.tableName,
        NOTICES_SECRET_ARN: notices.secret.secretArn,
        NOTICE_QUEUE_URL: notices.outbox.queue.queueUrl,
        WATCH_QUEUE_URL: notices.looks.queue.queueUrl,
      },
    });
    const read = ['dynamodb:GetItem', 'dynamodb:Query'];
    fn.allow([...read, 'dynamodb:PutItem'], [tables.directory.tableArn]);
    fn.allow(
      read,
      [tables.decisions, tables.rulesets, tables.usage, tables.invoices].map(({ tableArn }) => tableArn),
    );
    fn.allow([...read, 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], [this.table.tableArn]);
    fn.allow([...read, 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [notices.table.tableArn]);
    const secrets = [this.secret.secretArn, stripeSecret.secretArn, notices.secret.secretArn];
    fn.allow(['secretsmanager:GetSecretValue'], secrets);
    fn.allowObjects(['s3:GetObject'], ledger.records, 'rulesets', 'invoices', 'downloads');
    const queues = [accessQueue, props.evaluations, this.customerRequests.requests, notices.looks, notices.outbox];
    for (const queue of queues) queue.allowSend(fn);
    if (notices.mailFrom !== undefined) fn.fn.addEnvironment('MAIL_FROM', notices.mailFrom);
    // Mail leads to the pages.
    notices.sendNotices.fn.addEnvironment('PORTAL_ORIGIN', this.origin);
    // Who acts for a customer is told where nobody has chosen.
    notices.sendNotices.fn.addEnvironment('PORTAL_TABLE', this.table.tableName);
    notices.sendNotices.allow(['dynamodb:Query'], [this.table.tableArn]);
    return fn;
  }

  private serve(): void {
    const routes = this.api.addRoutes({
      path: '/{proxy+}',
      integration: new HttpLambdaIntegration('Pages', this.servePortal.fn),
    });
    const root = this.api.addRoutes({ path: '/', integration: new HttpLambdaIntegration('Root', this.servePortal.fn) });
    const stage = new CfnStage(this, 'Stage', {
      apiId: this.api.apiId,
      stageName: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 100, throttlingBurstLimit: 200 },
    });
    for (const route of [...routes, ...root]) {
      acknowledge(route, 'AwsSolutions-APIG4', 'People sign in on these pages; the function checks their session.');
    }
    for (const finding of ['AwsSolutions-APIG1', 'Serverless-APIGWAccessLogging']) {
      acknowledge(stage, finding, 'The function logs what failed; who did what stands in the audit trail.');
    }
  }
}
