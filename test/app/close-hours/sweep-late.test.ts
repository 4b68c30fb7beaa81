import { addHours, formatHour, hourStart, parseHour } from '../../../lib/domain/time/time.ts';
import { call, meteringWorld, quantityOf, TEN, TEN_IS_DUE, usageEvent } from '../../support/metering-world.ts';

describe('the daily sweep', () => {
  test('an object that lands after the close becomes adjustment 1, by the hour’s own ruleset', async () => {
    const world = meteringWorld();
    await world.land(call({ id: 'a' }));
    await world.close(TEN_IS_DUE);
    await world.land(call({ id: 'late' }) + call({ id: 'a' }), addHours(TEN, 5));
    expect(await world.sweep(addHours(TEN, 40))).toEqual({ adjustments: ['2026-01-15T10:00:00Z#1'], left: 0 });
    const rows = await world.usage.closedHours('acme', { start: hourStart(TEN), end: hourStart(addHours(TEN, 1)) });
    expect(rows.map(({ adjustment, usage }) => [adjustment, quantityOf(usage, 'api-calls')])).toEqual([
      [0, '1'],
      [1, '1'],
    ]);
    expect(rows[1]?.tallies?.calls).toBe(1);
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('2');
  });

  test('without late objects nothing is written', async () => {
    const world = meteringWorld();
    await world.land(call({ id: 'a' }));
    await world.close(addHours(TEN_IS_DUE, 3));
    const before = await world.written();
    expect(await world.sweep(addHours(TEN, 40))).toEqual({ adjustments: [], left: 0 });
    expect(await world.sweep(addHours(TEN, 64))).toEqual({ adjustments: [], left: 0 });
    expect(await world.written()).toEqual(before);
  });

  test('lateness is judged for each hour in an object', async () => {
    const world = meteringWorld();
    await world.close(TEN_IS_DUE);
    const next = addHours(TEN, 1);
    await world.land(call({ id: 'a' }) + call({ id: 'b', at: hourStart(next) }), next);
    expect((await world.sweep(TEN_IS_DUE)).adjustments).toEqual(['2026-01-15T10:00:00Z#1']);
    await world.close(addHours(TEN_IS_DUE, 1));
    expect((await world.sweep(addHours(TEN_IS_DUE, 1))).adjustments).toEqual([]);
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('1');
    expect(quantityOf(await world.billed('acme', next), 'api-calls')).toBe('1');
    expect((await world.markers()).map(({ hour, adjustment }) => [hour - TEN, adjustment])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  test('a late object with nothing new leaves a marker and no rows', async () => {
    const world = meteringWorld();
    await world.land(call({ id: 'a' }));
    await world.close(TEN_IS_DUE);
    await world.land(call({ id: 'a' }), addHours(TEN, 30));
    await world.sweep(addHours(TEN, 40));
    expect((await world.markers()).map(({ adjustment, customers }) => [adjustment, customers])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect((await world.sweep(addHours(TEN, 41))).adjustments).toEqual([]);
  });

  test('each sweep adds to the last: max, unique and money too', async () => {
    const world = meteringWorld();
    const pay = (id: string, amount: string) => usageEvent(id, { meter: 'payments', amount, currency: 'USD' });
    await world.land(call({ id: 'a', client: 'go' }) + call({ id: 'b', client: 'go' }));
    await world.land(pay('1', '50.00'), TEN, 'events');
    await world.close(TEN_IS_DUE);
    await world.land(call({ id: 'c', client: 'rust' }), addHours(TEN, 30));
    await world.sweep(addHours(TEN, 31));
    await world.land(call({ id: 'd', client: 'go' }), addHours(TEN, 50));
    await world.land(pay('2', '7.50') + pay('1', '50.00'), addHours(TEN, 50), 'events');
    await world.sweep(addHours(TEN, 51));
    const billed = await world.billed();
    expect(quantityOf(billed, 'api-calls')).toBe('4');
    expect(quantityOf(billed, 'clients')).toBe('2');
    expect(quantityOf(billed, 'slowest')).toBe('7');
    expect(billed.find(({ meter }) => meter === 'payments')).toMatchObject({
      quantity: '57.5',
      events: ['50.00', '7.50'],
    });
    expect((await world.markers()).map(({ adjustment }) => adjustment)).toEqual([0, 1, 2]);
  });

  test('late outcomes and reversals come as an adjustment, each once', async () => {
    const world = meteringWorld();
    const booked = (id: string, amount: string) => usageEvent(id, { meter: 'bookings', amount, currency: 'USD' });
    const cancelled = usageEvent('r-1', { meter: 'bookings', reverses: 'b-1' });
    const created = await world.land(booked('b-1', '80.00') + booked('b-1', '80.00'), TEN, 'events');
    expect(await world.meter(created)).toBe('counted');
    await world.close(TEN_IS_DUE);
    await world.land(booked('b-2', '20.00') + booked('b-1', '80.00') + cancelled, addHours(TEN, 30), 'events');
    await world.sweep(addHours(TEN, 31));
    const at = formatHour(TEN);
    const [close, late] = (
      await world.usage.closedHours('acme', { start: hourStart(TEN), end: hourStart(addHours(TEN, 1)) })
    ).map(({ usage }) => usage[0]);
    expect(close).toMatchObject({ quantity: '80', outcomes: [{ id: '/billing#b-1', at, amount: '80.00' }] });
    expect(late).toMatchObject({
      quantity: '20',
      outcomes: [
        { id: '/billing#b-2', at, amount: '20.00' },
        { id: '/billing#r-1', at, reverses: '/billing#b-1' },
      ],
    });
    const [billed] = await world.billed();
    expect(billed?.outcomes).toHaveLength(3);
    // What only adds up has a running counter; outcomes are known when their hour is closed.
    expect(
      await world.provisional.provisional('acme', { start: hourStart(TEN), end: hourStart(addHours(TEN, 1)) }),
    ).toEqual([]);
  });

  test('a replay is found under the hour in which it ran, weeks after the hours in its lines', async () => {
    const world = meteringWorld();
    const weeksLater = addHours(TEN, 24 * 34);
    await world.close(TEN_IS_DUE);
    await world.land(call({ id: 'a' }), weeksLater);
    expect((await world.sweep(addHours(weeksLater, 3))).adjustments).toEqual([`${formatHour(TEN)}#1`]);
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('1');
  });

  test('lines from before the first ruleset bill nothing and stop nothing', async () => {
    const world = meteringWorld();
    await world.land(call({ id: 'a', at: hourStart(parseHour('2025-12-01T00:00:00Z')) }) + call({ id: 'b' }));
    await world.close(TEN_IS_DUE);
    expect((await world.sweep(addHours(TEN, 40))).adjustments).toEqual([]);
    expect(quantityOf(await world.billed(), 'api-calls')).toBe('1');
  });

  test('a notification after the close changes nothing that is billed', async () => {
    const world = meteringWorld();
    const created = await world.land(call({ id: 'a' }));
    await world.close(TEN_IS_DUE);
    const before = await world.written();
    expect(await world.meter(created)).toBe('counted');
    expect((await world.sweep(addHours(TEN, 40))).adjustments).toEqual([]);
    expect(await world.written()).toEqual(before);
  });
});
