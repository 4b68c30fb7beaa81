import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayRequestAuthorizerEvent, CloudFormationCustomResourceEvent, SQSEvent } from 'aws-lambda';
import { createHandler as authorizeCall } from '../../lambdas/authorize-call/handler.ts';
import { createHandler as evaluateCustomers } from '../../lambdas/evaluate-customers/handler.ts';
import { createHandler as provisionAccess } from '../../lambdas/provision-access/handler.ts';
import { createHandler as publishRules } from '../../lambdas/publish-rules/handler.ts';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { createKey } from '../../lib/app/provision-access/keys.ts';
import { newProfile } from '../../lib/domain/entitlement/profile.ts';
import { controlPlane } from '../adapters/apigateway-keys/control-plane.ts';
import { smallRules } from '../app/publish-rules/small-rules.ts';
import { type LocalDynamo, localDynamo } from '../support/dynalite.ts';
import { accessRuntime, sqsEvent } from './access-runtime.ts';

const ENV = {
  ...{ DIRECTORY_TABLE: 'directory', RULESETS_TABLE: 'rulesets', DECISIONS_TABLE: 'decisions', USAGE_TABLE: 'usage' },
  ...{
    RECORDS_BUCKET: 'records',
    ACCESS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/access.fifo',
    EVALUATION_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/evaluation',
  },
  ...{ API_PARAMETER: '/tollgate/api', RULESET_FILE: 'ruleset.json', ON_STORE_FAILURE: 'deny' },
};
const ARN = 'arn:aws:execute-api:us-east-1:123456789012:api1/prod/GET/search';
const call = (headers: Record<string, string> | null) =>
  ({ type: 'REQUEST', methodArn: ARN, headers }) as unknown as APIGatewayRequestAuthorizerEvent;
const messages = (...bodies: unknown[]) => sqsEvent(...bodies) as unknown as SQSEvent;

