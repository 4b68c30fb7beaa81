import { compileMeters } from '../../../lib/domain/metering/compile-meters.ts';
import { countObject } from '../../../lib/domain/metering/count-ledger.ts';
import type { MeterDefinition } from '../../../lib/domain/metering/meters.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';

const event = (source: string, id: string, time: string, data: object) => ({
  specversion: '1.0',
  type: 'tollgate.usage',
  source,
  id,
  subject: 'acme',
  time: `2026-01-15T${time}Z`,
  data,
});
const meter = (aggregation: MeterDefinition['aggregation'], value?: string, unit = 'token') =>
  compileMeters({
    meters: [{ id: 'm', unit, source: 'event', aggregation, ...(value === undefined ? {} : { value }) }],
  });
const count = (meters: ReturnType<typeof meter>, events: readonly object[], now?: string) =>
  countObject(
    { meters, ...(now === undefined ? {} : { now: parseTimestamp(now) }) },
    {
      name: 'events',
      content: 'events',
      bytes: new TextEncoder().encode(events.map((e) => `${JSON.stringify(e)}\n`).join('')),
    },
  );

describe('usage events', () => {
  const events = [
    event('b', '1', '10:00:05', { meter: 'm', quantity: '0.1', group: 'large' }),
    event('a', '1', '10:00:05', { meter: 'm', quantity: '0.2', group: 'large' }),
    event('a', '0', '10:00:01', { meter: 'm', quantity: 9007199254740991, group: 'large' }),
    event('a', '2', '10:59:59.999', { meter: 'm', quantity: '0.20', group: 'large' }),
    event('a', '3', '11:00:00', { meter: 'm', quantity: '3' }),
  ];
  test.each([
    { aggregation: 'sum', quantities: ['9007199254740991.5', '3'] },
    { aggregation: 'count', quantities: ['4', '1'] },
    { aggregation: 'max', quantities: ['9007199254740991', '3'] },
    { aggregation: 'unique', quantities: ['3', '1'] },
    { aggregation: 'latest', quantities: ['0.2', '3'] },
  ] as const)('$aggregation is exact, by group and hour, in any order', ({ aggregation, quantities }) => {
    for (const order of [events, [...events].reverse(), [...events, ...events]]) {
      const records = [...count(meter(aggregation), order).records()];
      const sorted = records.sort((a, b) => (a.hour < b.hour ? -1 : 1));
      expect(sorted.map(({ quantity }) => quantity)).toEqual(quantities);
      expect(sorted.map(({ group }) => group)).toEqual(['large', null]);
    }
  });

  test('money keeps each amount, in (time, source, id) order', () => {
    const amount = (value: string) => ({ meter: 'm', amount: value, currency: 'USD' });
    const payments = [
      event('b', '1', '10:00:05', amount('50.00')),
      event('a', '9', '10:00:05', amount('1.50')),
      event('z', '1', '10:00:04', amount('7')),
    ];
    for (const order of [payments, [...payments].reverse()]) {
      expect([...count(meter('sum', 'amount', 'USD'), order).records()]).toEqual([
        {
          customer: 'acme',
          meter: 'm',
          group: null,
          hour: '2026-01-15T10:00:00Z',
          quantity: '58.5',
          events: ['7', '1.50', '50.00'],
        },
      ]);
    }
  });

  test('the same source and id count once, the earliest of them', () => {
    const again = event('a', '0', '10:00:00', { meter: 'm', quantity: 5 });
    const result = count(meter('sum'), [events[2] as object, again, again]);
    expect([...result.records()]).toMatchObject([{ quantity: '5' }]);
    expect(result.lines).toEqual({ read: 3, counted: 1, notBillable: 0, duplicate: 2, malformed: 0 });
  });

  test.each([
    { why: 'another type', change: { type: 'other' }, reason: 'type is not tollgate.usage' },
    { why: 'no source', change: { source: '' }, reason: 'source is missing' },
    { why: 'no id', change: { id: 7 }, reason: 'id is missing' },
    { why: 'no customer', change: { subject: undefined }, reason: 'subject' },
    { why: 'no time', change: { time: 'now' }, reason: 'time is not' },
    { why: 'no data', change: { data: null }, reason: 'data is not an object' },
    { why: 'an unknown meter', change: { data: { meter: 'x', quantity: '1' } }, reason: 'meter "x"' },
    { why: 'a negative quantity', change: { data: { meter: 'm', quantity: '-1' } }, reason: 'quantity is not' },
    { why: 'a fraction as number', change: { data: { meter: 'm', quantity: 1.5 } }, reason: 'quantity is not' },
    { why: 'an amount instead', change: { data: { meter: 'm', amount: '1' } }, reason: 'quantity is not' },
    { why: 'a time ahead of the clock', change: { time: '2026-01-15T12:05:00.001Z' }, reason: 'from the future' },
  ])('an event with $why is malformed', ({ change, reason }) => {
    const result = count(meter('sum'), [{ ...events[0], ...change }], '2026-01-15T12:00:00Z');
    expect(result.lines).toMatchObject({ read: 1, malformed: 1 });
    expect(result.malformed[0]?.reason).toContain(reason);
  });

  test('an amount in another currency than the meter’s unit is malformed', () => {
    const wrong = event('a', '1', '10:00:00', { meter: 'm', amount: '5.00', currency: 'EUR' });
    expect(count(meter('sum', 'amount', 'USD'), [wrong]).malformed[0]?.reason).toContain('currency is not USD');
  });
});
