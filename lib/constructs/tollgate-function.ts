import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import { lambdaCode } from './lambda-code.ts';

/** What all functions of one `Monetization` share. */
export interface FunctionDefaults {
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

export interface TollgateFunctionProps {
  /** The function's folder under `lambdas/`; also its service name in logs, metrics and traces. */
  readonly name: string;
  readonly description: string;
  readonly defaults: FunctionDefaults;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default Duration.seconds(30) */
  readonly timeout?: Duration;
  /** In MiB. @default 512 */
  readonly memorySize?: number;
  /** X-Ray. @default true */
  readonly tracing?: boolean;
  /** @default the bundle of `name` */
  readonly code?: Code;
  /** Why a failed run needs no dead letters. @default it is called by API Gateway or by a queue that has its own */
  readonly withoutDeadLetters?: string;
}

/** A function with a role, a log group and nothing granted but writing to them. */
export class TollgateFunction extends Construct {
  readonly name: string;
  readonly fn: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: TollgateFunctionProps) {
    super(scope, id);
    this.name = props.name;
    const { defaults } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: defaults.logRetention,
      removalPolicy: defaults.removalPolicy,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    const tracing = props.tracing ?? true;
    this.fn = new LambdaFunction(this, 'Function', {
      description: props.description,
      code: props.code ?? lambdaCode(this, props.name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout ?? Duration.seconds(30),
      role: this.role,
      logGroup,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        POWERTOOLS_SERVICE_NAME: props.name,
        POWERTOOLS_METRICS_NAMESPACE: 'Tollgate',
        ...props.environment,
      },
    });
    acknowledge(this.fn, 'Serverless-LambdaDLQ', props.withoutDeadLetters ?? SYNCHRONOUS);
    if (tracing) {
      acknowledge(
        this.role,
        'AwsSolutions-IAM5[Resource::*]',
        'X-Ray has no resources: its two write actions only take *.',
      );
    }
  }

  /** Adds exactly these actions on exactly these resources to the function's role. */
  allow(actions: string[], resources: string[]): void {
    this.role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
  }

  /** The same for resources that no one can name yet: objects under a prefix, keys made at runtime. */
  allowWithin(actions: string[], resources: string[], reason: string): void {
    this.allow(actions, resources);
    acknowledgeWildcards(this.role, resources, reason);
  }

  /** Objects under these prefixes of a bucket. */
  allowObjects(actions: string[], bucket: Bucket, ...prefixes: string[]): void {
    const resources = prefixes.map((prefix) => bucket.arnForObjects(`${prefix}/*`));
    this.allowWithin(actions, resources, 'Object names hold hours, hashes and customers: only their prefix is known.');
  }

  /** An ARN in this function's partition, region and account. */
  arn(service: string, resource: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }
}

const SYNCHRONOUS =
  'Never called asynchronously: what fails goes back to API Gateway, or to the queue and its dead letters.';