/** The server behind CloudFormation's signed URL. */
async function cloudFormation(status = 200) {
  const reports: { body: Record<string, unknown>; type: string | undefined }[] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      reports.push({ body: JSON.parse(text), type: request.headers['content-type'] });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/signed`;
  const event = (RequestType: string) =>
    ({
      RequestType,
      ResponseURL: url,
      StackId: 's',
      RequestId: 'r',
      LogicalResourceId: 'l',
    }) as CloudFormationCustomResourceEvent;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { reports, event, close };
}

let dynamo: LocalDynamo;
let folder: string;
beforeEach(async () => {
  dynamo = await localDynamo();
  for (const name of ['directory', 'rulesets', 'decisions', 'usage']) await dynamo.table(name);
  folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
});
afterEach(async () => {
  await dynamo.close();
  rmSync(folder, { recursive: true });
});

test('from published rules to a call that passes: publish, evaluate, provision, authorize', async () => {
  const plane = await controlPlane();
  const stack = await cloudFormation();
  try {
    writeFileSync(join(folder, 'ruleset.json'), JSON.stringify({ hash: 'h', commit: 'c0ffee', files: smallRules() }));
    const { runtime, sent, state } = accessRuntime(dynamo, { ...ENV, LAMBDA_TASK_ROOT: folder }, plane.config);
    const directory = dynamodbDirectory(dynamo.client, 'directory');
    const customer = {
      id: 'acme',
      name: 'Acme',
      createdAt: '2026-01-01',
      keys: [],
      facts: { companySize: 3 },
      overrides: {},
    };
    await directory.register(newProfile(customer, state.now));
    const { key } = await createKey({ directory, ...runtime }, { customer: 'acme', name: 'main', mode: 'live' });

    await publishRules(runtime)(stack.event('Create'));
    expect(stack.reports).toEqual([
      {
        body: {
          ...{
            Status: 'SUCCESS',
            PhysicalResourceId: 'tollgate-ruleset',
            StackId: 's',
            RequestId: 'r',
            LogicalResourceId: 'l',
          },
          Data: { Hash: expect.any(String), EffectiveFrom: '2026-03-01T00:00:00Z', Outcome: 'published' },
        },
        type: '',
      },
    ]);
    expect(sent.map(({ queue, body }) => ({ queue, body }))).toEqual([
      { queue: ENV.EVALUATION_QUEUE_URL, body: { task: 'evaluate' } },
    ]);

    const evaluate = evaluateCustomers(runtime);
    expect(await evaluate(messages(sent.shift()?.body))).toEqual({ batchItemFailures: [] });
    expect(await dynamodbDecisions(dynamo.client, 'decisions').latest('acme')).toMatchObject({
      rateCard: 'free@2026-01-01',
    });
    expect(sent[0]).toMatchObject({
      queue: ENV.ACCESS_QUEUE_URL,
      body: { do: 'place', customer: 'acme', rateCard: 'free@2026-01-01' },
      input: { MessageGroupId: 'access', MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });

    const authorize = authorizeCall(runtime);
    await expect(authorize(call({ 'x-api-key': key }))).rejects.toThrow(/^Unauthorized$/);
    expect(await provisionAccess(runtime)(messages(sent.shift()?.body))).toEqual({ batchItemFailures: [] });
    state.now += 60_000;
    expect(await authorize(call({ 'X-API-Key': key, 'USER-AGENT': 'Go-http-client/2.0' }))).toMatchObject({
      context: { customerId: 'acme', rateCard: 'free@2026-01-01', client: 'go', mode: 'live' },
      usageIdentifierKey: [...plane.keys.values()][0]?.value,
      policyDocument: {
        Statement: [
          { Effect: 'Allow' },
          { Effect: 'Deny', Resource: [expect.stringMatching(/bulk$/), expect.stringMatching(/bulk\/\*$/)] },
        ],
      },
    });
    expect(await evaluate({ task: 'evaluate' })).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual([]);
  } finally {
    await plane.close();
    await stack.close();
  }
});

describe('authorize-call', () => {
  test.each([
    { name: 'no headers', headers: null },
    { name: 'no key', headers: { 'user-agent': 'curl/8' } },
    { name: 'an unknown key', headers: { 'x-api-key': 'never-issued' } },
    { name: 'a malformed key', headers: { 'x-api-key': 'tg_live_x' } },
    { name: 'a key in another header', headers: { 'x-api-token': 'k' } },
  ])('$name: the word for 401 and nothing else', async ({ headers }) => {
    const { runtime, logged } = accessRuntime(dynamo, ENV);
    const refused = authorizeCall(runtime)(call(headers));
    await expect(refused).rejects.toThrow(/^Unauthorized$/);
    expect(logged).toEqual([]);
  });

  test.each([
    { onStoreFailure: 'deny', outcome: 'throws' },
    { onStoreFailure: 'allow', outcome: 'passes as nobody' },
  ])('a table that does not answer: $onStoreFailure $outcome', async ({ onStoreFailure }) => {
    const { runtime } = accessRuntime(dynamo, { ...ENV, DIRECTORY_TABLE: 'gone', ON_STORE_FAILURE: onStoreFailure });
    const answer = authorizeCall(runtime)(call({ 'x-api-key': 'k' }));
    if (onStoreFailure === 'deny') await expect(answer).rejects.toThrow('does not answer');
    else expect((await answer).context).toEqual({ client: 'unknown' });
  });

  test('does not start without its table', () => {
    const { runtime } = accessRuntime(dynamo, {});
    expect(() => authorizeCall(runtime)).toThrow('DIRECTORY_TABLE');
  });
});

describe('provision-access', () => {
  test('a command that fails goes back to the queue with all behind it; those before are done', async () => {
    const plane = await controlPlane();
    try {
      const { runtime, logged } = accessRuntime(dynamo, ENV, { ...plane.config, maxAttempts: 1 });
      const directory = dynamodbDirectory(dynamo.client, 'directory');
      for (const id of ['a', 'b', 'c']) {
        const customer = { id, name: id, createdAt: '2026-01-01', keys: [], facts: {}, overrides: {} };
        await directory.register(newProfile(customer, 1));
      }
      const place = (customer: string, card = 'free') => ({
        ...{ do: 'place', customer, rateCard: `${card}@2026-01-01`, denied: [], quota: null },
      });
      const provision = provisionAccess(runtime);
      expect(await provision(messages(place('a'), place('b', 'unheard-of'), place('c')))).toEqual({
        batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }],
      });
      expect([...plane.keys.values()].map(({ name }) => name)).toEqual([expect.stringMatching(/^tollgate-a-/)]);
      plane.state.throttled = 1;
      expect((await provision(messages(place('b')))).batchItemFailures).toHaveLength(1);
      expect(logged.at(-1)).toMatchObject({ fields: { fault: 'TooManyRequestsException' } });
      expect((await provision(messages(place('b')))).batchItemFailures).toEqual([]);
    } finally {
      await plane.close();
    }
  });

  test.each(['not json', '{}', 'null', '{"do":"place"}', '{"do":"explode","customer":"a"}', '{"do":"flush"}'])(
    'a message that is no command goes to the dead letters: %s',
    async (body) => {
      const { runtime } = accessRuntime(dynamo, ENV, { region: 'x' });
      expect((await provisionAccess(runtime)(messages(body))).batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    },
  );
});

describe('evaluate-customers', () => {
  test('a message that is no command fails alone', async () => {
    const { runtime } = accessRuntime(dynamo, ENV);
    expect(await evaluateCustomers(runtime)(messages('nonsense', { task: 'evaluate' }))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
  });
});

describe('publish-rules', () => {
  test.each([
    { name: 'rules that are not valid', text: JSON.stringify({ commit: 'c', files: { 'tiers.json': '[]' } }) },
    { name: 'a file that is not JSON', text: 'oops' },
  ])('$name end the deployment with the reason', async ({ text }) => {
    const stack = await cloudFormation();
    writeFileSync(join(folder, 'ruleset.json'), text);
    const { runtime } = accessRuntime(dynamo, { ...ENV, LAMBDA_TASK_ROOT: folder });
    await publishRules(runtime)(stack.event('Update'));
    expect(stack.reports[0]?.body).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/.+/) });
    await stack.close();
  });

  test('deleting the stack succeeds, reads nothing and leaves what was published', async () => {
    const stack = await cloudFormation();
    const { runtime, sent } = accessRuntime(dynamo, { ...ENV, LAMBDA_TASK_ROOT: '/nowhere' });
    await publishRules(runtime)(stack.event('Delete'));
    expect(stack.reports[0]?.body).toMatchObject({ Status: 'SUCCESS' });
    expect(sent).toEqual([]);
    await stack.close();
  });

  test('an answer that CloudFormation does not take is an error, so that Lambda tries again', async () => {
    const stack = await cloudFormation(503);
    const { runtime } = accessRuntime(dynamo, ENV);
    await expect(publishRules(runtime)(stack.event('Delete'))).rejects.toThrow('HTTP 503');
    await stack.close();
  });
});
