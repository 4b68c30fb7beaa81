import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { readInto } from '../../lib/adapters/log-formats/open-log.ts';
import { type CompiledMeters, compileMeters } from '../../lib/domain/metering/compile-meters.ts';
import { UsageCounter } from '../../lib/domain/metering/counter.ts';
import { writeAccessLine } from '../../lib/domain/metering/hour-ids.ts';
import type { Meters } from '../../lib/domain/metering/meters.ts';
import { HOUR_MS } from '../../lib/domain/time/time.ts';
import type { BenchResult } from './result.ts';

const LINES = 200_000;
const CUSTOMERS = 1_000;
const ROUNDS = 11;
/** Rounds in which every way still warms up: they do not count. */
const WARM_ROUNDS = 2;
/** Lets the collector finish with the garbage of the way before, whose time it is. */
const SETTLE_MS = 100;
const START_MS = 1_768_471_200_000;
const PATHS = [
  'payments',
  'payments/{id}',
  'search',
  'places/{id}',
  'bulk/imports',
  'status',
  'accounts/{id}/statements',
];
const CLIENTS = ['python', 'node', 'java', 'go', 'curl', 'ruby', 'dotnet'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 200, 200, 200, 200, 200, 201, 204, 304, 400, 404, 429, 500];
const CARDS = ['free@2026-01-01', 'growth@2026-01-01', 'business@2026-01-01'];
const METERS: Meters = {
  meters: [{ id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' }],
  routeGroups: [
    { id: 'payments', routes: ['/payments', '/payments/**'] },
    { id: 'search', methods: ['GET'], routes: ['/search', '/places/**'] },
  ],
};

/** Mulberry32: small, seeded, the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An object as Firehose writes it: two hours of calls, a few customers making most of them, ids as API Gateway makes them. */
function accessLog(lines: number): Buffer {
  const next = random(20_260_115);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const id = () => `${Array.from({ length: 15 }, () => ID_LETTERS[Math.floor(next() * 64)]).join('')}=`;
  const written = Array.from({ length: lines }, (_, i) => {
    const customer = Math.floor(CUSTOMERS * next() ** 3);
    return writeAccessLine({
      id: id(),
      epochMs: START_MS + Math.floor((2 * HOUR_MS * (i + next())) / lines),
      customerId: `customer-${customer}`,
      rateCard: CARDS[customer % CARDS.length] as string,
      client: CLIENTS[customer % CLIENTS.length] as string,
      method: pick(METHODS),
      resourcePath: `/${pick(PATHS)}`,
      status: pick(STATUSES),
      responseBytes: Math.floor(20 + 4_000 * next() ** 2),
      latencyMs: Math.floor(3 + 300 * next() ** 3),
    });
  });
  return Buffer.from(`${written.join('\n')}\n`);
}
const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** What a script would do: every line parsed, counted by customer and hour in a Map. */
function bareLoop(text: string): number {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { customerId, epochMs, status } = JSON.parse(line);
    const code = Number(status);
    if (code < 200 || code >= 500 || code === 401 || code === 403 || code === 429 || customerId === '-') continue;
    const key = `${customerId} ${Math.floor(Number(epochMs) / HOUR_MS)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return sum(counts.values());
}

/** What `tollgate meter` does with one log. */
async function metered(file: string, meters: CompiledMeters, duplicates: 'remove' | 'keep'): Promise<number> {
  const counter = new UsageCounter({ meters, duplicates });
  await readInto(counter.accessLog(file), { name: file, from: file }, new AbortController().signal);
  const count = counter.finish();
  let calls = 0;
  for (const { quantity } of count.records()) calls += Number(quantity);
  return calls;
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

const DUCKDB = (file: string) => `
  SELECT sum(calls)::BIGINT AS calls FROM (
    SELECT customerId, epochMs::BIGINT // 3600000 AS hour, count(*) AS calls
    FROM read_json('${file}', format = 'newline_delimited', columns = { customerId: 'VARCHAR', epochMs: 'VARCHAR', status: 'VARCHAR' })
    WHERE status::INT BETWEEN 200 AND 499 AND status NOT IN ('401', '403', '429') AND customerId <> '-'
    GROUP BY ALL)`;

/** Each way to do it counts the same calls; interleaved, so that a busy machine slows all of them. */
export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'));
  try {
    const plain = join(folder, 'usage.json');
    const packed = `${plain}.gz`;
    const log = accessLog(LINES);
    writeFileSync(plain, log);
    writeFileSync(packed, gzipSync(log, { level: 6 }));
    const meters = compileMeters(METERS);
    const duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    const query = async (file: string) => Number((await duckdb.runAndReadAll(DUCKDB(file))).getRowObjects()[0]?.calls);
    const taken = await interleaved({
      'bare loop, gzip': () => bareLoop(gunzipSync(readFileSync(packed)).toString()),
      'tollgate, gzip': () => metered(packed, meters, 'keep'),
      'tollgate, gzip, duplicates removed': () => metered(packed, meters, 'remove'),
      'duckdb, gzip': () => query(packed),
      'bare loop, plain': () => bareLoop(readFileSync(plain, 'utf8')),
      'tollgate, plain': () => metered(plain, meters, 'keep'),
      'duckdb, plain': () => query(plain),
    });
    duckdb.closeSync();
    return results(taken);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Ways = Readonly<Record<string, () => number | Promise<number>>>;
/** CPU seconds of each way, a number a round. */
type Taken = ReadonlyMap<string, readonly number[]>;

async function interleaved(ways: Ways): Promise<Taken> {
  const taken = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  const answers = new Set<number>();
  for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      await setTimeout(SETTLE_MS);
      const before = process.cpuUsage();
      answers.add(await way());
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) taken.get(name)?.push((user + system) / 1e6);
    }
  }
  if (answers.size !== 1) throw new Error(`the ways disagree: ${[...answers].join(', ')}`);
  return taken;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A ratio is the median of each round's own, since a machine that is busy in one round is so for both. */
function results(taken: Taken): BenchResult[] {
  const seconds = (name: string) => taken.get(name) ?? [];
  const rate = (name: string) => Math.round(LINES / median(seconds(name)));
  const result = (name: string, baseline: string, least: number): BenchResult => {
    const ratio = median(seconds(name).map((own, round) => (seconds(baseline)[round] ?? Number.NaN) / own));
    return {
      name: `meter: ${name}`,
      value: rate(name),
      unit: 'lines per CPU-second',
      ratio: Number(ratio.toFixed(2)),
      goal: `>= ${least} x ${baseline}`,
      met: ratio >= least,
    };
  };
  const only = (name: string): BenchResult => ({
    name: `meter: ${name}`,
    value: rate(name),
    unit: 'lines per CPU-second',
  });
  return [
    only('bare loop, gzip'),
    result('tollgate, gzip', 'bare loop, gzip', 3),
    { ...result('tollgate, gzip', 'duckdb, gzip', 1), name: 'meter: tollgate, gzip, against DuckDB' },
    result('tollgate, gzip, duplicates removed', 'tollgate, gzip', 0.6),
    only('duckdb, gzip'),
    only('bare loop, plain'),
    result('tollgate, plain', 'bare loop, plain', 5),
    only('duckdb, plain'),
  ];
}
