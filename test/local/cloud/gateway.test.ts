import { createServer } from 'node:http';
import {
  APIGatewayProxyEventSchema,
  APIGatewayRequestAuthorizerEventSchema,
} from '@aws-lambda-powertools/parser/schemas/api-gateway';
import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway';
import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { CALLER_HEADER, type CloudOptions, type GatewayRequest } from '../../../lib/local/cloud/index.ts';
import { apiResources } from './api-resources.ts';
import { cloudOf, type Resources, recorder, ref, START } from './small-cloud.ts';

const KEY = 'k'.repeat(64);
const ROLE = 'arn:aws:iam::123456789012:role/backend';

/** Knows the keys `good`, `blocked` and `partial` (no `/items/special`). */
function authorize({ headers, methodArn }: APIGatewayRequestAuthorizerEvent) {
  const key = headers?.['x-api-key'];
  if (key === 'broken') throw new Error('store failed');
  if (key === 'strange') return { policyDocument: 'none' };
  if (key !== 'good' && key !== 'blocked' && key !== 'partial') throw new Error('Unauthorized');
  const [api = ''] = methodArn.split('/');
  const statement = (Effect: string, path: string) => ({
    Action: 'execute-api:Invoke',
    Effect,
    Resource: `${api}/v1/${path}`,
  });
  const statements = key === 'blocked' ? [statement('Deny', '*')] : [statement('Allow', '*')];
  if (key === 'partial') statements.push(statement('Deny', 'GET/items/special'));
  return {
    principalId: 'acme',
    policyDocument: { Version: '2012-10-17', Statement: statements },
    context: { customerId: 'acme', ...(key === 'good' ? {} : { reason: key }) },
    usageIdentifierKey: KEY,
  };
}

async function api(overrides: Resources = {}, options: Partial<CloudOptions> = {}) {
  const authorizer = recorder(authorize as (event: never) => unknown);
  const backend = recorder((event: never) => ({
    statusCode: 201,
    headers: { 'X-Seen': 'yes' },
    body: JSON.stringify({ got: (event as APIGatewayProxyEvent).body }),
  }));
  const cloud = await cloudOf(apiResources(overrides), {
    functions: { authorize: authorizer.create, backend: backend.create },
    callers: [ROLE],
    ...options,
  });
  const gateway = cloud.gateway();
  const call = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    more: Partial<GatewayRequest> = {},
  ) => gateway.invoke({ method, path, headers, ...more });
  const as = (key: string, path = '/items') => call('GET', path, { 'x-api-key': key });
  const plan = (name: string) => cloud.plans.plans().find((one) => one.name === name)?.id ?? '';
  const { id } = cloud.plans.create({ name: 'acme', value: KEY, enabled: true });
  return { cloud, gateway, call, as, authorized: authorizer.events, backend: backend.events, plan, keyId: id };
}

async function joined(planName = 'big', overrides: Resources = {}, options: Partial<CloudOptions> = {}) {
  const made = await api(overrides, options);
  made.cloud.plans.join(made.plan(planName), made.keyId);
  return made;
}

describe('routes', () => {
  test.each([
    ['GET', '/open', 200, '{"ok":true}'],
    ['GET', '/a/b', 200, '{"rest":"a/b"}'],
    ['DELETE', '/open', 200, '{"rest":"open"}'],
    ['GET', '/', 403, '{"message":"Missing Authentication Token"}'],
    ['PUT', '/items/1/2', 200, '{"rest":"items/1/2"}'],
    ['GET', '/caf%C3%A9', 200, '{"rest":"café"}'],
  ])('%s %s answers %i', async (method, path, status, body) => {
    const { call } = await api();
    expect(await call(method, path)).toMatchObject({ status, body });
  });

  test('a fixed part goes before a parameter, a parameter before a greedy one', async () => {
    const { as, cloud } = await joined();
    expect((await as('good', '/items/special')).body).toBe('{"ok":true}');
    expect((await as('good', '/items/7%2F8')).body).toBe('{"id":"7/8","stage":"v1"}');
    expect(cloud.gateway('demo').has('GET', '/items/7')).toBe(true);
  });

  test('a mock integration sets headers, as CORS preflight needs', async () => {
    const { call } = await api();
    expect((await call('OPTIONS', '/open')).headers['access-control-allow-origin']).toBe('*');
  });
});

