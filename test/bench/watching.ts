import { watchingPorts } from '../../lambdas/watch-usage/watching-ports.ts';
import { portalAlerts } from '../../lib/app/portal/portal-alerts.ts';
import type { AwsService, Runtime } from '../../lib/app/runtime.ts';
import { customerWatcher } from '../../lib/app/watch-usage/watch-customer.ts';
import { DAY_MS, HOUR_MS, type Hour, hourOf, MINUTE_MS, SECOND_MS } from '../../lib/domain/time/time.ts';
import { synthesize } from '../../lib/local/cloud/synth.ts';
import { VirtualClock } from '../../lib/local/cloud/time/virtual-clock.ts';
import { portalStoresOf } from '../../lib/local/portal-stores.ts';
import { type LocalTollgate, startLocalTollgate } from '../../lib/local/tollgate.ts';
import { writeShopRules } from '../e2e/shop-rules.ts';
import type { BenchResult } from './result.ts';

/** List prices of DynamoDB on demand in us-east-1, dollars a million, as of 2026-01. Source: aws.amazon.com/dynamodb/pricing/on-demand. */
const READ_UNIT = 0.125;
const WRITE_UNIT = 0.625;
const CUSTOMERS = 1_000;
const OBJECTS_A_DAY = 288;

async function shop(start: number, buffering: number): Promise<{ tollgate: LocalTollgate; clock: VirtualClock }> {
  const template = await synthesize({
    ...{
      rules: writeShopRules(),
      commit: '0'.repeat(40),
      portal: {},
      buffering: { seconds: buffering, mebibytes: 64 },
    },
    notices: { from: 'billing@example.com' },
  });
  const clock = new VirtualClock(start);
  const tollgate = await startLocalTollgate({ template, clock, seed: 'watching' });
  const facts = { industry: 'wholesale' };
  await tollgate.importCustomers([
    { id: 'acme', name: 'Acme', createdAt: '2026-01-01', keys: [], overrides: {}, facts },
  ]);
  return { tollgate, clock };
}

/**
 * Calls at one a second against a hard cap of so many calls: how many pass after the one that reached it. What the embedded cloud
 * has no delay for (SQS, Lambda, S3's notification) comes on top on AWS: a second or two each.
 */
async function overshoot(buffering: number, allowed: number): Promise<number> {
  const { tollgate, clock } = await shop(Date.UTC(2026, 0, 30, 12), buffering);
  const { cloud, stores } = tollgate;
  try {
    const key = await tollgate.createKey('acme', 'production', 'live');
    await cloud.settle(HOUR_MS / 2);
    await clock.advanceBy(HOUR_MS);
    const alerts = portalAlerts({ ...stores, ...portalStoresOf(cloud.runtime), clock });
    await alerts.setCap('acme', { amount: ((3 * allowed) / 100).toFixed(2), mode: 'hard' });
    await clock.advanceBy(MINUTE_MS);
    let passed = 0;
    for (let second = 0; second < 1_200; second++) {
      const call = { method: 'GET', path: '/search', headers: { 'x-api-key': key } };
      if ((await cloud.gateway().invoke(call)).status === 403) return passed - allowed;
      passed += 1;
      await clock.advanceBy(SECOND_MS);
    }
    throw new Error(`a cap of ${allowed} calls never acted`);
  } finally {
    await tollgate.stop();
  }
}

interface Units {
  read: number;
  write: number;
}

/** A runtime whose DynamoDB calls say what they consumed. */
function metered(runtime: Runtime, units: Units): Runtime {
  const clientConfig = (service: AwsService): object => {
    const config = runtime.clientConfig(service) as { requestHandler: Handler };
    return service === 'dynamodb' ? { ...config, requestHandler: counting(config.requestHandler, units) } : config;
  };
  return { ...runtime, clientConfig };
}

interface Handler {
  handle(request: { body: string; headers: Record<string, string> }): Promise<{ response: { body: Uint8Array } }>;
}

