import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { build } from 'esbuild';
import { LAMBDA_OPTIONS } from '../../bin/build/lambdas.ts';
import { authorizerHandler } from '../../lambdas/authorize-call/handler.ts';
import { dynamodbKeySnapshots } from '../../lib/adapters/dynamodb-directory/snapshots.ts';
import { authorizeCall, SNAPSHOT_FRESH_MS } from '../../lib/app/authorize-call/authorize-call.ts';
import { generateKey } from '../../lib/domain/entitlement/keys.ts';
import type { BenchResult } from './result.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const KEYS = 200;
const HITS = 20_000;
const MISSES = 200;
/** Many short rounds: what disturbs one way then disturbs its neighbour too. */
const ROUNDS = 60;
const IMPORT_ROUNDS = 11;

/** DynamoDB's answer without DynamoDB: what is left is what the SDK and the authorizer cost. */
const ITEM = {
  pk: { S: `key#${'0'.repeat(64)}` },
  sk: { S: 'snapshot' },
  customer: { S: 'acme' },
  keyState: { S: 'active' },
  mode: { S: 'live' },
  status: { S: 'active' },
  spend: { S: 'open' },
  version: { N: '3' },
  rateCard: { S: 'growth@2026-01-01' },
  usageKey: { S: 'a'.repeat(64) },
  denied: { L: [{ S: '*/bulk' }, { S: '*/bulk/*' }] },
};
const BODY = Buffer.from(JSON.stringify({ Item: ITEM }));
const CONFIG = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  maxAttempts: 2,
  requestHandler: {
    handle: async () => ({
      response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: BODY },
    }),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  },
};

/** The authorizer warm and cold, against the SDK by itself. */
export async function run(): Promise<BenchResult[]> {
  return [...(await calls()), ...(await bundles())];
}

async function calls(): Promise<BenchResult[]> {
  let now = 1_000_000_000;
  const client = new DynamoDBClient(CONFIG);
  const log = { info() {}, warn() {}, error() {} };
  const authorizer = authorizeCall({
    snapshots: dynamodbKeySnapshots(client, 'directory'),
    clock: { now: () => now },
    log,
    metrics: { count() {} },
    onStoreFailure: 'allow',
    unattributedUsageKey: undefined,
  });
  const authorize = authorizerHandler(authorizer);
  let drawn = 0;
  const hex = (bytes: number) =>
    createHash('sha512')
      .update(String(drawn++))
      .digest('hex')
      .slice(0, bytes * 2);
  const events = Array.from({ length: KEYS }, () => event(generateKey('live', hex)));
  const bare = () => {
    const Key = { pk: ITEM.pk, sk: ITEM.sk };
    return client.send(new GetItemCommand({ TableName: 'directory', Key, ConsistentRead: true }));
  };

  const perCall = await interleaved({
    hit: async () => {
      for (let i = 0; i < HITS; i++) await authorize(events[i % KEYS] as APIGatewayRequestAuthorizerEvent);
      return HITS;
    },
    miss: async () => {
      for (let i = 0; i < MISSES; i++) {
        if (i % KEYS === 0) now += SNAPSHOT_FRESH_MS;
        await authorize(events[i % KEYS] as APIGatewayRequestAuthorizerEvent);
      }
      return MISSES;
    },
    bare: async () => {
      for (let i = 0; i < MISSES; i++) await bare();
      return MISSES;
    },
  });
  const ratio = perCall('miss') / perCall('bare');
  return [
    {
      name: 'authorizer: hit',
      value: round(perCall('hit')),
      unit: 'us of CPU a call',
      goal: '<= 3 us',
      met: perCall('hit') <= 3,
    },
    { name: 'authorizer: bare GetItem', value: round(perCall('bare')), unit: 'us of CPU a call' },
    {
      name: 'authorizer: miss',
      value: round(perCall('miss')),
      unit: 'us of CPU a call',
      ratio: round(ratio),
      goal: '<= 1.2 x bare GetItem',
      met: ratio <= 1.2,
    },
  ];
}

const event = (key: string) =>
  ({
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:123456789012:api123/prod/GET/payments/17',
    headers: {
      Host: 'api.example.com',
      'User-Agent': 'python-requests/2.32.3',
      'X-Forwarded-Proto': 'https',
      'x-api-key': key,
    },
  }) as unknown as APIGatewayRequestAuthorizerEvent;

/** Median CPU microseconds a call of each way; the first round warms up, and fills the authorizer's cache. */
async function interleaved(ways: Record<string, () => Promise<number>>): Promise<(name: string) => number> {
  const taken = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const before = process.cpuUsage();
      const count = await way();
      const { user, system } = process.cpuUsage(before);
      if (round > 0) taken.set(name, [...(taken.get(name) ?? []), (user + system) / count]);
    }
  }
  return (name) => median(taken.get(name) ?? []);
}

/** Size of the bundle, and how long a fresh process takes to import it, against the same code bundled as it comes. */
async function bundles(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'));
  try {
    const ours = join(folder, 'ours.mjs');
    const plain = join(folder, 'plain.cjs');
    const entryPoints = ['lambdas/authorize-call/index.ts'];
    await build({ ...LAMBDA_OPTIONS, absWorkingDir: ROOT, entryPoints, outfile: ours });
    const asItComes = { bundle: true, platform: 'node', target: 'node20', format: 'cjs', minify: true } as const;
    await build({ ...asItComes, absWorkingDir: ROOT, entryPoints, outfile: plain, logLevel: 'warning' });
    const times: Record<string, number[]> = { [ours]: [], [plain]: [] };
    for (let round = 0; round <= IMPORT_ROUNDS; round++) {
      for (const file of [ours, plain]) {
        const taken = importTime(file);
        if (round > 0) times[file]?.push(taken);
      }
    }
    const [mine, theirs] = [median(times[ours] ?? []), median(times[plain] ?? [])];
    const kilobytes = statSync(ours).size / 1024;
    return [
      {
        name: 'authorizer: bundle',
        value: round(kilobytes),
        unit: 'KiB minified',
        goal: '<= 350 KiB',
        met: kilobytes <= 350,
      },
      { name: 'authorizer: plain bundle', value: round(statSync(plain).size / 1024), unit: 'KiB minified' },
      { name: 'authorizer: import, plain bundle', value: round(theirs), unit: 'ms' },
      {
        name: 'authorizer: import',
        value: round(mine),
        unit: 'ms',
        ratio: round(mine / theirs),
        goal: '<= 0.6 x plain bundle',
        met: mine / theirs <= 0.6,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TIMER = `const t = process.cpuUsage(); await import(process.argv[1]); const u = process.cpuUsage(t);
process.stdout.write(String((u.user + u.system) / 1000))`;

/** CPU milliseconds; a second core that compiles in the background is counted too. */
function importTime(file: string): number {
  const env = {
    DIRECTORY_TABLE: 't',
    POWERTOOLS_SERVICE_NAME: 's',
    POWERTOOLS_METRICS_NAMESPACE: 'n',
    AWS_REGION: 'us-east-1',
  };
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', TIMER, file], { env, stdio: [...stdio] }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const round = (value: number): number => Number(value.toPrecision(3));
