import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeyCommand,
  GetUsageCommand,
  GetUsagePlanKeyCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
  paginateGetApiKeys,
  UpdateApiKeyCommand,
  UpdateUsageCommand,
} from '@aws-sdk/client-api-gateway';
import { apiResources } from './api-resources.ts';
import { cloudOf } from './small-cloud.ts';

const VALUE = 'v'.repeat(64);

async function plane() {
  const cloud = await cloudOf(apiResources(), {
    functions: {
      authorize: () => () => ({
        principalId: 'p',
        policyDocument: { Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' }] },
        usageIdentifierKey: VALUE,
      }),
      backend: () => () => undefined,
    },
  });
  const client = new APIGatewayClient(cloud.clientConfig('apigateway'));
  const { items: plans = [] } = await client.send(new GetUsagePlansCommand({}));
  const plan = (name: string) => plans.find((one) => one.name === name)?.id ?? '';
  const key = async (name = 'acme', value = VALUE) =>
    (await client.send(new CreateApiKeyCommand({ name, value, enabled: true }))).id ?? '';
  const join = (usagePlanId: string, keyId: string) =>
    client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  const call = () => cloud.gateway().invoke({ method: 'GET', path: '/items', headers: { 'x-api-key': 'any' } });
  const usage = async (usagePlanId: string, startDate: string, endDate: string) =>
    (await client.send(new GetUsageCommand({ usagePlanId, startDate, endDate }))).items;
  return { cloud, client, plan, key, join, call, usage };
}

test('usage plans of the template are there, with their limits', async () => {
  const { client } = await plane();
  const { items } = await client.send(new GetUsagePlansCommand({}));
  expect(items).toMatchObject([
    {
      name: 'free',
      throttle: { rateLimit: 2, burstLimit: 3 },
      quota: { limit: 10, period: 'DAY' },
      apiStages: [{ stage: 'v1' }],
    },
    { name: 'big' },
  ]);
});

describe('a key', () => {
  test('is made, found by name, and gone after its deletion', async () => {
    const { client, key } = await plane();
    const id = await key('acme#1');
    for (let i = 0; i < 30; i += 1) await key(`other-${i}`, `${'o'.repeat(60)}${i}`);
    const found: string[] = [];
    for await (const { items = [] } of paginateGetApiKeys({ client, pageSize: 10 }, {}))
      found.push(...items.map(({ name }) => name ?? ''));
    expect(found).toHaveLength(31);
    expect(await client.send(new GetApiKeyCommand({ apiKey: id, includeValue: true }))).toMatchObject({
      name: 'acme#1',
      value: VALUE,
      enabled: true,
    });
    await client.send(new DeleteApiKeyCommand({ apiKey: id }));
    await expect(client.send(new GetApiKeyCommand({ apiKey: id }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  test('of a value that exists is a conflict', async () => {
    const { key } = await plane();
    await key();
    await expect(key('again')).rejects.toMatchObject({ name: 'ConflictException', $metadata: { httpStatusCode: 409 } });
  });

  test('that is too short is refused', async () => {
    const { key } = await plane();
    await expect(key('short', 'abc')).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  test('works from the moment it joins a plan until it leaves or is switched off', async () => {
    const { client, plan, key, join, call } = await plane();
    const keyId = await key();
    const statuses = [(await call()).status];
    await join(plan('big'), keyId);
    statuses.push((await call()).status);
    await client.send(
      new UpdateApiKeyCommand({
        apiKey: keyId,
        patchOperations: [{ op: 'replace', path: '/enabled', value: 'false' }],
      }),
    );
    statuses.push((await call()).status);
    await client.send(
      new UpdateApiKeyCommand({ apiKey: keyId, patchOperations: [{ op: 'replace', path: '/enabled', value: 'true' }] }),
    );
    statuses.push((await call()).status);
    await client.send(new DeleteUsagePlanKeyCommand({ usagePlanId: plan('big'), keyId }));
    statuses.push((await call()).status);
    expect(statuses).toEqual([403, 200, 403, 200, 403]);
  });
});

describe('membership', () => {
  test('is in one plan of a stage', async () => {
    const { client, plan, key, join } = await plane();
    const keyId = await key();
    await join(plan('free'), keyId);
    await expect(join(plan('big'), keyId)).rejects.toMatchObject({ name: 'ConflictException' });
    expect(await client.send(new GetUsagePlanKeyCommand({ usagePlanId: plan('free'), keyId }))).toMatchObject({
      name: 'acme',
      type: 'API_KEY',
    });
    await expect(client.send(new GetUsagePlanKeyCommand({ usagePlanId: plan('big'), keyId }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    expect((await client.send(new GetUsagePlanKeysCommand({ usagePlanId: plan('free') }))).items).toMatchObject([
      { id: keyId },
    ]);
    expect((await client.send(new GetUsagePlansCommand({ keyId }))).items).toMatchObject([{ name: 'free' }]);
  });

  test('needs a plan and a key that exist', async () => {
    const { plan, key, join } = await plane();
    await expect(join(plan('free'), 'nokey')).rejects.toMatchObject({ name: 'NotFoundException' });
    await expect(join('noplan', await key())).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});

describe('usage', () => {
  test('is counted by day, with what remains', async () => {
    const { cloud, plan, key, join, call, usage } = await plane();
    const keyId = await key();
    await join(plan('free'), keyId);
    await call();
    await call();
    await cloud.clock.advanceTo(Date.UTC(2026, 0, 17, 1));
    await call();
    expect(await usage(plan('free'), '2026-01-15', '2026-01-17')).toEqual({
      [keyId]: [
        [2, 8],
        [0, 10],
        [1, 9],
      ],
    });
  });

  test('can be carried over to another plan', async () => {
    const { client, plan, key, join, call, usage } = await plane();
    const keyId = await key();
    await join(plan('free'), keyId);
    await client.send(
      new UpdateUsageCommand({
        usagePlanId: plan('free'),
        keyId,
        patchOperations: [{ op: 'replace', path: '/remaining', value: '1' }],
      }),
    );
    expect([(await call()).status, (await call()).status]).toEqual([200, 429]);
    expect(await usage(plan('free'), '2026-01-15', '2026-01-15')).toEqual({ [keyId]: [[1, 0]] });
  });
});

test('a call that it does not know is refused by name', async () => {
  const { client } = await plane();
  const { GetRestApisCommand } = await import('@aws-sdk/client-api-gateway');
  await expect(client.send(new GetRestApisCommand({}))).rejects.toThrow(/no API Gateway GET \/restapis/);
});
