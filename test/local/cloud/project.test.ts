import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbDirectory } from '../../../lib/adapters/dynamodb-directory/directory.ts';
import { sqsEvaluationQueue } from '../../../lib/adapters/sqs-queues/sqs-queues.ts';
import { importCustomers } from '../../../lib/app/import-customers/import-customers.ts';
import { requireEnv } from '../../../lib/app/runtime.ts';
import { generateKey, hashKey } from '../../../lib/domain/entitlement/keys.ts';
import { HOUR_MS } from '../../../lib/domain/time/time.ts';
import { FUNCTIONS } from '../../../lib/local/cloud/functions.ts';
import { CALLER_HEADER, type Cloud, SeededRandom, startCloud, VirtualClock } from '../../../lib/local/cloud/index.ts';
import { FUNCTION_NAMES, synthesize } from '../../../lib/local/cloud/synth.ts';

/** The project's rules; the examples beside them are not published. */
const RULES = mkdtempSync(join(tmpdir(), 'tollgate-rules-'));
cpSync(join(import.meta.dirname, '../../../rules'), RULES, {
  recursive: true,
  filter: (path) => !path.includes('examples'),
});
afterAll(() => rmSync(RULES, { recursive: true, force: true }));
/** The first of a month: closing begins with the month of the first ruleset. */
const START = Date.UTC(2026, 0, 1, 10);
const BACKEND = 'arn:aws:iam::123456789012:role/backend';
const KEY = generateKey('live', (bytes) => new SeededRandom('key').hex(bytes));

async function project(seed: string): Promise<Cloud> {
  const template = await synthesize({
    rules: RULES,
    commit: '0123456789abcdef0123456789abcdef01234567',
    exempt: ['/health'],
    eventSources: { [BACKEND]: { sources: ['test'], meters: ['tokens'] } },
  });
  return startCloud({
    templates: [template],
    functions: FUNCTIONS,
    clock: new VirtualClock(START),
    seed,
    callers: [BACKEND],
  });
}

async function withCustomer(cloud: Cloud): Promise<void> {
  const { runtime } = cloud;
  const directory = dynamodbDirectory(
    new DynamoDBClient(cloud.clientConfig('dynamodb')),
    requireEnv(runtime, 'DIRECTORY_TABLE'),
  );
  const evaluations = sqsEvaluationQueue(
    new SQSClient(cloud.clientConfig('sqs')),
    requireEnv(runtime, 'EVALUATION_QUEUE_URL'),
  );
  const customer = {
    id: 'acme',
    name: 'Acme',
    createdAt: '2025-06-01',
    timeZone: null,
    overrides: {},
    keys: [`sha256:${hashKey(KEY)}`],
    facts: { industry: 'retail', companySize: 40, country: 'DE' },
  };
  // The rules are in force from an hour after their deployment on.
  await cloud.clock.advanceBy(2 * HOUR_MS);
  await importCustomers({ directory, evaluations, clock: runtime.clock }, [customer as never]);
  await cloud.settle();
}

async function provisional(cloud: Cloud) {
  const client = new DynamoDBClient(cloud.clientConfig('dynamodb'));
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: requireEnv(cloud.runtime, 'USAGE_TABLE'),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'usage#acme' } },
    }),
  );
  return Items;
}

/** Everything that a run leaves in the buckets, as one digest. */
function digest(cloud: Cloud): string {
  const hash = createHash('sha256');
  for (const name of ['LEDGER_BUCKET', 'RECORDS_BUCKET']) {
    for (const { key, versionId, body } of cloud.objects(requireEnv(cloud.runtime, name)).list())
      hash.update(`${key} ${versionId} `).update(body);
  }
  return hash.digest('hex');
}

async function run(seed: string) {
  const cloud = await project(seed);
  try {
    await withCustomer(cloud);
    const call = (path: string, key?: string) =>
      cloud.gateway().invoke({
        method: 'GET',
        path,
        headers: key === undefined ? {} : { 'x-api-key': key, 'User-Agent': 'python-requests/2.31' },
      });
    const statuses = [];
    for (const [path, key] of [
      ['/health'],
      ['/search'],
      ['/search', `${KEY}x`],
      ['/search', KEY],
      ['/places/7', KEY],
    ] as [string, string?][]) {
      statuses.push((await call(path, key)).status);
    }
    const event = {
      specversion: '1.0',
      id: 'e1',
      source: 'test',
      type: 'tollgate.usage',
      subject: 'acme',
      time: '2026-01-01T12:00:00Z',
      data: { meter: 'tokens', quantity: '5' },
    };
    const accepted = await cloud.ingress.invoke({
      method: 'POST',
      path: '/events',
      headers: { [CALLER_HEADER]: BACKEND, 'Content-Type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    });
    await cloud.settle();
    const usage = await provisional(cloud);
    await cloud.clock.advanceBy(30 * HOUR_MS);
    return {
      statuses,
      accepted,
      usage,
      digest: digest(cloud),
    };
  } finally {
    await cloud.stop();
  }
}

describe("the project's own template and functions", () => {
  test('a customer is placed, calls, and is counted; the same seed leaves the same bytes', async () => {
    const first = await run('one');
    expect(first.statuses).toEqual([200, 401, 401, 200, 200]);
    expect(first.usage).toHaveLength(1);
    const counted = Object.entries(first.usage[0] ?? {}).filter(([name]) => name.startsWith('c:'));
    expect(counted.map(([, value]) => Number(value.N)).reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(2);
    expect(first.accepted.status).toBe(202);
    expect((await run('one')).digest).toBe(first.digest);
    expect((await run('two')).digest).not.toBe(first.digest);
  }, 60_000);

  test('every function of the template is there, and no more', () => {
    expect(Object.keys(FUNCTIONS).sort()).toEqual([...FUNCTION_NAMES].sort());
  });

  test('is synthesized once', () => {
    const props = { rules: RULES, commit: 'c' };
    expect(synthesize(props)).toBe(synthesize({ ...props }));
  });
});

test('a stopped cloud leaves no server, thread or timer behind, and can be stopped again', async () => {
  // The servers of whatever else this process has run may still be closing: only what the cloud adds is its own.
  const open = () =>
    process.getActiveResourcesInfo().filter((name) => /^(TCPServerWrap|Worker|MessagePort)$/.test(name));
  const before = open().length;
  const cloud = await project('stop');
  await cloud.listen(cloud.gateway(), 0);
  cloud.follow(() => 0);
  expect(open().length).toBeGreaterThan(before);
  await cloud.stop();
  await cloud.stop();
  // Node lets go of a closed handle some turns of its loop after it said so.
  for (let turn = 0; turn < 200 && open().length > before; turn++) await new Promise((done) => setTimeout(done, 10));
  expect(open().length).toBeLessThanOrEqual(before);
}, 30_000);