describe('the authorizer', () => {
  test.each([
    ['no key at all', {}, 401, '{"message":"Unauthorized"}'],
    ['an unknown key', { 'x-api-key': 'who' }, 401, '{"message":"Unauthorized"}'],
    ['a key that the policy denies', { 'x-api-key': 'blocked' }, 403, '{"message":"Forbidden","reason":"blocked"}'],
    ['an authorizer that fails', { 'x-api-key': 'broken' }, 500, '{"message":"null"}'],
    ['an authorizer that answers nonsense', { 'x-api-key': 'strange' }, 500, '{"message":"null"}'],
    [
      'a header in another case, which reaches this picky authorizer as it was written',
      { 'X-API-Key': 'good' },
      401,
      '{"message":"Unauthorized"}',
    ],
  ])('%s', async (_, headers, status, body) => {
    const { call } = await joined();
    expect(await call('GET', '/items', headers)).toMatchObject({ status, body });
  });

  test('is not asked where an identity source is missing', async () => {
    const { call, authorized } = await joined();
    await call('GET', '/items');
    expect(authorized).toEqual([]);
  });

  test('is asked once per key and TTL, whatever the method', async () => {
    const { cloud, as, authorized } = await joined();
    await as('good');
    await as('good', '/items/1');
    await cloud.clock.advanceBy(299_999);
    await as('good');
    expect(authorized).toHaveLength(1);
    await cloud.clock.advanceBy(1);
    await as('good');
    expect(authorized).toHaveLength(2);
  });

  test('is asked again after its failure: only policies are cached', async () => {
    const { as, authorized } = await joined();
    await as('who');
    await as('who');
    expect(authorized).toHaveLength(2);
  });

  test('has its cached policy judged for each method: a deny of one route wins over an allow of all', async () => {
    const { as, authorized } = await joined();
    expect((await as('partial')).status).toBe(200);
    expect(await as('partial', '/items/special')).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden","reason":"partial"}',
    });
    expect(authorized).toHaveLength(1);
  });

  test('is asked again after its cache was flushed', async () => {
    const { cloud, as, authorized, gateway } = await joined();
    const client = new APIGatewayClient(cloud.clientConfig('apigateway'));
    await as('good');
    await client.send(new FlushStageAuthorizersCacheCommand({ restApiId: gateway.apiId, stageName: 'v1' }));
    await as('good');
    expect(authorized).toHaveLength(2);
    const lost = new FlushStageAuthorizersCacheCommand({ restApiId: gateway.apiId, stageName: 'v2' });
    await expect(client.send(lost)).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('gets the event that AWS sends', async () => {
    const { call, authorized, gateway } = await joined();
    await call('GET', '/items/7?a=1&a=2', { 'x-api-key': 'good', 'User-Agent': 'curl/8' }, { sourceIp: '203.0.113.9' });
    const event = APIGatewayRequestAuthorizerEventSchema.parse(authorized[0]);
    expect(event).toMatchObject({
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:us-east-1:123456789012:${gateway.apiId}/v1/GET/items/7`,
      resource: '/items/{id}',
      path: '/items/7',
      httpMethod: 'GET',
      headers: { 'x-api-key': 'good', 'User-Agent': 'curl/8' },
      queryStringParameters: { a: '2' },
      pathParameters: { id: '7' },
      requestContext: {
        stage: 'v1',
        path: '/v1/items/7',
        requestTimeEpoch: START,
        identity: { sourceIp: '203.0.113.9' },
      },
    });
  });
});

describe('keys and usage plans', () => {
  test('a key that no plan knows is refused', async () => {
    const { as } = await api();
    expect(await as('good')).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
  });

  test('a disabled key is refused', async () => {
    const { cloud, as, keyId } = await joined();
    cloud.plans.key(keyId).enabled = false;
    expect((await as('good')).status).toBe(403);
  });

  test('the key that the authorizer names opens nothing by itself', async () => {
    const { as } = await joined();
    expect((await as(KEY)).status).toBe(401);
  });

  test('the burst is answered, then the rate is', async () => {
    const { cloud, as } = await joined('free');
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await as('good')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const throttled = await as('good');
    expect(throttled).toMatchObject({ body: '{"reason":"throttle"}', headers: { 'retry-after': '1' } });
    await cloud.clock.advanceBy(500);
    expect((await as('good')).status).toBe(200);
    expect((await as('good')).status).toBe(429);
  });

  test('the quota holds for its period; what was throttled did not use it up', async () => {
    const { cloud, as } = await joined('free');
    const answers: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      await cloud.clock.advanceBy(1_000);
      answers.push((await as('good')).status);
    }
    expect(answers).toEqual([...Array(10).fill(200), 429]);
    expect((await as('good')).body).toBe('{"message":"Limit Exceeded"}');
    await cloud.clock.advanceTo(Date.UTC(2026, 0, 16));
    expect((await as('good')).status).toBe(200);
  });

  test.each([
    ['WEEK', Date.UTC(2026, 0, 18)],
    ['MONTH', Date.UTC(2026, 1, 1)],
  ])('a quota per %s begins anew then', async (Period, at) => {
    const Plan = {
      Type: 'AWS::ApiGateway::UsagePlan',
      Properties: {
        UsagePlanName: 'free',
        ApiStages: [{ ApiId: ref('Api'), Stage: ref('Stage') }],
        Quota: { Limit: 1, Period },
      },
    };
    const { cloud, as } = await joined('free', { Plan });
    expect((await as('good')).status).toBe(200);
    await cloud.clock.advanceTo(at - 1);
    expect((await as('good')).status).toBe(429);
    await cloud.clock.advanceTo(at);
    expect((await as('good')).status).toBe(200);
  });

  test("the stage's own throttle binds methods without a key", async () => {
    const Stage = {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        RestApiId: ref('Api'),
        StageName: 'v1',
        MethodSettings: [{ HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 }],
      },
    };
    const { call } = await api({ Stage });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call('GET', '/open')).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('a function behind the API', () => {
  test('gets the event that AWS sends, and its answer goes back', async () => {
    const { call, backend } = await api();
    const answer = await call('POST', '/call?x=1', { 'Content-Type': 'text/plain' }, { body: 'hello' });
    expect(answer).toMatchObject({ status: 201, body: '{"got":"hello"}', headers: { 'x-seen': 'yes' } });
    expect(APIGatewayProxyEventSchema.parse(backend[0])).toMatchObject({
      resource: '/call',
      httpMethod: 'POST',
      body: 'hello',
      isBase64Encoded: false,
      queryStringParameters: { x: '1' },
    });
  });

  test('gets bytes that are no text in base64', async () => {
    const { call, backend } = await api();
    await call('POST', '/call', {}, { body: Uint8Array.of(0xff, 0xfe, 0x00) });
    expect(backend[0]).toMatchObject({ body: '//4A', isBase64Encoded: true });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['answers nonsense', () => 'hello'],
  ])('that %s is a 502', async (_, answer) => {
    const authorizer = recorder(authorize as (event: never) => unknown);
    const { call } = await api({}, { functions: { authorize: authorizer.create, backend: () => answer } });
    expect(await call('POST', '/call', {}, { body: 'x' })).toMatchObject({
      status: 502,
      body: '{"message": "Internal server error"}',
    });
  });
});

describe('a method with IAM authorization', () => {
  test.each([
    ['nobody', {}, 403, 'Missing Authentication Token'],
    ['a stranger', { [CALLER_HEADER]: 'arn:aws:iam::1:role/x' }, 403, 'Forbidden'],
    ['a listed caller', { [CALLER_HEADER]: ROLE }, 201, 'got'],
  ])('is called by %s', async (_, headers, status, body) => {
    const { call } = await api();
    const answer = await call('POST', '/signed', headers as Record<string, string>, { body: 'x' });
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(body);
  });

  test('tells the function who called', async () => {
    const { call, backend } = await api();
    await call('POST', '/signed', { [CALLER_HEADER]: ROLE }, { body: 'x' });
    expect(backend[0]).toMatchObject({ requestContext: { identity: { userArn: ROLE } } });
  });
});

describe('the access log', () => {
  test('has a line for each call in the format of the stage, - for what is unset', async () => {
    const { cloud, as, call } = await joined();
    await as('good', '/items/1');
    await as('blocked');
    await call('GET', '/');
    await cloud.settle();
    const [object] = cloud.objects('ledger').list();
    const lines = Buffer.from(object?.body ?? [])
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const common = { id: expect.stringMatching(/^[0-9a-f]{14}=$/), ms: String(START), method: 'GET' };
    expect(lines).toEqual([
      { ...common, customer: 'acme', path: '/items/{id}', status: '200', bytes: '23' },
      { ...common, customer: 'acme', path: '/items', status: '403', bytes: '42' },
      { ...common, customer: '-', path: '-', status: '403', bytes: '42' },
    ]);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(3);
  });
});

describe('what stands behind the API', () => {
  test('can be replaced for calls that a simulation answers', async () => {
    const { cloud, as } = await joined(
      'big',
      {},
      {
        backend: ({ path }) =>
          path === '/items' ? { status: 503, headers: {}, body: 'down', encoding: 'utf8', latencyMs: 40 } : undefined,
      },
    );
    expect(await as('good')).toMatchObject({ status: 503, body: 'down' });
    expect((await as('good', '/items/1')).status).toBe(200);
    await cloud.settle();
    expect(Buffer.from(cloud.objects('ledger').list()[0]?.body ?? []).toString()).toContain(
      '"status":"503","bytes":"4"',
    );
  });

  test('is called over HTTP with path, query and body', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-api-key'] ?? 'no key'}`);
      response.writeHead(418, { 'x-tea': 'pot' }).end('short and stout');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as { port: number }).port;
    const AnyRest = {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: ref('Api'),
        ResourceId: ref('Rest'),
        HttpMethod: 'ANY',
        AuthorizationType: 'NONE',
        Integration: {
          Type: 'HTTP_PROXY',
          IntegrationHttpMethod: 'ANY',
          Uri: `http://127.0.0.1:${port}/base/{proxy}`,
          RequestParameters: { 'integration.request.path.proxy': 'method.request.path.proxy' },
        },
      },
    };
    const { call } = await api({ AnyRest });
    const answer = await call('PUT', '/tea/1?sugar=no', { 'x-api-key': 'secret' }, { body: 'x' });
    await new Promise((resolve) => server.close(resolve));
    expect(answer).toMatchObject({ status: 418, body: 'short and stout', headers: { 'x-tea': 'pot' } });
    expect(seen).toEqual(['PUT /base/tea/1?sugar=no no key']);
    expect(await call('GET', '/gone')).toMatchObject({ status: 504 });
  });
});

