import type { ClosedMarker, ClosedUsage, ProvisionalUsage } from '../../lib/app/ports/usage.ts';
import type { ClosedHour } from '../../lib/domain/metering/meters.ts';
import { addHours, type Hour, hourStart, parseHour, parseMonth } from '../../lib/domain/time/time.ts';

const ten = parseHour('2026-01-15T10:00:00Z');
const january = parseMonth('2026-01');

/** What every {@link ProvisionalUsage} does. */
export function provisionalUsageContract(make: () => Promise<ProvisionalUsage>): void {
  const update = {
    customer: 'acme',
    hour: ten,
    counters: { 'c:calls|': '3', 'c:calls|pay': '1' },
    source: 'AAAAAAAAAKE',
  };

  test('adds counters once per source', async () => {
    const usage = await make();
    expect(await usage.add(update)).toBe('counted');
    expect(await usage.add(update)).toBe('duplicate');
    expect(await usage.add({ ...update, counters: { 'c:calls|': '4' }, source: 'AAAAAAAAAKI' })).toBe('counted');
    expect(await usage.provisional('acme', january)).toEqual([
      { customer: 'acme', hour: ten, counters: { 'c:calls|': '7', 'c:calls|pay': '1' } },
    ]);
  });

  test('counts the same source in another hour and for another customer', async () => {
    const usage = await make();
    expect(await usage.add(update)).toBe('counted');
    expect(await usage.add({ ...update, hour: addHours(ten, 1) })).toBe('counted');
    expect(await usage.add({ ...update, customer: 'other' })).toBe('counted');
    expect((await usage.provisional('acme', january)).map(({ hour }) => hour)).toEqual([ten, addHours(ten, 1)]);
  });

  test('sums decimals exactly', async () => {
    const usage = await make();
    await usage.add({ ...update, counters: { 'c:gb|': '0.1' } });
    await usage.add({ ...update, counters: { 'c:gb|': '0.2' }, source: 'AAAAAAAAAKI' });
    expect(await usage.provisional('acme', january)).toMatchObject([{ counters: { 'c:gb|': '0.3' } }]);
  });

  test('of two adds of one source at once, one counts', async () => {
    const usage = await make();
    const outcomes = await Promise.all([usage.add(update), usage.add(update)]);
    expect(outcomes.sort()).toEqual(['counted', 'duplicate']);
  });

  test('a period has its own hours only', async () => {
    const usage = await make();
    await usage.add({ ...update, hour: parseHour('2026-02-01T00:00:00Z') });
    await usage.add({ ...update, hour: parseHour('2026-01-31T23:00:00Z') });
    expect(await usage.provisional('acme', january)).toHaveLength(1);
  });

  test('an empty period has no hours', async () => {
    const usage = await make();
    await usage.add({ ...update, hour: parseHour('2026-01-31T23:00:00Z') });
    expect(await usage.provisional('acme', { start: january.end, end: january.end })).toEqual([]);
  });
}

