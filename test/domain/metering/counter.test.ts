import fc from 'fast-check';
import type { AccessLine } from '../../../lib/domain/metering/access-line.ts';
import { compileMeters, DEFAULT_METERS } from '../../../lib/domain/metering/compile-meters.ts';
import { countHour, countObject, type LedgerObject } from '../../../lib/domain/metering/count-ledger.ts';
import { type UsageCount, UsageCounter } from '../../../lib/domain/metering/counter.ts';
import { writeAccessLine } from '../../../lib/domain/metering/hour-ids.ts';
import type { Meters } from '../../../lib/domain/metering/meters.ts';
import { HOUR_MS, hourOf, parseTimestamp } from '../../../lib/domain/time/time.ts';

const TEN = parseTimestamp('2026-01-15T10:00:00Z');
const usual: AccessLine = {
  id: 'first',
  epochMs: TEN,
  customerId: 'acme',
  rateCard: 'growth@2026-01-01',
  client: 'python',
  method: 'GET',
  resourcePath: '/payments/{id}',
  status: 200,
  responseBytes: 512,
  latencyMs: 23,
};
const METERS: Meters = {
  meters: [
    { id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' },
    { id: 'egress', unit: 'byte', source: 'accessLog', aggregation: 'sum', value: 'responseBytes' },
    { id: 'slowest', unit: 'ms', source: 'accessLog', aggregation: 'max', value: 'latencyMs' },
    { id: 'last-size', unit: 'byte', source: 'accessLog', aggregation: 'latest', value: 'responseBytes' },
    { id: 'endpoints', unit: 'endpoint', source: 'accessLog', aggregation: 'unique', value: 'resourcePath' },
    { id: 'failures', unit: 'call', source: 'accessLog', aggregation: 'count', filter: { statuses: ['5xx'] } },
    { id: 'tokens', unit: 'token', source: 'event', aggregation: 'sum' },
    { id: 'revenue', unit: 'USD', source: 'event', aggregation: 'sum', value: 'amount' },
    { id: 'jobs', unit: 'job', source: 'event', aggregation: 'count' },
  ],
  routeGroups: [{ id: 'payments', routes: ['/payments/**'] }],
};
const meters = compileMeters(METERS);
const onlyCalls = compileMeters(DEFAULT_METERS);
const bytesOf = (...lines: string[]) => new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
const object = (name: string, lines: readonly AccessLine[]): LedgerObject => ({
  name,
  content: 'accessLog',
  bytes: bytesOf(...lines.map(writeAccessLine)),
});
const answer = (count: UsageCount) => JSON.stringify({ ...count, records: [...count.records()] });
test('ids that differ only in half a surrogate pair are two, and each a duplicate of itself', () => {
  const counter = new UsageCounter({ meters: onlyCalls });
  const lines = ['\ud800', '\ud801', 'x\udc00y', '\ud800'].map((id) =>
    JSON.stringify({ ...usual, id, epochMs: `${TEN}`, status: '200' }),
  );
  const sink = counter.accessLog('odd');
  sink.write(bytesOf(...lines));
  sink.end();
  expect(counter.finish().lines).toMatchObject({ read: 4, counted: 3, duplicate: 1 });
});

const quantities = (count: UsageCount) =>
  Object.fromEntries(
    [...count.records()].map(({ meter, group, quantity }) => [group ? `${meter}/${group}` : meter, quantity]),
  );

describe('a count of access log lines', () => {
  test('gives each meter its own view of the same calls', () => {
    const calls = [
      usual,
      { ...usual, id: 'b', epochMs: TEN + 5, responseBytes: 100, latencyMs: 70 },
      { ...usual, id: 'c', epochMs: TEN + 2, responseBytes: -1, latencyMs: -1, resourcePath: '/search' },
      { ...usual, id: 'd', status: 500 },
      { ...usual, id: 'e', status: 429 },
    ];
    const count = countObject({ meters }, object('o', calls));
    expect(quantities(count)).toEqual({
      'api-calls': '1',
      'api-calls/payments': '2',
      'egress/payments': '612',
      endpoints: '1',
      'endpoints/payments': '1',
      'failures/payments': '1',
      'last-size/payments': '100',
      'slowest/payments': '70',
    });
    expect(count.lines).toEqual({ read: 5, counted: 4, notBillable: 1, duplicate: 0, malformed: 0 });
  });

  test('records stand by customer, meter, group and hour, in code-unit order', () => {
    const calls = ['b', 'ä', 'B', 'a'].flatMap((customerId) =>
      [1, 0].flatMap((hour) =>
        ['/x', '/payments/1'].map((resourcePath) => {
          const id = `${customerId}${hour}${resourcePath}`;
          return { ...usual, id, customerId, resourcePath, epochMs: TEN + hour * HOUR_MS };
        }),
      ),
    );
    const records = [...countObject({ meters: onlyCalls }, object('o', calls)).records()];
    expect(records.map(({ customer, hour }) => `${customer} ${hour.slice(11, 13)}`)).toEqual(
      ['B', 'a', 'b', 'ä'].flatMap((customer) => [`${customer} 10`, `${customer} 11`]),
    );
    const grouped = [...countObject({ meters }, object('o', calls)).records()].filter(
      ({ meter }) => meter === 'api-calls',
    );
    expect(grouped.slice(0, 4).map(({ group, hour }) => `${group} ${hour.slice(11, 13)}`)).toEqual([
      'null 10',
      'null 11',
      'payments 10',
      'payments 11',
    ]);
  });

  test.each([
    { why: 'customer unknown', line: { ...usual, customerId: '-' } },
    { why: 'status not counted', line: { ...usual, status: 401 } },
    { why: 'status unset', line: { ...usual, status: 0 } },
    { why: 'a test key', line: { ...usual, rateCard: 'test' } },
  ])('$why is not billable', ({ line }) => {
    const count = countObject({ meters: onlyCalls }, object('o', [line]));
    expect(count.lines).toEqual({ read: 1, counted: 0, notBillable: 1, duplicate: 0, malformed: 0 });
    expect([...count.records()]).toEqual([]);
  });

  test.each([
    { why: 'cut', text: writeAccessLine(usual).slice(0, 90), reason: 'not JSON: cut or damaged' },
    { why: 'not JSON', text: 'GET / 200', reason: 'not JSON: cut or damaged' },
    { why: 'not an object', text: '[1]', reason: 'not a JSON object' },
    { why: 'empty', text: '', reason: 'empty line' },
    { why: 'without an id', text: writeAccessLine({ ...usual, id: '-' }), reason: 'id is unset' },
    { why: 'without a time', text: writeAccessLine(usual).replace(String(TEN), '-'), reason: 'epochMs "-"' },
    { why: 'from the future', text: writeAccessLine({ ...usual, epochMs: TEN + 300_001 }), reason: 'from the future' },
    { why: 'too long', text: 'x'.repeat((1 << 20) + 1), reason: 'longer than 1048576 bytes' },
  ])('a line that is $why is malformed with its place and reason, and the others count', ({ text, reason }) => {
    const bytes = bytesOf(writeAccessLine(usual), text, writeAccessLine({ ...usual, id: 'second' }));
    const count = countObject({ meters: onlyCalls, now: TEN }, { name: 'o', content: 'accessLog', bytes });
    expect(count.lines).toEqual({ read: 3, counted: 2, notBillable: 0, duplicate: 0, malformed: 1 });
    expect(count.malformed).toEqual([{ file: 'o', line: 2, reason: expect.stringContaining(reason) }]);
  });

  test('what stands before the cut of a half-written object counts; the rest is one malformed line', () => {
    const whole = bytesOf(writeAccessLine(usual), writeAccessLine({ ...usual, id: 'b' }));
    const bytes = whole.subarray(0, whole.length - 30);
    const count = countObject({ meters: onlyCalls }, { name: 'o', content: 'accessLog', bytes, fault: 'cut' });
    expect(count.lines).toEqual({ read: 2, counted: 1, notBillable: 0, duplicate: 0, malformed: 1 });
    expect(count.malformed).toEqual([{ file: 'o', line: 2, reason: 'cut' }]);
  });

  test('an empty object is no lines', () => {
    const count = countObject({ meters }, { name: 'o', content: 'accessLog', bytes: new Uint8Array() });
    expect(count.lines.read).toBe(0);
  });
});

describe('duplicates', () => {
  const at = (ms: number, change: Partial<AccessLine>) => ({ ...usual, epochMs: TEN + ms, ...change });

  test.each([
    { why: 'the earlier counts', kept: at(1, { customerId: 'zeta' }), other: at(2, { customerId: 'acme' }) },
    {
      why: 'at the same time the smaller bytes',
      kept: at(1, { customerId: 'acme' }),
      other: at(1, { customerId: 'beta' }),
    },
    { why: 'also where the sizes differ', kept: at(1, { latencyMs: 10 }), other: at(1, { latencyMs: 9 }) },
    { why: 'billable or not', kept: at(1, { status: 500 }), other: at(2, { status: 200 }) },
  ])('of two lines with one id, $why, whichever comes first and in whatever file', async ({ kept, other }) => {
    const alone = answer(await countHour({ hour: hourOf(TEN), meters }, [object('x', [kept])]));
    for (const [a, b] of [
      [kept, other],
      [other, kept],
    ] as const) {
      const split = await countHour({ hour: hourOf(TEN), meters }, [object('x', [a]), object('y', [b])]);
      const together = countObject({ meters }, object('x', [a, b]));
      expect([...split.records()]).toEqual(JSON.parse(alone).records);
      expect([...together.records()]).toEqual(JSON.parse(alone).records);
      expect(split.lines).toMatchObject({ read: 2, duplicate: 1 });
    }
  });

  test('compares the bytes of lines in another form too: a space sorts before the quote', () => {
    const spaced = writeAccessLine(at(1, { customerId: 'zeta' })).replace('{"id"', '{ "id"');
    const plain = writeAccessLine(at(1, { customerId: 'acme' }));
    for (const lines of [
      [spaced, plain],
      [plain, spaced],
    ]) {
      const count = countObject({ meters: onlyCalls }, { name: 'o', content: 'accessLog', bytes: bytesOf(...lines) });
      expect([...count.records()].map(({ customer }) => customer)).toEqual(['zeta']);
    }
  });

  test('the same id in another hour is another call', () => {
    const count = countObject({ meters: onlyCalls }, object('o', [usual, at(HOUR_MS, {})]));
    expect(count.lines).toMatchObject({ counted: 2, duplicate: 0 });
  });

  test('kept when asked: a log known to hold each line once', () => {
    const counter = new UsageCounter({ meters, duplicates: 'keep' });
    const sink = counter.accessLog('o');
    sink.write(object('o', [usual, usual]).bytes);
    sink.end();
    const count = counter.finish();
    expect(count.lines).toEqual({ read: 2, counted: 2, notBillable: 0, duplicate: 0, malformed: 0 });
    expect(quantities(count)).toMatchObject({ 'api-calls/payments': '2', 'egress/payments': '1024' });
  });

  test('ids are compared in full however many there are', () => {
    const calls = Array.from({ length: 20_000 }, (_, i) => at(i % 1000, { id: `id-${i}` }));
    const count = countObject({ meters: onlyCalls }, object('o', [...calls, ...calls.slice(0, 500)]));
    expect(count.lines).toMatchObject({ read: 20_500, counted: 20_000, duplicate: 500 });
  });
});

const call = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'long-id-é'),
  epochMs: fc.integer({ min: TEN - 3, max: TEN + 3 }),
  customerId: fc.constantFrom('acme', 'beta', '-'),
  rateCard: fc.constantFrom('growth@2026-01-01', 'test'),
  client: fc.constantFrom('go', 'node'),
  method: fc.constantFrom('GET', 'POST'),
  resourcePath: fc.constantFrom('/payments/{id}', '/search'),
  status: fc.constantFrom(200, 404, 429, 500),
  responseBytes: fc.integer({ min: -1, max: 3 }),
  latencyMs: fc.integer({ min: -1, max: 2_000_000_000 }),
});
const text = fc.oneof({ weight: 8, arbitrary: call.map(writeAccessLine) }, fc.constantFrom('{', '[]', '{"id":"a"}'));
const texts = fc.array(text, { maxLength: 30 });