describe('over HTTP on 127.0.0.1', () => {
  test('the stage comes first in the path', async () => {
    const { cloud, gateway } = await joined();
    const { url, port } = await cloud.listen(gateway, 0);
    const answer = await fetch(`${url()}/items/9`, { headers: { 'x-api-key': 'good' } });
    expect([answer.status, await answer.json()]).toEqual([200, { id: '9', stage: 'v1' }]);
    const wrong = await fetch(`http://127.0.0.1:${port}/items/9`);
    expect([wrong.status, wrong.headers.get('x-tollgate-hint')]).toEqual([
      403,
      'no stage "items": paths begin with /v1',
    ]);
  });

  test('a taken port is said so, with what to do', async () => {
    const { cloud, gateway } = await api();
    const { port } = await cloud.listen(gateway, 0);
    await expect(cloud.listen(gateway, port)).rejects.toMatchObject({
      code: 'port-taken',
      message: `port ${port} is in use by another program`,
      hint: 'choose another one, or 0 for any free port',
    });
  });
});

test.each([
  ['an unknown $context variable', { Stage: stage('$context.nope') }, /\$context\.nope/],
  [
    'a mapping template beyond substitution',
    { GetOpen: open({ Type: 'MOCK', RequestTemplates: { 'application/json': '#set($x = 1)' } }) },
    /#set/,
  ],
  ['an integration', { GetOpen: open({ Type: 'AWS' }) }, /Integration\.Type: AWS is not known/],
  [
    'a token authorizer',
    { Authorizer: { Type: 'AWS::ApiGateway::Authorizer', Properties: { RestApiId: ref('Api'), Type: 'TOKEN' } } },
    /only REQUEST/,
  ],
  [
    'a log stream of another prefix',
    {
      Log: {
        Type: 'AWS::KinesisFirehose::DeliveryStream',
        Properties: {
          DeliveryStreamName: 'log',
          ExtendedS3DestinationConfiguration: { BucketARN: 'arn:aws:s3:::ledger' },
        },
      },
    },
    /amazon-apigateway-/,
  ],
])('%s is refused by name', async (_, overrides, message) => {
  await expect(api(overrides)).rejects.toThrow(message);
});

function stage(Format: string) {
  return {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      RestApiId: ref('Api'),
      StageName: 'v1',
      AccessLogSetting: { DestinationArn: { 'Fn::GetAtt': ['Log', 'Arn'] }, Format },
    },
  };
}

function open(Integration: object) {
  return {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: ref('Api'),
      ResourceId: ref('Open'),
      HttpMethod: 'GET',
      AuthorizationType: 'NONE',
      Integration,
    },
  };
}