/** What every {@link ClosedUsage} does. */
export function closedUsageContract(make: () => Promise<ClosedUsage>): void {
  test('shows rows only under their marker', async () => {
    const usage = await make();
    await usage.putClosedHours([row(ten, 0)]);
    expect(await usage.closedHours('acme', january)).toEqual([]);
    await usage.putMarker(marker(ten, 0));
    expect(await usage.closedHours('acme', january)).toEqual([row(ten, 0)]);
    await usage.putClosedHours([row(ten, 1)]);
    expect(await usage.closedHours('acme', january)).toEqual([row(ten, 0)]);
    await usage.putMarker(marker(ten, 1));
    expect(await usage.closedHours('acme', january)).toEqual([row(ten, 0), row(ten, 1)]);
  });

  test('rows come back in (hour, adjustment) order, for one customer and period', async () => {
    const usage = await make();
    const numbers = Array.from({ length: 12 }, (_, n) => n);
    await usage.putClosedHours([...numbers.map((n) => row(ten, n)).reverse(), { ...row(ten, 0), customer: 'other' }]);
    await usage.putClosedHours([row(parseHour('2026-02-01T00:00:00Z'), 0)]);
    for (const n of numbers) await usage.putMarker(marker(ten, n));
    await usage.putMarker(marker(parseHour('2026-02-01T00:00:00Z'), 0));
    const found = await usage.closedHours('acme', january);
    expect(found.map(({ adjustment }) => adjustment)).toEqual(numbers);
    expect(found.every(({ customer, hour }) => customer === 'acme' && hour === ten)).toBe(true);
  });

  test('the same rows again change nothing', async () => {
    const usage = await make();
    const rows = Array.from({ length: 60 }, (_, i) => ({ ...row(ten, 0), customer: `c${i}` }));
    await usage.putClosedHours(rows);
    await usage.putClosedHours(rows);
    await usage.putMarker(marker(ten, 0));
    expect(await usage.closedHours('c59', january)).toEqual([rows[59]]);
  });

  test('a marker is written once', async () => {
    const usage = await make();
    expect(await usage.putMarker(marker(ten, 0))).toBe('written');
    expect(await usage.putMarker({ ...marker(ten, 0), digest: 'other' })).toBe('exists');
    expect(await usage.markers(january)).toEqual([marker(ten, 0)]);
  });

  test('a row of any size comes back whole', async () => {
    const usage = await make();
    const events = Array.from(
      { length: 120_000 },
      (_, i) => `${(i * 7919) % 100_003}.${String(i % 100).padStart(2, '0')}`,
    );
    const large = { ...row(ten, 0), usage: [{ meter: 'payments', group: null, quantity: '1', events }] };
    await usage.putClosedHours([large]);
    await usage.putMarker(marker(ten, 0));
    expect(await usage.closedHours('acme', january)).toEqual([large]);
  });

  test('the first open hour follows the last closed one', async () => {
    const usage = await make();
    expect(await usage.firstOpenHour(january)).toBe(parseHour('2026-01-01T00:00:00Z'));
    expect(await usage.lastClosedHour('2026-01')).toBeUndefined();
    await usage.putMarker(marker(ten, 0));
    await usage.putMarker(marker(ten, 1));
    expect(await usage.firstOpenHour(january)).toBe(addHours(ten, 1));
    expect(await usage.lastClosedHour('2026-01')).toBe(ten);
    await usage.putMarker(marker(parseHour('2026-01-31T23:00:00Z'), 0));
    expect(await usage.firstOpenHour(january)).toBeUndefined();
    const both = { start: january.start, end: parseMonth('2026-02').end };
    expect(await usage.firstOpenHour(both)).toBe(parseHour('2026-02-01T00:00:00Z'));
  });

  test('an empty period has no hours', async () => {
    const usage = await make();
    const nothing = { start: january.end, end: january.end };
    expect(await usage.closedHours('acme', nothing)).toEqual([]);
    expect(await usage.markers(nothing)).toEqual([]);
  });

  test('a period that ends within a month is closed when its own hours are', async () => {
    const usage = await make();
    await usage.putMarker(marker(ten, 0));
    const until = (hour: Hour) => ({ start: january.start, end: hourStart(hour) });
    expect(await usage.firstOpenHour(until(ten))).toBeUndefined();
    expect(await usage.firstOpenHour(until(addHours(ten, 1)))).toBeUndefined();
    expect(await usage.firstOpenHour(until(addHours(ten, 2)))).toBe(addHours(ten, 1));
  });

  test('markers of a period come in order, over months', async () => {
    const usage = await make();
    const hours = ['2026-01-31T23:00:00Z', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'].map(parseHour);
    for (const hour of hours) await usage.putMarker(marker(hour, 0));
    await usage.putMarker(marker(hours[0] as Hour, 1));
    const found = await usage.markers({ start: january.start, end: parseMonth('2026-02').end });
    expect(found.map(({ hour, adjustment }) => [hour, adjustment])).toEqual([
      [hours[0], 0],
      [hours[0], 1],
      [hours[1], 0],
    ]);
  });
}

function row(hour: Hour, adjustment: number): ClosedHour {
  return {
    customer: 'acme',
    hour,
    adjustment,
    usage: [
      { meter: 'api-calls', group: null, quantity: '12' },
      { meter: 'payments', group: 'eu', quantity: '3.5', events: ['1.00', '2.50'] },
    ],
    ruleset: 'r'.repeat(64),
    digest: `digest-${adjustment}`,
    tallies: { calls: 14, errors: 2, byGroup: { '': 14 }, byClient: { python: 14 } },
  };
}

const marker = (hour: Hour, adjustment: number): ClosedMarker => ({
  hour,
  adjustment,
  ruleset: 'r'.repeat(64),
  inputsKey: 'hours/x/0/inputs.json',
  inputsDigest: 'i',
  objectsDigest: 'o',
  countsDigest: 'c',
  digest: `digest-${adjustment}`,
  objects: 3,
  customers: 2,
  lines: { read: 14, counted: 12, notBillable: 2, duplicate: 0, malformed: 0 },
});
