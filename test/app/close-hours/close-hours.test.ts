import { gunzipSync, gzipSync } from 'node:zlib';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { closeHours } from '../../../lib/app/close-hours/close-hours.ts';
import { addHours, hourStart, MINUTE_MS } from '../../../lib/domain/time/time.ts';
import {
  call,
  METERS,
  meteringWorld,
  quantityOf,
  ruleset,
  TEN,
  TEN_IS_DUE,
  usageEvent,
} from '../../support/metering-world.ts';

describe('closing an hour', () => {
  test('bills each call once, by customer, meter and group, and keeps tallies of all calls', async () => {
    const world = meteringWorld();
    await world.land(
      call({ id: 'a' }) +
        call({ id: 'b', path: '/payments/{id}', client: 'go' }) +
        call({ id: 'c', customer: 'other' }) +
        call({ id: 'd', status: '500' }) +
        call({ id: 'e', customer: '-', status: '401' }) +
        call({ id: 'f', rateCard: 'test' }),
    );
    await world.land(usageEvent('1', { meter: 'tokens', quantity: '1532' }), TEN, 'events');
    expect(await world.close(TEN_IS_DUE)).toEqual({ closed: 1, open: null });
    const [row] = await world.usage.closedHours('acme', { start: hourStart(TEN), end: hourStart(addHours(TEN, 1)) });
    expect(row?.usage).toEqual([
      { meter: 'api-calls', group: null, quantity: '1' },
      { meter: 'api-calls', group: 'pay', quantity: '1' },
      { meter: 'bytes', group: null, quantity: '100' },
      { meter: 'bytes', group: 'pay', quantity: '100' },
      { meter: 'clients', group: null, quantity: '1' },
      { meter: 'clients', group: 'pay', quantity: '1' },
      { meter: 'slowest', group: null, quantity: '7' },
      { meter: 'slowest', group: 'pay', quantity: '7' },
      { meter: 'tokens', group: null, quantity: '1532' },
    ]);
    expect(row?.tallies).toEqual({
      calls: 3,
      errors: 1,
      byStatus: { '2xx': 2, '5xx': 1 },
      byGroup: { '': 2, pay: 1 },
      byClient: { go: 1, python: 2 },
    });
    expect(quantityOf(await world.billed('other'), 'api-calls')).toBe('1');
  });

  test('writes the list, the counts and the marker, each naming the one before', async () => {
    const world = meteringWorld();
    const landed = await world.land(call({ id: 'a' }));
    await world.close(TEN_IS_DUE);
    const [marker] = await world.markers();
    const inputs = JSON.parse(
      Buffer.from((await world.records.get('hours/2026-01-15T10/0/inputs.json')) ?? []).toString(),
    );
    const { bucket: _, ...stored } = landed;
    expect(inputs).toEqual({
      hour: '2026-01-15T10:00:00Z',
      adjustment: 0,
      ruleset: 'r1',
      objects: [stored],
      unreadable: [],
    });
    const counts = gunzipSync((await world.records.get('hours/2026-01-15T10/0/counts.json.gz')) ?? new Uint8Array());
    expect(JSON.parse(counts.toString()).customers).toHaveLength(1);
    expect(marker).toMatchObject({
      hour: TEN,
      adjustment: 0,
      ruleset: 'r1',
      inputsKey: 'hours/2026-01-15T10/0/inputs.json',
      objects: 1,
      customers: 1,
      lines: { read: 1, counted: 1, notBillable: 0, duplicate: 0, malformed: 0 },
    });
    const rows = await world.usage.closedHours('acme', { start: hourStart(TEN), end: hourStart(addHours(TEN, 1)) });
    expect(rows.map(({ digest, ruleset: hash }) => [digest, hash])).toEqual([[marker?.digest, 'r1']]);
  });

  test('an hour without usage has an input list and a marker too; its counts follow from there being none', async () => {
    const world = meteringWorld();
    expect(await world.close(addHours(TEN_IS_DUE, 2))).toEqual({ closed: 3, open: null });
    expect((await world.markers()).map(({ objects, customers }) => [objects, customers])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    const stored = (await world.records.list('hours/')).map(({ key }) => key);
    expect(stored).toEqual([10, 11, 12].map((hour) => `hours/2026-01-15T${hour}/0/inputs.json`));
  });

  test('nothing is closed before its watermark, or before any ruleset', async () => {
    const world = meteringWorld();
    expect(await world.close(addHours(TEN_IS_DUE, -1))).toEqual({ closed: 0, open: null });
    expect(await world.close(TEN_IS_DUE)).toEqual({ closed: 1, open: null });
    const without = meteringWorld(memoryRulesets());
    expect(await without.close(TEN_IS_DUE)).toEqual({ closed: 0, open: null });
  });

  test('a run that is out of time says where the next one goes on', async () => {
    const world = meteringWorld();
    let left = 2;
    const run = { now: hourStart(addHours(TEN_IS_DUE, 4)), hasTime: () => left-- > 0 };
    expect(await closeHours(world.ports, run)).toEqual({ closed: 2, open: '2026-01-15T12:00:00Z' });
    expect(await world.close(addHours(TEN_IS_DUE, 4))).toEqual({ closed: 3, open: null });
    expect((await world.markers()).map(({ hour }) => hour - TEN)).toEqual([0, 1, 2, 3, 4]);
  });

  test('an hour that cannot be closed stops those after it, and the lag is reported all the same', async () => {
    const world = meteringWorld();
    await world.land(call({ id: 'a' }));
    const ledger = { ...world.ledger, get: async () => Promise.reject(new Error('S3 is away')) };
    await expect(world.close(addHours(TEN_IS_DUE, 4), { ...world.ports, ledger })).rejects.toThrow('S3 is away');
    expect(await world.markers()).toEqual([]);
    expect(world.metrics.counts.get('CloseLagHours')).toBe(31);
    expect(await world.close(addHours(TEN_IS_DUE, 4))).toEqual({ closed: 5, open: null });
  });

  test('an object is read when it is found and when an hour of it is closed, not at each close', async () => {
    const world = meteringWorld();
    const gets = new Map<string, number>();
    const ledger = {
      ...world.ledger,
      get: (key: string, version?: string) => {
        gets.set(key, (gets.get(key) ?? 0) + 1);
        return world.ledger.get(key, version);
      },
    };
    const { key } = await world.land(call({ id: 'a', at: hourStart(addHours(TEN, 1)) }), addHours(TEN, 1));
    for (let run = 0; run < 10; run++) {
      await world.close(addHours(TEN_IS_DUE, run), { ...world.ports, ledger });
      await world.sweep(addHours(TEN_IS_DUE, run), { ...world.ports, ledger });
    }
    expect(gets.get(key)).toBe(2);
  });

  test('takes objects that arrived before, with and after the hour, by their lines and not by their name', async () => {
    const world = meteringWorld();
    await world.land(call({ id: 'early' }), addHours(TEN, -1));
    await world.land(call({ id: 'on time' }) + call({ id: 'next', at: hourStart(addHours(TEN, 1)) }), TEN);
    await world.land(call({ id: 'last' }), addHours(TEN, 26));
    await world.close(addHours(TEN_IS_DUE, 1));
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('3');
    expect(quantityOf(await world.billed('acme', addHours(TEN, 1)), 'api-calls')).toBe('1');
  });

  test('a line that stands in two objects, and one object delivered twice, count once', async () => {
    const world = meteringWorld();
    const lines = call({ id: 'a' }) + call({ id: 'b' });
    await world.land(lines);
    await world.land(lines, addHours(TEN, 3));
    const again = await world.land(call({ id: 'b' }));
    await world.land(call({ id: 'b' }), TEN, 'usage', again.key);
    await world.land(usageEvent('1', { meter: 'tokens', quantity: '5' }).repeat(2), TEN, 'events');
    await world.close(TEN_IS_DUE);
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('2');
    expect(quantityOf(await world.billed(), 'tokens')).toBe('5');
    const [marker] = await world.markers();
    expect(marker?.lines).toMatchObject({ counted: 3, duplicate: 5 });
  });

  test('a ruleset published while an hour is open does not change that hour', async () => {
    const rulesets = memoryRulesets([ruleset('old', TEN)]);
    const world = meteringWorld(rulesets);
    const onlyPayments = { meters: METERS.meters.filter(({ id }) => id === 'payments') };
    await rulesets.publish(ruleset('new', addHours(TEN, 1), onlyPayments));
    await world.land(call({ id: 'a', at: hourStart(addHours(TEN, 1)) - 1 }));
    await world.land(call({ id: 'b', at: hourStart(addHours(TEN, 1)) }), addHours(TEN, 1));
    await world.close(addHours(TEN_IS_DUE, 1));
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('1');
    expect(await world.billed('acme', addHours(TEN, 1))).toEqual([]);
    expect((await world.markers()).map((marker) => marker.ruleset)).toEqual(['old', 'new']);
  });
});

describe('what cannot be counted', () => {
  test.each([
    { title: 'an empty object', bytes: Buffer.alloc(0), reason: 'empty object' },
    { title: 'a half-written gzip', bytes: gzipSync(call({ id: 'a' })).subarray(0, 40), reason: 'gzip is cut short' },
    { title: 'a gzip with damaged bytes', bytes: damaged(gzipSync(call({ id: 'a' }))), reason: 'gzip is damaged' },
  ])('$title is quarantined once with its reason, and the hour closes without it', async ({ bytes, reason }) => {
    const world = meteringWorld();
    const created = await world.land(bytes);
    await world.land(call({ id: 'b' }));
    expect(await world.meter(created)).toBe('quarantined');
    await world.close(TEN_IS_DUE);
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('1');
    const found = await world.records.list('quarantine/2026-01-15/');
    expect(found).toHaveLength(1);
    const record = JSON.parse(Buffer.from((await world.records.get(found[0]?.key ?? '')) ?? []).toString());
    expect(record).toMatchObject({ from: created.key, version: created.version, reason });
    expect(world.metrics.counts.get('QuarantinedObjects')).toBe(1);
    const inputs = JSON.parse(
      Buffer.from((await world.records.get('hours/2026-01-15T10/0/inputs.json')) ?? []).toString(),
    );
    expect(inputs.unreadable).toEqual([{ key: created.key, version: created.version, reason }]);
  });

  test('a repaired copy of a damaged object counts in full', async () => {
    const world = meteringWorld();
    const whole = gzipSync(call({ id: 'a' }) + call({ id: 'b' }));
    await world.land(whole.subarray(0, 60));
    await world.close(TEN_IS_DUE);
    expect(await world.billed()).toEqual([]);
    await world.land(whole, addHours(TEN, 30));
    await world.sweep(addHours(TEN, 31));
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('2');
  });

  test('cut lines, other text and lines from the future are quarantined with their line, and the rest counts', async () => {
    const world = meteringWorld();
    const lines = [
      call({ id: 'a' }),
      call({ id: 'cut' }).slice(0, 50),
      '\n<html>\n',
      call({ id: 'future', at: hourStart(addHours(TEN, 2)) }),
      call({ id: 'z' }),
    ];
    const created = await world.land(lines.join(''));
    await world.meter(created);
    await world.meter(created);
    await world.close(TEN_IS_DUE);
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('2');
    const [found] = await world.records.list('quarantine/');
    const record = JSON.parse(Buffer.from((await world.records.get(found?.key ?? '')) ?? []).toString());
    expect(record.entries).toEqual([
      { line: 2, reason: 'not JSON: cut or damaged', text: call({ id: 'cut' }).slice(0, 50) },
      { line: 3, reason: 'not JSON: cut or damaged', text: '<html>' },
      { line: 4, reason: 'from the future: 2026-01-15T12:00:00Z', text: lines[3]?.trim() },
    ]);
    expect(world.metrics.counts.get('QuarantinedLines')).toBe(3);
  });

  test('clocks that differ by minutes lose nothing', async () => {
    const world = meteringWorld();
    await world.land(call({ id: 'ahead', at: hourStart(addHours(TEN, 1)) + 5 * MINUTE_MS }));
    await world.close(addHours(TEN_IS_DUE, 1));
    expect(quantityOf(await world.billed('acme', addHours(TEN, 1)), 'api-calls')).toBe('1');
  });

  test('an event that no meter of its hour takes is quarantined at the close', async () => {
    const world = meteringWorld();
    await world.land(
      usageEvent('1', { meter: 'unknown', quantity: '5' }) + usageEvent('2', { meter: 'tokens', quantity: '5' }),
      TEN,
      'events',
    );
    await world.close(TEN_IS_DUE);
    expect(quantityOf(await world.billed(), 'tokens')).toBe('5');
    expect((await world.markers())[0]?.lines.malformed).toBe(1);
    expect((await world.records.list('quarantine/')).map(({ key }) => key)).toEqual([
      'quarantine/2026-01-15/hour-2026-01-15T10-0.json',
    ]);
  });
});

function damaged(gzip: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(gzip);
  for (let i = 14; i < bytes.length - 8; i++) bytes[i] = (bytes[i] ?? 0) ^ 0x55;
  return bytes;
}
