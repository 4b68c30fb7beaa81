import { type App, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  ApiDefinition,
  ApiKeySourceType,
  AuthorizationType,
  CfnMethod,
  Cors,
  Deployment,
  GatewayResponse,
  type IRestApi,
  LambdaRestApi,
  LogGroupLogDestination,
  MockIntegration,
  Resource,
  ResponseType,
  RestApi,
  SpecRestApi,
  Stage,
} from 'aws-cdk-lib/aws-apigateway';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ACCESS_LOG_FORMAT } from '../../lib/constructs/access-log.ts';
import { Monetization, type MonetizationProps } from '../../lib/constructs/monetization.ts';
import { FIXED, properties, testApp } from './synthesis.ts';

interface Bench {
  readonly app: App;
  readonly stack: Stack;
  readonly api: RestApi;
}

function bench(apiProps: ConstructorParameters<typeof RestApi>[2] = {}): Bench {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  const api = new RestApi(stack, 'Api', { cloudWatchRole: false, ...apiProps });
  api.root.addResource('search').addMethod('GET', new MockIntegration());
  return { app, stack, api };
}
const monetize = (scope: Stack, props: Partial<MonetizationProps>) =>
  new Monetization(scope, 'Tollgate', { ...FIXED, ...props });

/** `GET /search` and the like -> what guards it. */
function guards(template: Template): Record<string, string> {
  const resources = template.toJSON().Resources as Record<
    string,
    { Type: string; Properties: Record<string, unknown> }
  >;
  const pathOf = (ref: unknown): string => {
    const id = (ref as { Ref?: string }).Ref;
    const properties = id === undefined ? undefined : resources[id]?.Properties;
    return properties === undefined ? '' : `${pathOf(properties.ParentId)}/${properties.PathPart}`;
  };
  return Object.fromEntries(
    Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::ApiGateway::Method')
      .map(({ Properties: method }) => [
        `${method.HttpMethod} ${pathOf(method.ResourceId)}`,
        method.AuthorizationType === 'CUSTOM' && method.ApiKeyRequired === true
          ? 'tollgate'
          : String(method.AuthorizationType),
      ]),
  );
}

