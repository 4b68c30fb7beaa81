import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { meterObject } from '../../../lib/app/meter-usage/meter-object.ts';
import { addHours, hourStart } from '../../../lib/domain/time/time.ts';
import { Crash, crashAt } from '../../support/crashes.ts';
import { call, METERS, meteringWorld, ruleset, TEN, usageEvent } from '../../support/metering-world.ts';

const period = { start: hourStart(addHours(TEN, -1)), end: hourStart(addHours(TEN, 48)) };

describe('meter-usage', () => {
  test('adds what can be added, by customer, hour, meter and group', async () => {
    const world = meteringWorld();
    const next = hourStart(addHours(TEN, 1));
    const lines =
      call({ id: 'a' }) +
      call({ id: 'b', path: '/payments/{id}' }) +
      call({ id: 'c', status: '503' }) +
      call({ id: 'd', at: next, bytes: '7' }) +
      call({ id: 'e', customer: 'other' });
    expect(await world.meter(await world.land(lines))).toBe('counted');
    await world.meter(await world.land(usageEvent('1', { meter: 'tokens', quantity: '2.5' }), TEN, 'events'));
    expect(await world.provisional.provisional('acme', period)).toEqual([
      {
        customer: 'acme',
        hour: TEN,
        counters: {
          'c:api-calls|': '1',
          'c:api-calls|pay': '1',
          'c:bytes|': '100',
          'c:bytes|pay': '100',
          'c:tokens|': '2.5',
        },
      },
      { customer: 'acme', hour: addHours(TEN, 1), counters: { 'c:api-calls|': '1', 'c:bytes|': '7' } },
    ]);
    expect(await world.provisional.provisional('other', period)).toHaveLength(1);
  });

  test('the same object twice counts once; another version of its key counts too', async () => {
    const world = meteringWorld();
    const created = await world.land(call({ id: 'a' }));
    await world.meter(created);
    await world.meter(created);
    await world.meter(await world.land(call({ id: 'b' }), TEN, 'usage', created.key));
    expect(await world.provisional.provisional('acme', period)).toMatchObject([{ counters: { 'c:api-calls|': '2' } }]);
    expect(Object.fromEntries(world.metrics.counts)).toEqual({ MeteredLines: 2, DuplicateObjects: 1 });
  });

  test('test calls are metered apart, whatever else says "test"', async () => {
    const world = meteringWorld();
    const lines = [
      call({ id: 'a', rateCard: 'test' }),
      call({ id: 'b', rateCard: 'test', path: '/payments/{id}' }),
      call({ id: 'c', client: 'test' }),
      call({ id: 'd', rateCard: 'test', status: '500' }),
    ];
    await world.meter(await world.land(lines.join('')));
    expect(await world.provisional.provisional('acme', period)).toEqual([
      {
        customer: 'acme',
        hour: TEN,
        counters: { 'c:api-calls|': '1', 'c:bytes|': '100', 't:api-calls|': '1', 't:api-calls|pay': '1' },
      },
    ]);
  });

  test('each hour is counted with the ruleset in force in it; before the first there is none', async () => {
    const later = { meters: METERS.meters.filter(({ id }) => id === 'bytes') };
    const world = meteringWorld(memoryRulesets([ruleset('r1', TEN), ruleset('r2', addHours(TEN, 1), later)]));
    const at = (hours: number) => hourStart(addHours(TEN, hours));
    await world.meter(
      await world.land(call({ id: 'a', at: at(-1) }) + call({ id: 'b' }) + call({ id: 'c', at: at(1) })),
    );
    const found = await world.provisional.provisional('acme', period);
    expect(found.map(({ counters }) => Object.keys(counters))).toEqual([['c:api-calls|', 'c:bytes|'], ['c:bytes|']]);
    expect(world.metrics.counts.get('ObjectsBeforeFirstRuleset')).toBe(1);
  });

  test('keys outside the ledger prefixes are left alone', async () => {
    const world = meteringWorld();
    const created = await world.land(call({ id: 'a' }), TEN, 'usage', 'failed/2026/01/15/10/x.gz');
    expect(await world.meter(created)).toBe('notLedger');
    expect(await world.provisional.provisional('acme', period)).toEqual([]);
  });

  test('a customer with more counters than one expression takes gets them all, once', async () => {
    const groups = Array.from({ length: 250 }, (_, i) => ({ id: `g${i}`, routes: [`/r${i}`] }));
    const meters = { meters: METERS.meters.slice(0, 1), routeGroups: groups };
    const world = meteringWorld(memoryRulesets([ruleset('r1', TEN, meters)]));
    const created = await world.land(groups.map((_, i) => call({ id: `${i}`, path: `/r${i}` })).join(''));
    await world.meter(created);
    await world.meter(created);
    const [found] = await world.provisional.provisional('acme', period);
    expect(Object.values(found?.counters ?? {})).toEqual(groups.map(() => '1'));
  });

  test('a crash at any write and the retry after it count once', async () => {
    for (let k = 1; ; k++) {
      const world = meteringWorld();
      const lines = ['acme', 'other', 'third'].map((customer) => call({ id: customer, customer })).join('');
      const created = await world.land(`${lines}cut\n`);
      const wrap = crashAt(k, 'after');
      const dying = meterObject({ ...world, usage: wrap(world.provisional), records: wrap(world.records) });
      const outcome = await dying(created).catch((fault: unknown) => fault);
      await world.meter(created);
      for (const customer of ['acme', 'other', 'third']) {
        const found = await world.provisional.provisional(customer, period);
        expect(found).toMatchObject([{ counters: { 'c:api-calls|': '1' } }]);
      }
      if (outcome === 'counted') {
        expect(k).toBeGreaterThan(4);
        break;
      }
      expect(outcome).toBeInstanceOf(Crash);
    }
  });
});
