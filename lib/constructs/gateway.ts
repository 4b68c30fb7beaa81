import { AspectPriority, Aspects, CfnOutput, type Duration, Stack, Stage } from 'aws-cdk-lib';
import {
  type Stage as ApiStage,
  CfnAuthorizer,
  type CfnRestApi,
  type CfnStage,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { ACCESS_LOG_FORMAT } from './access-log.ts';
import { ExemptRoutes } from './exempt-routes.ts';
import { GatewayResponses } from './gateway-responses.ts';
import { MethodGuard } from './method-guard.ts';
import type { TierPlan } from './rules-folder.ts';
import { UsagePlans } from './usage-plans.ts';

export interface GatewayProps {
  readonly api: RestApi;
  readonly stages: readonly ApiStage[];
  readonly authorizer: IFunction;
  readonly authorizerTtl: Duration;
  /** ARN of the Firehose stream that the access log goes to. */
  readonly accessLogArn: string;
  readonly tiers: readonly TierPlan[];
  readonly exempt: readonly string[];
  readonly keysImported: boolean;
  /** @default no key: a call without a customer is refused */
  readonly unattributedKey?: string;
  /** Name of the SSM parameter that tells the functions about the API. */
  readonly parameterName: string;
}

/**
 * Turns the team's API into a metered one. It lives under the API, in the API's stack: whatever names the API must, or the
 * two stacks would need each other. For the same reason what names a stage lives under the stage, which may be in a stack
 * that needs the API's.
 */
export class Gateway extends Construct {
  readonly authorizer: CfnAuthorizer;
  readonly plans: UsagePlans;

  constructor(api: RestApi, id: string, props: GatewayProps) {
    super(api, id);
    checkApi(props);
    const home = firstStage(props);
    this.authorizer = this.makeAuthorizer(props);
    this.plans = new UsagePlans(home, `${id}Plans`, props);
    for (const stage of props.stages) logCalls(stage, props.accessLogArn);
    (api.node.defaultChild as CfnRestApi).apiKeySourceType = 'AUTHORIZER';
    this.describe(props);
    this.guardMethods(props);
  }

  private makeAuthorizer({ api, authorizer, authorizerTtl }: GatewayProps): CfnAuthorizer {
    const { partition, region } = Stack.of(this);
    const role = new Role(this, 'AuthorizerRole', { assumedBy: new ServicePrincipal('apigateway.amazonaws.com') });
    const policy = new Policy(this, 'AuthorizerPolicy', {
      roles: [role],
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [authorizer.functionArn] })],
    });
    const resource = new CfnAuthorizer(this, 'Authorizer', {
      restApiId: api.restApiId,
      name: 'tollgate',
      type: 'REQUEST',
      identitySource: 'method.request.header.x-api-key',
      authorizerUri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${authorizer.functionArn}/invocations`,
      authorizerCredentials: role.roleArn,
      authorizerResultTtlInSeconds: authorizerTtl.toSeconds(),
    });
    resource.node.addDependency(policy);
    return resource;
  }

  /** What the functions need to know of the API, where they can read it without their stack naming the API. */
  private describe({ api, stages, parameterName }: GatewayProps): void {
    const stack = Stack.of(this.plans);
    new StringParameter(this.plans, 'Parameter', {
      parameterName,
      description: 'The API that Tollgate meters, its stages and its usage plans',
      stringValue: stack.toJsonString({
        restApiId: api.restApiId,
        stages: stages.map(({ stageName }) => stageName),
        usagePlans: this.plans.planIds,
        region: stack.region,
      }),
    });
    new CfnOutput(this, 'RestApiId', { value: api.restApiId });
  }

  private guardMethods({ api, exempt, keysImported }: GatewayProps): void {
    const routes = new ExemptRoutes(exempt);
    const responses = new GatewayResponses(this, 'Responses', api);
    const guard = new MethodGuard({ api, authorizer: this.authorizer, responses, exempt: routes, keysImported });
    Aspects.of(Stage.of(this) ?? this.node.root).add(guard, { priority: AspectPriority.MUTATING });
    this.node.addValidation({
      validate: () =>
        routes
          .unused()
          .map((route) => `"${route}" in "exempt" is no route of the API ${api.node.path}, so nothing is exempt.`),
    });
  }
}

function checkApi({ api, authorizerTtl, keysImported }: GatewayProps): void {
  const resource = api.node.defaultChild as CfnRestApi;
  if (resource.body !== undefined || resource.bodyS3Location !== undefined) {
    throw new Error(
      `${api.node.path} is made from an OpenAPI description (SpecRestApi): its methods are not in the app, so they cannot ` +
        'be metered. Give a RestApi whose methods are added in code.',
    );
  }
  if (authorizerTtl.toSeconds() > 3600) {
    throw new Error(`authorizerTtl is ${authorizerTtl.toHumanString()}; API Gateway caches for an hour at most.`);
  }
  if (resource.apiKeySourceType === 'HEADER' && !keysImported) {
    throw new Error(
      `${api.node.path} takes its API keys from the header. Tollgate's authorizer must be their source, and keys that are in ` +
        'use would stop working. Import them by hash (`tollgate customers import`) and set "keysImported: true".',
    );
  }
}

function firstStage({ api, stages }: GatewayProps): ApiStage {
  const [first] = stages;
  if (first === undefined) {
    throw new Error(`${api.node.path} has no stage yet (deploy: false). Give the stages to meter as "stages".`);
  }
  return first;
}

function logCalls(stage: ApiStage, destinationArn: string): void {
  const resource = stage.node.defaultChild as CfnStage;
  if (resource.accessLogSetting !== undefined) {
    throw new Error(
      `The stage ${stage.node.path} already has an access log, and a stage has only one. Metering reads the access log: ` +
        'remove it, and read calls from the ledger bucket instead.',
    );
  }
  resource.accessLogSetting = { destinationArn, format: ACCESS_LOG_FORMAT };
}
