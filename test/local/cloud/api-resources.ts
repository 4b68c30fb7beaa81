import type { Resources } from './small-cloud.ts';
import { arnOf, lambda, ref } from './small-cloud.ts';

const uri = (logicalId: string) => ({
  'Fn::Join': [
    '',
    ['arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', arnOf(logicalId), '/invocations'],
  ],
});

const mock = (body: string, parameters: object = {}) => ({
  Type: 'MOCK',
  RequestTemplates: { 'application/json': '{"statusCode":200}' },
  IntegrationResponses: [
    { StatusCode: '200', ResponseTemplates: { 'application/json': body }, ResponseParameters: parameters },
  ],
});

const guarded = { AuthorizationType: 'CUSTOM', AuthorizerId: ref('Authorizer'), ApiKeyRequired: true };

function method(resource: string, verb: string, properties: object) {
  const ResourceId = resource === '' ? { 'Fn::GetAtt': ['Api', 'RootResourceId'] } : ref(resource);
  return {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: ref('Api'),
      ResourceId,
      HttpMethod: verb,
      AuthorizationType: 'NONE',
      Integration: mock('{"ok":true}'),
      ...properties,
    },
  };
}

function part(parent: string, PathPart: string) {
  const ParentId = parent === '' ? { 'Fn::GetAtt': ['Api', 'RootResourceId'] } : ref(parent);
  return { Type: 'AWS::ApiGateway::Resource', Properties: { RestApiId: ref('Api'), ParentId, PathPart } };
}

const response = (ResponseType: string, StatusCode: string, template: string, headers: object = {}) => ({
  Type: 'AWS::ApiGateway::GatewayResponse',
  Properties: {
    RestApiId: ref('Api'),
    ResponseType,
    StatusCode,
    ResponseTemplates: { 'application/json': template },
    ResponseParameters: headers,
  },
});

export const LOG_FORMAT =
  '{"id":"$context.extendedRequestId","ms":"$context.requestTimeEpoch","customer":"$context.authorizer.customerId","method":"$context.httpMethod","path":"$context.resourcePath","status":"$context.status","bytes":"$context.responseLength"}\n';

/** An API as the constructs make it: authorizer, key, usage plan, access log; and one method of each other kind. */
export function apiResources(overrides: Resources = {}): Resources {
  return {
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'demo', ApiKeySourceType: 'AUTHORIZER' } },
    Item: part('Items', '{id}'),
    Items: part('', 'items'),
    Special: part('Items', 'special'),
    Rest: part('', '{proxy+}'),
    Open: part('', 'open'),
    Call: part('', 'call'),
    Signed: part('', 'signed'),
    GetItems: method('Items', 'GET', guarded),
    GetItem: method('Item', 'GET', {
      ...guarded,
      Integration: mock('{"id":"$input.params(\'id\')","stage":"$context.stage"}'),
    }),
    GetSpecial: method('Special', 'GET', guarded),
    AnyRest: method('Rest', 'ANY', { Integration: mock('{"rest":"$input.params(\'proxy\')"}') }),
    GetOpen: method('Open', 'GET', {}),
    OptionsOpen: method('Open', 'OPTIONS', {
      Integration: mock('', { 'method.response.header.Access-Control-Allow-Origin': "'*'" }),
    }),
    PostCall: method('Call', 'POST', {
      Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: uri('Backend') },
    }),
    PostSigned: method('Signed', 'POST', {
      AuthorizationType: 'AWS_IAM',
      Integration: { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: uri('Backend') },
    }),
    Authorizer: {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        RestApiId: ref('Api'),
        Type: 'REQUEST',
        AuthorizerUri: uri('Authorize'),
        IdentitySource: 'method.request.header.x-api-key',
        AuthorizerResultTtlInSeconds: 300,
      },
    },
    Authorize: lambda('authorize'),
    Backend: lambda('backend'),
    Denied: response('ACCESS_DENIED', '403', '{"message":"Forbidden","reason":"$context.authorizer.reason"}'),
    Throttled: response('THROTTLED', '429', '{"reason":"throttle"}', { 'gatewayresponse.header.Retry-After': "'1'" }),
    Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId: ref('Api') } },
    Stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        RestApiId: ref('Api'),
        DeploymentId: ref('Deployment'),
        StageName: 'v1',
        AccessLogSetting: { DestinationArn: arnOf('Log'), Format: LOG_FORMAT },
      },
    },
    Plan: {
      Type: 'AWS::ApiGateway::UsagePlan',
      Properties: {
        UsagePlanName: 'free',
        ApiStages: [{ ApiId: ref('Api'), Stage: ref('Stage') }],
        Throttle: { RateLimit: 2, BurstLimit: 3 },
        Quota: { Limit: 10, Period: 'DAY' },
      },
    },
    Bigger: {
      Type: 'AWS::ApiGateway::UsagePlan',
      Properties: { UsagePlanName: 'big', ApiStages: [{ ApiId: ref('Api'), Stage: ref('Stage') }] },
    },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'ledger' } },
    Log: {
      Type: 'AWS::KinesisFirehose::DeliveryStream',
      Properties: {
        DeliveryStreamName: 'amazon-apigateway-log',
        ExtendedS3DestinationConfiguration: {
          BucketARN: arnOf('Bucket'),
          BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 5 },
        },
      },
    },
    ...overrides,
  };
}