function counting(handler: Handler, units: Units): Handler {
  return {
    ...handler,
    async handle(request) {
      const asked = JSON.stringify({ ...(JSON.parse(request.body) as object), ReturnConsumedCapacity: 'TOTAL' });
      const answer = await handler.handle({ ...request, body: asked });
      const said = JSON.parse(Buffer.from(answer.response.body).toString()) as {
        ConsumedCapacity?: { CapacityUnits?: number };
      };
      const writes = /PutItem|UpdateItem/.test(request.headers['x-amz-target'] ?? '');
      units[writes ? 'write' : 'read'] += said.ConsumedCapacity?.CapacityUnits ?? 0;
      return answer;
    },
  };
}

/** What looks consume in the middle of a month, of a customer with a thousand calls a day in four groups. */
async function looks(): Promise<Readonly<Record<'first' | 'due' | 'early', Units>>> {
  const start = Date.UTC(2026, 0, 1, 1);
  const { tollgate, clock } = await shop(start, 300);
  try {
    await tollgate.cloud.settle(HOUR_MS / 2);
    for (let hour = hourOf(start); hour < hourOf(start) + 12 * 24; hour++) await use(tollgate, hour as Hour);
    await clock.advanceTo(start + 12 * DAY_MS);
    const units = { read: 0, write: 0 };
    const runtime = metered({ ...tollgate.cloud.runtime, env: tollgate.cloud.env('watch-usage') }, units);
    const watch = customerWatcher(watchingPorts(runtime));
    const look = async (urgency: 'whenDue' | 'now'): Promise<Units> => {
      Object.assign(units, { read: 0, write: 0 });
      await watch('acme', urgency);
      return { ...units };
    };
    // The first look of a warm function reads what all customers have in common, once an hour.
    const first = await look('now');
    return { first, due: await look('now'), early: await look('whenDue') };
  } finally {
    await tollgate.stop();
  }
}

async function use({ stores }: LocalTollgate, hour: Hour): Promise<void> {
  const groups = ['', 'payments', 'bulk', 'tokens'];
  for (let object = 0; object < 12; object++) {
    const counters = Object.fromEntries(groups.map((group) => [`c:api-calls|${group}`, '1']));
    await stores.provisional.add({ customer: 'acme', hour, counters, source: `${hour}-${object}`.padEnd(11, 'x') });
  }
}

const dollars = ({ read, write }: Units): number => (read * READ_UNIT + write * WRITE_UNIT) / 1e6;

export async function run(): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const buffering of [60, 300]) {
    const calls: number[] = [];
    // Where in the buffer's life the cap is reached: from just before it is written to just after.
    for (const share of [0.4, 0.95, 1.05]) calls.push(await overshoot(buffering, Math.floor(share * buffering)));
    const name = `hard cap, calls let through after it at 1/s, buffering ${buffering} s`;
    results.push({ name: `${name}, least`, value: Math.min(...calls), unit: 'calls' });
    const goal = `<= ${buffering + 30}`;
    const most = Math.max(...calls);
    results.push({ name: `${name}, most`, value: most, unit: 'calls', goal, met: most <= buffering + 30 });
  }
  const { first, due, early } = await looks();
  for (const [name, units] of Object.entries({ first, due, early })) {
    results.push({ name: `look, ${name}, read`, value: units.read, unit: 'RRU' });
    results.push({ name: `look, ${name}, written`, value: units.write, unit: 'WRU' });
  }
  // What is read once for all is read by each of the five functions at most, each hour.
  const shared = 5 * 24 * dollars({ read: first.read - due.read, write: 0 });
  const day = (lookedAt: number, skipped: number) =>
    (lookedAt * dollars(due) + skipped * dollars(early)) * CUSTOMERS + shared;
  const calm = day(24, OBJECTS_A_DAY - 24);
  results.push({ name: 'watching, no hard cap, a million calls', value: round(calm), unit: '$' });
  // With every object, and written down every 15 minutes: see KEPT_MS in lib/app/watch-usage.
  const unwritten = (OBJECTS_A_DAY - 96) * CUSTOMERS * dollars({ read: 0, write: due.write });
  const capped = day(OBJECTS_A_DAY, 0) - unwritten;
  results.push({ name: 'watching, all with hard caps, a million calls', value: round(capped), unit: '$' });
  return results;
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