describe('every method of the API gets the authorizer and requires a key', () => {
  test('of an API as it stands, and whenever a method is added', () => {
    const { stack, api } = bench();
    monetize(stack, { api });
    api.root.addResource('later').addMethod('POST', new MockIntegration());
    expect(guards(Template.fromStack(stack))).toMatchObject({ 'GET /search': 'tollgate', 'POST /later': 'tollgate' });
  });

  test('wherever it is made: `new Resource` and a bare CfnMethod outside of the API', () => {
    const { stack, api } = bench();
    monetize(stack, { api });
    const orders = new Construct(stack, 'Orders');
    new Resource(orders, 'Orders', { parent: api.root, pathPart: 'orders' }).addMethod('GET', new MockIntegration());
    new CfnMethod(orders, 'Bare', {
      restApiId: api.restApiId,
      resourceId: api.restApiRootResourceId,
      httpMethod: 'GET',
      integration: { type: 'MOCK' },
    });
    expect(guards(Template.fromStack(stack))).toMatchObject({ 'GET /orders': 'tollgate', 'GET ': 'tollgate' });
  });

  test('of an API that is spread over stacks: the API, its routes, its deployment and Tollgate each in another', () => {
    const app = testApp();
    const api = new RestApi(new Stack(app, 'ApiStack'), 'Api', { cloudWatchRole: false, deploy: false });
    const routes = new Stack(app, 'Routes');
    const orders = new Resource(routes, 'Orders', { parent: api.root, pathPart: 'orders' });
    const method = orders.addMethod('GET', new MockIntegration());
    const live = new Stack(app, 'Live');
    const deployment = new Deployment(live, 'Deployment', { api: api as IRestApi });
    deployment.node.addDependency(method);
    const stage = new Stage(live, 'Prod', { deployment });
    monetize(new Stack(app, 'Billing'), { api, stages: [stage] });
    app.synth();
    expect(Object.values(guards(Template.fromStack(routes)))).toEqual(['tollgate']);
    expect(Object.keys(properties(Template.fromStack(live), 'AWS::ApiGateway::UsagePlan'))).toHaveLength(5);
  });

  test('of an API in a stack of its own: only the API needs the other stack', () => {
    const app = testApp();
    const apiStack = new Stack(app, 'ApiStack');
    const api = new RestApi(apiStack, 'Api', { cloudWatchRole: false });
    api.root.addMethod('GET', new MockIntegration());
    const stack = new Stack(app, 'Billing');
    monetize(stack, { api });
    app.synth();
    expect(stack.dependencies).toEqual([]);
    expect(apiStack.dependencies).toEqual([stack]);
    expect(Object.values(guards(Template.fromStack(apiStack)))).toEqual(['tollgate']);
  });

  test('of an API in a nested stack', () => {
    const app = testApp();
    const stack = new Stack(app, 'Test');
    const nested = new NestedStack(stack, 'Nested');
    const api = new RestApi(nested, 'Api', { cloudWatchRole: false });
    api.root.addMethod('GET', new MockIntegration());
    monetize(stack, { api });
    expect(Object.values(guards(Template.fromStack(nested)))).toEqual(['tollgate']);
  });

  test('of a proxy API', () => {
    const app = testApp();
    const stack = new Stack(app, 'Test');
    const handler = new LambdaFunction(stack, 'Backend', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => ({ statusCode: 200 });'),
    });
    const api = new LambdaRestApi(stack, 'Api', { handler, cloudWatchRole: false });
    monetize(stack, { api });
    expect(guards(Template.fromStack(stack))).toMatchObject({ 'ANY /{proxy+}': 'tollgate', 'ANY ': 'tollgate' });
  });

  test('but not CORS preflight, and not routes that are exempt', () => {
    const { stack, api } = bench({ defaultCorsPreflightOptions: { allowOrigins: Cors.ALL_ORIGINS } });
    api.root.addResource('health').addMethod('GET', new MockIntegration());
    const docs = api.root.addResource('docs').addResource('{page}');
    docs.addMethod('GET', new MockIntegration());
    docs.addMethod('PUT', new MockIntegration());
    monetize(stack, { api, exempt: ['/health', 'GET /docs/**'] });
    expect(guards(Template.fromStack(stack))).toMatchObject({
      'OPTIONS /search': 'NONE',
      'OPTIONS /health': 'NONE',
      'GET /search': 'tollgate',
      'GET /health': 'NONE',
      'GET /docs/{page}': 'NONE',
      'PUT /docs/{page}': 'tollgate',
    });
  });

  test('nor other APIs of the app', () => {
    const { stack, api } = bench();
    const admin = new RestApi(stack, 'Admin', { cloudWatchRole: false });
    admin.root.addResource('admin').addMethod('GET', new MockIntegration());
    monetize(stack, { api });
    expect(guards(Template.fromStack(stack))).toMatchObject({ 'GET /admin': 'NONE' });
  });
});