/** Cuts a list into files at the given places. */
function files(lines: readonly string[], cuts: readonly number[]): LedgerObject[] {
  const places = [0, ...cuts.map((cut) => cut % (lines.length + 1)).sort((a, b) => a - b), lines.length];
  return places.slice(1).map((end, i) => ({
    name: `file-${i}`,
    content: 'accessLog',
    bytes: bytesOf(...lines.slice(places[i], end)),
  }));
}
function countAll(objects: readonly LedgerObject[]): UsageCount {
  const counter = new UsageCounter({ meters });
  for (const { name, bytes } of objects) {
    const sink = counter.accessLog(name);
    sink.write(bytes);
    sink.end();
  }
  return counter.finish();
}

describe('for any lines', () => {
  const cuts = fc.array(fc.nat(), { maxLength: 3 });

  test('every line is in exactly one count, and the order of lines and files changes nothing', () => {
    fc.assert(
      fc.property(texts, texts, cuts, cuts, (lines, order, cutsA, cutsB) => {
        const shuffled = lines
          .map((line, i) => ({ line, key: `${order[i % (order.length || 1)] ?? ''}${(i * 7) % 13}` }))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .map(({ line }) => line);
        const a = countAll(files(lines, cutsA));
        const b = countAll(files(shuffled, cutsB));
        expect([...b.records()]).toEqual([...a.records()]);
        expect(b.lines).toEqual(a.lines);
        expect(a.lines.read).toBe(lines.length);
      }),
      { seed: 4, numRuns: 400 },
    );
  });

  test('delivering any object again changes the duplicates only', () => {
    fc.assert(
      fc.property(texts, cuts, (lines, places) => {
        const objects = files(lines, places);
        const once = countAll(objects);
        const twice = countAll([...objects, ...objects]);
        expect([...twice.records()]).toEqual([...once.records()]);
        expect(twice.lines.counted).toBe(once.lines.counted);
        expect(twice.lines.malformed).toBe(2 * once.lines.malformed);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test('the hours counted one by one are the whole', async () => {
    await fc.assert(
      fc.asyncProperty(texts, cuts, async (lines, places) => {
        const objects = files(lines, places);
        const whole = countAll(objects);
        const hours = await Promise.all(
          [hourOf(TEN - 1), hourOf(TEN)].map((hour) => countHour({ hour, meters }, objects)),
        );
        const byHour = hours.flatMap((count) => [...count.records()]);
        const key = (record: object) => JSON.stringify(record);
        expect(byHour.map(key).sort()).toEqual([...whole.records()].map(key).sort());
        const [before, after] = hours as [UsageCount, UsageCount];
        expect(before.lines.read + after.lines.read + before.elsewhere.unreadable).toBe(whole.lines.read);
        expect(before.elsewhere.otherHours).toBe(after.lines.read);
      }),
      { seed: 6, numRuns: 100 },
    );
  });
});
