import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyEvent, SQSEvent } from 'aws-lambda';
import { createHandler as acceptEvents } from '../../lambdas/accept-events/handler.ts';
import { createHandler as closeHours } from '../../lambdas/close-hours/handler.ts';
import { createHandler as meterUsage } from '../../lambdas/meter-usage/handler.ts';
import { addHours, hourStart, MINUTE_MS, parseTimestamp } from '../../lib/domain/time/time.ts';
import { contextWith, functionWorld } from '../support/function-world.ts';
import { call, quantityOf, ruleset, TEN, TEN_IS_DUE } from '../support/metering-world.ts';

type World = Awaited<ReturnType<typeof functionWorld>>;
let world: World;
const period = { start: hourStart(TEN), end: hourStart(addHours(TEN, 1)) };
const FIRST = 'usage/2026/01/15/10/first.gz';

beforeAll(async () => {
  world = await functionWorld(hourStart(TEN) - 60 * MINUTE_MS);
  const record = ruleset('a'.repeat(64), TEN);
  expect(await world.rulesets.publish(record)).toBe('published');
});
afterAll(() => world.close());

function message(messageId: string, ...keys: string[]): SQSEvent['Records'][number] {
  const records = keys.map((key) => ({
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: 'ledger' }, object: { key } },
  }));
  return { messageId, body: JSON.stringify({ Records: records }) } as SQSEvent['Records'][number];
}

/** As S3 says it: the notification names the version that was written. */
async function announced(messageId: string, key: string): Promise<SQSEvent['Records'][number]> {
  const versions = await world.ledger.list(key);
  const { body, ...rest } = message(messageId, key);
  const parsed = JSON.parse(body);
  parsed.Records[0].s3.object.versionId = versions.at(-1)?.version;
  return { ...rest, body: JSON.stringify(parsed) };
}

const eventRequest = (data: object, more: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent => {
  const event = { specversion: '1.0', type: 'tollgate.usage', source: '/billing', id: '1', subject: 'acme' };
  return {
    headers: { 'Content-Type': 'application/cloudevents+json' },
    body: JSON.stringify({ ...event, time: '2026-01-15T10:10:00Z', data }),
    isBase64Encoded: false,
    requestContext: { identity: { userArn: 'arn:aws:sts::123456789012:assumed-role/Billing/s' } },
    ...more,
  } as APIGatewayProxyEvent;
};

describe('the metering functions, one hour from call to closed usage', () => {
  test('accept-events answers 202 and the event stands in the ledger stream', async () => {
    world.setTime(parseTimestamp('2026-01-15T10:12:00Z'));
    const handler = acceptEvents(world.runtime);
    const data = { meter: 'tokens', quantity: '1532' };
    expect(await handler(eventRequest(data))).toEqual({
      statusCode: 202,
      headers: { 'content-type': 'application/json' },
      body: '{"accepted":1,"quarantined":[]}',
    });
    const encoded = Buffer.from(eventRequest(data).body ?? '').toString('base64');
    expect(await handler(eventRequest(data, { body: encoded, isBase64Encoded: true }))).toMatchObject({
      statusCode: 202,
    });
    const conflict = await handler(eventRequest({ meter: 'tokens', quantity: '1' }));
    expect(conflict.statusCode).toBe(409);
    expect(JSON.parse(conflict.body).error).toMatchObject({ code: 'identity-conflict', index: 0 });
    expect(await handler(eventRequest({ meter: 'other', quantity: '1' }))).toMatchObject({ statusCode: 403 });
    expect(await handler(eventRequest({ meter: 'tokens', quantity: '-1' }))).toMatchObject({ statusCode: 400 });
    const lines = await world.stream.delivered();
    expect(lines.trim().split('\n')).toHaveLength(2);
    await world.ledger.put('events/2026/01/15/10/events.gz', gzipSync(lines));
  });

  test('accept-events answers 503 when it cannot say 202', async () => {
    const env = { ...world.runtime.env, IDENTITIES_TABLE: 'no-such-table' };
    const answer = await acceptEvents({ ...world.runtime, env })(eventRequest({ meter: 'tokens', quantity: '1' }));
    expect(answer.statusCode).toBe(503);
    expect(JSON.parse(answer.body).error.code).toBe('try-again');
  });

  test('meter-usage counts each object once and fails only the messages it could not do', async () => {
    await world.ledger.put(FIRST, gzipSync(call({ id: 'a' }) + call({ id: 'b', path: '/payments/{id}' })));
    const handler = meterUsage(world.runtime);
    const Records = [
      await announced('m1', FIRST),
      message('m2', 'usage/2026/01/15/10/never-written.gz'),
      await announced('m3', FIRST),
      { ...message('m4'), body: '{"Event":"s3:TestEvent"}' },
      { ...message('m5'), body: 'not a notification' },
      await announced('m6', 'events/2026/01/15/10/events.gz'),
    ];
    expect(await handler({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm2' }, { itemIdentifier: 'm5' }],
    });
    // A look is asked for with each object, also where it was counted before.
    expect(world.looks.bodies()).toEqual(Array(3).fill({ customers: ['acme'], urgency: 'whenDue' }));
    const [found] = await world.provisional.provisional('acme', period);
    expect(found?.counters).toMatchObject({ 'c:api-calls|': '1', 'c:api-calls|pay': '1', 'c:tokens|': '1532' });
  });

  test('close-hours closes the hour when it is due, and the sweep adjusts it', async () => {
    const handler = closeHours(world.runtime);
    world.setTime(hourStart(TEN_IS_DUE));
    expect(await handler({ task: 'close' }, contextWith(59_000))).toEqual({ closed: 0, open: '2026-01-15T10:00:00Z' });
    expect(await handler({ task: 'close' }, contextWith(600_000))).toEqual({ closed: 1, open: null });
    const [row] = await world.usage.closedHours('acme', period);
    expect(quantityOf(row?.usage ?? [], 'api-calls')).toBe('1');
    expect(quantityOf(row?.usage ?? [], 'tokens')).toBe('1532');
    await world.ledger.put('usage/2026/01/15/14/late.gz', gzipSync(call({ id: 'c' })));
    expect(await handler({ task: 'sweep' }, contextWith(600_000))).toEqual({
      adjustments: ['2026-01-15T10:00:00Z#1'],
      left: 0,
    });
    expect(await world.usage.closedHours('acme', period)).toMatchObject([{ adjustment: 0 }, { adjustment: 1 }]);
    await expect(handler({ task: 'dust' }, contextWith(1))).rejects.toThrow('not "dust"');
  });
});
