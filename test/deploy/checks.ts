import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { APIGatewayClient, FlushStageAuthorizersCacheCommand, GetApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { sqsAccessQueue, sqsEvaluationQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { importCustomers } from '../../lib/app/import-customers/import-customers.ts';
import { entitlement } from '../../lib/app/provision-access/entitlement.ts';
import { createKey, importKey } from '../../lib/app/provision-access/keys.ts';
import type { Emulator } from './emulator.ts';
import { clientConfig, type Outputs, signed } from './stack.ts';

export interface Check {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const CUSTOMER = 'acme';
const clock = { now: () => Date.now() };
const random = { hex: (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex') };
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');

/** Until it answers something: work behind queues takes a few polls. */
async function eventually<T>(what: string, attempt: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(500)) {
    const found = await attempt();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** What a deployed Tollgate does, in the order in which a customer meets it. Each check builds on those before it. */
export function checks(emulator: Emulator, outputs: Outputs): Check[] {
  const deployed = connect(emulator, outputs);
  return [
    ...callChecks(deployed),
    ...meteringChecks(deployed),
    ...eventChecks(deployed),
    ...portalChecks(deployed),
    ...refusalChecks(deployed),
  ];
}

type Deployed = ReturnType<typeof connect>;

function connect(emulator: Emulator, outputs: Outputs) {
  const config = clientConfig(emulator);
  const output = (name: string) => outputs[name] ?? assert.fail(`no output ${name}`);
  const dynamodb = new DynamoDBClient(config);
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  let key = '';
  return {
    output,
    apiGateway: new APIGatewayClient(config),
    firehose: new FirehoseClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs,
    directory: dynamodbDirectory(dynamodb, output('TestDirectoryTable')),
    access: sqsAccessQueue(sqs, output('TestAccessQueue'), random),
    evaluations: sqsEvaluationQueue(sqs, output('TestEvaluationQueue')),
    key: () => key,
    use: (value: string) => (key = value),
    call: (path: string, apiKey?: string) =>
      fetch(`${emulator.endpoint}/_aws/execute-api/${output('TestApiId')}/v1${path}`, {
        headers: apiKey === undefined ? {} : { 'x-api-key': apiKey },
      }),
    portal: (path: string, init: RequestInit = {}) =>
      fetch(`${emulator.endpoint}/_aws/execute-api/${output('TestPortalId')}${path}`, { ...init, redirect: 'manual' }),
    report: (event: object, sign = true) => {
      const url = new URL(`${emulator.endpoint}/_aws/execute-api/${output('TestIngressId')}/v1/events`);
      const body = JSON.stringify(event);
      const headers = {
        'content-type': 'application/cloudevents+json',
        ...(sign ? signed(url, body, new Date()) : {}),
      };
      return fetch(url, { method: 'POST', headers, body });
    },
    /** The customer's provisional counters of an hour, all of them once `name` is there. */
    counters: async (hour: string) => {
      const Key = { pk: { S: `usage#${CUSTOMER}` }, sk: { S: hour } };
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: output('TestUsageTable'), Key, ConsistentRead: true }),
      );
      return Object.fromEntries(Object.entries(Item ?? {}).map(([name, value]) => [name, value.N]));
    },
  };
}

function callChecks(deployed: Deployed): Check[] {
  const { call, directory, evaluations, apiGateway } = deployed;
  return [
    { name: 'a route that is exempt needs no key', run: async () => assert.equal((await call('/health')).status, 200) },
    {
      name: 'a call without a key is answered 401',
      run: async () => assert.equal((await call('/search')).status, 401),
    },
    {
      name: 'a key that nobody issued is answered 401',
      run: async () => assert.equal((await call('/search', `tg_live_${'x'.repeat(32)}_000000`)).status, 401),
    },
    {
      name: 'an imported customer is decided, and gets its key and usage plan at runtime',
      run: async () => {
        const customers = [{ id: CUSTOMER, name: 'Acme', keys: [], facts: FACTS, overrides: {} }];
        assert.equal((await importCustomers({ directory, evaluations, clock }, customers)).created, 1);
        const placed = await eventually('the internal key', async () => {
          return (await directory.profile(CUSTOMER))?.access.current ?? undefined;
        });
        const made = await apiGateway.send(new GetApiKeyCommand({ apiKey: placed.apiKeyId, includeValue: true }));
        assert.equal(made.value, placed.value);
        deployed.use(placed.value);
      },
    },
    {
      name: 'a key made at runtime is known to the authorizer: no longer 401',
      run: async () => {
        const { key } = await createKey(
          { directory, clock, random },
          { customer: CUSTOMER, name: 'first', mode: 'live' },
        );
        // The emulator takes the usage key from the header, whatever the key source: it knows no plan for this one.
        assert.notEqual((await call('/search', key)).status, 401);
      },
    },
    {
      // Its value is the one that the emulator knows a plan for, which is as real a key as any that a team issued before.
      name: 'an imported key of a customer in good standing is answered 200',
      run: async () => {
        const imported = { customer: CUSTOMER, hash: hashOf(deployed.key()), name: 'imported' };
        assert.equal(await importKey({ directory, clock }, imported), 'imported');
        const response = await eventually('200', async () => {
          const answer = await call('/search', deployed.key());
          return answer.status === 200 ? answer : undefined;
        });
        assert.deepEqual(await response.json(), { route: 'GET /search', ok: true });
      },
    },
  ];
}

function refusalChecks({ call, directory, evaluations, access, apiGateway, output }: Deployed): Check[] {
  return [
    {
      // When this fails, the emulator has learned it: then a suspension can be shown on calls that it has cached.
      name: 'the flush of cached authorizations is not known to the emulator, and it says so',
      run: async () => {
        const flush = new FlushStageAuthorizersCacheCommand({ restApiId: output('TestApiId'), stageName: 'v1' });
        await assert.rejects(apiGateway.send(flush), { name: 'NotFoundException' });
      },
    },
    {
      // Suspended before its first call: the emulator caches what the authorizer says, and cannot flush that cache.
      name: 'a suspended customer is answered 403',
      run: async () => {
        const key = random.hex(32);
        const customers = [{ id: 'late', name: 'Late', keys: [`sha256:${hashOf(key)}`], facts: FACTS, overrides: {} }];
        assert.equal((await importCustomers({ directory, evaluations, clock }, customers)).keysImported, 1);
        await entitlement({ directory, queue: access, clock }).set('late', 'suspended', 'payment-overdue');
        assert.equal((await call('/search', key)).status, 403);
      },
    },
  ];
}

/** What the shipped rules ask of a customer. */
const FACTS = { industry: 'fintech', companySize: 40, country: 'DE' };

function meteringChecks(deployed: Deployed): Check[] {
  const now = Date.now();
  const hour = new Date(now).toISOString().slice(0, 13);
  const line = (id: string, resourcePath: string) =>
    JSON.stringify({
      ...{
        id,
        epochMs: String(now),
        customerId: CUSTOMER,
        rateCard: 'growth@2026-01-01',
        client: 'node',
        method: 'GET',
      },
      ...{ resourcePath, status: '200', responseBytes: '12', latencyMs: '3' },
    });
  const Key = `usage/${hour.replaceAll('-', '/').replace('T', '/')}/delivered-once.gz`;
  const Bucket = deployed.output('TestLedgerBucket');
  const calls = async () => (await deployed.counters(hour))['c:api-calls|search'];
  return [
    {
      name: 'a ledger object is counted',
      run: async () => {
        const Body = gzipSync(`${['a', 'b', 'c'].map((id) => line(id, '/search')).join('\n')}\n`);
        await deployed.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
        assert.equal(await eventually('the count', calls), '3');
      },
    },
    {
      name: 'and once, when it is announced again twice',
      run: async () => {
        const announced = { eventName: 'ObjectCreated:Put', s3: { bucket: { name: Bucket }, object: { key: Key } } };
        const MessageBody = JSON.stringify({ Records: [{ eventSource: 'aws:s3', eventVersion: '2.1', ...announced }] });
        const QueueUrl = deployed.output('TestObjectsQueue');
        for (let i = 0; i < 2; i++) await deployed.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
        const Body = gzipSync(`${line('d', '/payments/{id}')}\n`);
        await deployed.s3.send(new PutObjectCommand({ Bucket, Key: Key.replace('once', 'later'), Body }));
        const payments = async () => (await deployed.counters(hour))['c:api-calls|payments'];
        assert.equal(await eventually('the object after it', payments), '1');
        await sleep(3000);
        assert.equal(await calls(), '3');
      },
    },
    {
      name: 'what the stage would log reaches the ledger through Firehose, and is counted',
      run: async () => {
        const Data = Buffer.from(`${line('e', '/bulk')}\n`);
        const DeliveryStreamName = deployed.output('TestUsageStream');
        assert.match(DeliveryStreamName, /^amazon-apigateway-/);
        await deployed.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data } }));
        const bulk = async () => (await deployed.counters(hour))['c:api-calls|bulk'];
        assert.equal(await eventually('the count', bulk), '1');
      },
    },
  ];
}