describe('what the team set stays, and is said', () => {
  test('a method with an authorizer of its own keeps it, with a warning that it is not metered', () => {
    const { stack, api } = bench();
    const options = { authorizationType: AuthorizationType.IAM };
    api.root.addResource('internal').addMethod('GET', new MockIntegration(), options);
    monetize(stack, { api });
    expect(guards(Template.fromStack(stack))).toMatchObject({ 'GET /internal': 'AWS_IAM' });
    const message = Match.stringLikeRegexp('GET /internal keeps its own authorizer \\(AWS_IAM\\) and is not metered');
    Annotations.fromStack(stack).hasWarning('*', message);
  });

  test('a gateway response of the team stays, also one that is made later; ours fill in the others', () => {
    const { stack, api } = bench();
    monetize(stack, { api });
    new GatewayResponse(stack, 'Theirs', {
      restApi: api as IRestApi,
      type: ResponseType.THROTTLED,
      templates: { 'application/json': '{"slow":"down"}' },
    });
    const responses = Object.values(properties(Template.fromStack(stack), 'AWS::ApiGateway::GatewayResponse'));
    const throttled = responses.filter(({ ResponseType: type }) => type === 'THROTTLED');
    expect(throttled).toHaveLength(1);
    expect(throttled[0]).toMatchObject({ ResponseTemplates: { 'application/json': '{"slow":"down"}' } });
    const types = ['ACCESS_DENIED', 'INVALID_API_KEY', 'QUOTA_EXCEEDED', 'THROTTLED', 'UNAUTHORIZED'];
    expect(responses.map(({ ResponseType: type }) => type).sort()).toEqual(types);
  });

  test('an access log is not replaced: a stage has only one', () => {
    const { stack, api } = bench();
    const log = new LogGroup(stack, 'Log');
    const stage = new Stage(stack, 'Prod', {
      deployment: new Deployment(stack, 'Deployment', { api: api as IRestApi }),
      accessLogDestination: new LogGroupLogDestination(log),
    });
    expect(() => monetize(stack, { api, stages: [stage] })).toThrow(/Test\/Prod already has an access log/);
  });

  test('keys taken from the header are an error until they are imported', () => {
    const { stack, api } = bench({ apiKeySourceType: ApiKeySourceType.HEADER });
    expect(() => monetize(stack, { api })).toThrow(/takes its API keys from the header.*keysImported: true/s);
  });

  test('so is a method that already requires a key', () => {
    const { stack, api } = bench();
    api.root.addResource('old').addMethod('GET', new MockIntegration(), { apiKeyRequired: true });
    monetize(stack, { api });
    Annotations.fromStack(stack).hasError('*', Match.stringLikeRegexp('GET /old already requires an API key'));
  });

  test('with imported keys both are metered', () => {
    const { stack, api } = bench({ apiKeySourceType: ApiKeySourceType.HEADER });
    api.root.addResource('old').addMethod('GET', new MockIntegration(), { apiKeyRequired: true });
    monetize(stack, { api, keysImported: true });
    const template = Template.fromStack(stack);
    expect(guards(template)).toMatchObject({ 'GET /old': 'tollgate' });
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { Name: 'Api', ApiKeySourceType: 'AUTHORIZER' });
  });
});

describe('the deployment is really replaced', () => {
  const deploymentId = (configure: (b: Bench) => void): string => {
    const b = bench();
    configure(b);
    const deployments = Template.fromStack(b.stack).findResources('AWS::ApiGateway::Deployment');
    const [id] = Object.keys(deployments).filter((each) => each.startsWith('ApiDeployment'));
    return String(id);
  };

  test('when the API is monetized', () => {
    const plain = deploymentId(() => {});
    expect(deploymentId(({ stack, api }) => monetize(stack, { api }))).not.toBe(plain);
  });

  test('when a route becomes exempt, and when one joins that the API does not know of', () => {
    const guarded = deploymentId(({ stack, api }) => monetize(stack, { api }));
    expect(deploymentId(({ stack, api }) => monetize(stack, { api, exempt: ['/search'] }))).not.toBe(guarded);
    const joined = deploymentId(({ stack, api }) => {
      monetize(stack, { api });
      new CfnMethod(stack, 'Bare', {
        restApiId: api.restApiId,
        resourceId: api.restApiRootResourceId,
        httpMethod: 'GET',
        integration: { type: 'MOCK' },
      });
    });
    expect(joined).not.toBe(guarded);
  });

  test('and not otherwise', () => {
    const once = deploymentId(({ stack, api }) => monetize(stack, { api }));
    expect(deploymentId(({ stack, api }) => monetize(stack, { api }))).toBe(once);
  });

  test('and waits for the gateway responses that it serves', () => {
    const { stack, api } = bench();
    monetize(stack, { api });
    const template = Template.fromStack(stack);
    const responses = Object.keys(template.findResources('AWS::ApiGateway::GatewayResponse'));
    expect(responses).toHaveLength(5);
    const deployments = Object.entries(template.findResources('AWS::ApiGateway::Deployment'));
    const [, deployment] = deployments.find(([id]) => id.startsWith('ApiDeployment')) ?? [];
    expect(deployment?.DependsOn).toEqual(expect.arrayContaining(responses));
  });
});