function eventChecks(deployed: Deployed): Check[] {
  const now = new Date();
  const event = {
    ...{ specversion: '1.0', type: 'tollgate.usage', source: 'urn:backend', id: 'job-1', subject: CUSTOMER },
    ...{ time: now.toISOString(), data: { meter: 'tokens', quantity: '1532' } },
  };
  return [
    {
      name: 'an event that is not signed is refused',
      run: async () => assert.equal((await deployed.report(event, false)).status, 403),
    },
    {
      name: 'a signed event is accepted, lands in the ledger and is counted',
      run: async () => {
        const response = await deployed.report(event);
        assert.equal(response.status, 202, await response.text());
        const listed = await eventually('the ledger object', async () => {
          const Bucket = deployed.output('TestLedgerBucket');
          const { Contents } = await deployed.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'events/' }));
          return Contents?.length ? Contents : undefined;
        });
        assert.equal(listed.length, 1);
        const hour = now.toISOString().slice(0, 13);
        const tokens = async () => (await deployed.counters(hour))['c:tokens|'];
        assert.equal(await eventually('the count', tokens), '1532');
      },
    },
    {
      name: 'another body under the same identity is a conflict',
      run: async () => {
        const response = await deployed.report({ ...event, data: { meter: 'tokens', quantity: '9' } });
        assert.equal(response.status, 409);
      },
    },
    {
      name: 'a meter that this backend may not report is refused',
      run: async () => {
        const response = await deployed.report({ ...event, id: 'job-2', data: { meter: 'api-calls', quantity: '9' } });
        assert.equal(response.status, 403);
      },
    },
  ];
}

/** What anyone may open: signing in needs an issuer that answers. */
function portalChecks({ portal }: Deployed): Check[] {
  return [
    {
      name: 'the portal sends who is not signed in to its sign-in page',
      run: async () => {
        const response = await portal('/invoices');
        assert.deepEqual([response.status, response.headers.get('location')], [302, '/sign-in?to=%2Finvoices']);
        const page = await portal('/sign-in');
        assert.equal(page.status, 200, await page.text());
      },
    },
  ];
}