describe('stages', () => {
  test('the deployment stage is metered, with exactly the line of the contract', () => {
    const { stack, api } = bench();
    monetize(stack, { api });
    const stages = Object.values(properties(Template.fromStack(stack), 'AWS::ApiGateway::Stage'));
    const metered = stages.find(({ StageName }) => StageName === 'prod');
    expect(metered?.AccessLogSetting).toMatchObject({ Format: ACCESS_LOG_FORMAT });
    expect(ACCESS_LOG_FORMAT).toBe(
      '{"id":"$context.extendedRequestId","epochMs":"$context.requestTimeEpoch","customerId":"$context.authorizer.customerId",' +
        '"rateCard":"$context.authorizer.rateCard","client":"$context.authorizer.client","method":"$context.httpMethod",' +
        '"resourcePath":"$context.resourcePath","status":"$context.status","responseBytes":"$context.responseLength",' +
        '"latencyMs":"$context.responseLatency"}\n',
    );
  });

  test('an API with `deploy: false` must name its stages; all of them are in every plan', () => {
    const { stack, api } = bench({ deploy: false });
    const deployment = new Deployment(stack, 'Deployment', { api: api as IRestApi });
    const stages = ['blue', 'green'].map((stageName) => new Stage(stack, stageName, { deployment, stageName }));
    expect(() => monetize(new Stack(testApp(), 'Else'), { api })).toThrow(/has no stage yet \(deploy: false\)/);
    monetize(stack, { api, stages });
    const template = Template.fromStack(stack);
    const plans = Object.values(properties(template, 'AWS::ApiGateway::UsagePlan'));
    expect(plans).toHaveLength(5);
    for (const plan of plans) expect(plan.ApiStages).toHaveLength(2);
    const named = Object.values(properties(template, 'AWS::ApiGateway::Stage')).filter(({ StageName }) =>
      ['blue', 'green'].includes(String(StageName)),
    );
    expect(named.map(({ AccessLogSetting }) => AccessLogSetting)).toEqual([
      expect.objectContaining({ Format: ACCESS_LOG_FORMAT }),
      expect.objectContaining({ Format: ACCESS_LOG_FORMAT }),
    ]);
  });
});

describe('what cannot work is refused, saying what to do', () => {
  test('an API made from an OpenAPI description', () => {
    const stack = new Stack(testApp(), 'Test');
    const api = new SpecRestApi(stack, 'Api', {
      cloudWatchRole: false,
      apiDefinition: ApiDefinition.fromInline({ openapi: '3.0.1', paths: {} }),
    });
    expect(() => monetize(stack, { api: api as unknown as RestApi })).toThrow(/SpecRestApi.*Give a RestApi/s);
  });

  test.each([
    ['an exempt route that is no route', 'health', /"health" in "exempt" is not a route/],
    ['an exempt route that the API does not have', '/helth', /"\/helth" in "exempt" is no route of the API/],
  ])('%s', (_why, route, message) => {
    const { app, stack, api } = bench();
    expect(() => {
      monetize(stack, { api, exempt: [route] });
      app.synth();
    }).toThrow(message);
  });

  test('an authorization that is cached for more than the hour that API Gateway allows', () => {
    const { stack, api } = bench();
    expect(() => monetize(stack, { api, authorizerTtl: Duration.hours(2) })).toThrow(/caches for an hour at most/);
  });

  test('invoicing a period before its last hour is closed', () => {
    const { stack, api } = bench();
    const hours = { watermarkHours: 26, invoiceDelayHours: 26 };
    expect(() => monetize(stack, { api, ...hours })).toThrow(/must be more than watermarkHours/);
  });
});
