import fc from 'fast-check';
import { subtractUsage, sumUsage } from '../../../lib/domain/metering/adjustments.ts';
import { compileMeters } from '../../../lib/domain/metering/compile-meters.ts';
import { countObject } from '../../../lib/domain/metering/count-ledger.ts';
import type { Meters, ReportedOutcome, UsageRecord } from '../../../lib/domain/metering/meters.ts';
import { outcomeId } from '../../../lib/domain/metering/outcomes.ts';
import { parseMeters } from '../../../lib/domain/metering/parse-meters.ts';

const BOOKINGS: Meters = {
  meters: [
    { id: 'bookings', unit: 'USD', source: 'event', aggregation: 'outcomes' },
    { id: 'visits', unit: 'visit', source: 'event', aggregation: 'count' },
  ],
};

const event = (id: string, time: string, data: object, source = '/shop') => ({
  ...{ specversion: '1.0', type: 'tollgate.usage', source, id, subject: 'acme', time: `2026-01-15T${time}Z` },
  data: { meter: 'bookings', ...data },
});
const worth = (amount: string, own: object = {}) => ({ amount, currency: 'USD', ...own });
const count = (events: readonly object[]) => {
  const bytes = new TextEncoder().encode(events.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return countObject({ meters: compileMeters(BOOKINGS) }, { name: 'events', content: 'events', bytes });
};

test('each report is kept, in (time, source, id) order, whatever order it comes in and how often', () => {
  const reports = [
    event('b-2', '10:00:05', worth('80.50', { touchedAt: '2026-01-14T23:00:00+01:00' })),
    event('b-1', '10:00:05', worth('20')),
    event('r-1', '10:00:04', { reverses: 'b-0' }),
  ];
  for (const order of [reports, [...reports].reverse(), [...reports, ...reports]]) {
    expect([...count(order).records()]).toEqual<UsageRecord[]>([
      {
        ...{ customer: 'acme', meter: 'bookings', group: null, hour: '2026-01-15T10:00:00Z', quantity: '100.5' },
        outcomes: [
          { id: '/shop#r-1', at: '2026-01-15T10:00:04Z', reverses: '/shop#b-0' },
          { id: '/shop#b-1', at: '2026-01-15T10:00:05Z', amount: '20' },
          { id: '/shop#b-2', at: '2026-01-15T10:00:05Z', amount: '80.50', touchedAt: '2026-01-14T22:00:00Z' },
        ],
      },
    ]);
  }
});

test('two sources that number alike report two outcomes, and a reversal is of its own source', () => {
  const [record] = count([
    event('1', '10:00:00', worth('5'), '/a'),
    event('1', '10:00:00', worth('7'), '/b'),
    event('2', '10:00:00', { reverses: '1' }, '/b'),
  ]).records();
  expect(record?.outcomes?.map(({ id, reverses }) => [id, reverses])).toEqual([
    ['/a#1', undefined],
    ['/b#1', undefined],
    ['/b#2', '/b#1'],
  ]);
});

test('no two identities have one name', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '#', '%', '2', '3', '5'), minLength: 1, maxLength: 6 });
  const identity = fc.tuple(text, text);
  fc.assert(
    fc.property(identity, identity, (a, b) => {
      expect(outcomeId(...a) === outcomeId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
    { seed: 18, numRuns: 500 },
  );
});

test.each([
  { why: 'another currency', data: { amount: '5', currency: 'EUR' }, reason: 'currency is not USD' },
  { why: 'no currency', data: { amount: '5' }, reason: 'currency is not USD' },
  { why: 'a negative amount', data: worth('-5'), reason: 'amount is not' },
  { why: 'a quantity', data: { quantity: '1' }, reason: 'an amount, and no quantity' },
  { why: 'a touch that is no time', data: worth('5', { touchedAt: 'soon' }), reason: 'touchedAt is not' },
  { why: 'a reversal with an amount', data: { reverses: 'b', ...worth('5') }, reason: 'no amount' },
  { why: 'a reversal of no name', data: { reverses: 7 }, reason: 'reverses is not' },
  {
    why: 'a reversal for a meter that counts none',
    data: { meter: 'visits', reverses: 'b' },
    reason: 'meter "visits" counts none',
  },
])('$why is malformed, and counts nowhere', ({ data, reason }) => {
  const { lines, malformed } = count([event('x', '10:00:00', data)]);
  expect(lines).toMatchObject({ read: 1, malformed: 1 });
  expect(malformed[0]?.reason).toContain(reason);
});

const report = fc.record({
  id: fc.constantFrom('/s#1', '/s#2', '/s#3'),
  at: fc.constantFrom('2026-01-15T10:00:00Z', '2026-01-15T10:00:00.500Z'),
  amount: fc.constantFrom('1', '2.50'),
});
const asUsage = (outcomes: readonly ReportedOutcome[]) =>
  outcomes.length === 0 ? [] : sumUsage([[{ meter: 'm', group: null, quantity: '0', outcomes }]]);

test('a close and its adjustments add up to the newest count, reports that went away included', () => {
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(report, { selector: ({ id }) => id }), { minLength: 1 }), (counts) => {
      const usages = counts.map(asUsage);
      const parts = usages.map((usage, i) => subtractUsage(usage, usages[i - 1] ?? []));
      expect(sumUsage(parts)).toEqual(usages.at(-1));
      expect(sumUsage([...parts].reverse())).toEqual(usages.at(-1));
    }),
    { seed: 18 },
  );
});

test.each([
  { why: 'lines of the log', change: { source: 'accessLog' }, path: '/meters/0/source', code: 'not-allowed' },
  { why: 'a unit that is no money', change: { unit: 'booking' }, path: '/meters/0/unit', code: 'not-a-currency' },
  { why: 'a value', change: { value: 'amount' }, path: '/meters/0/value', code: 'unexpected-key' },
])('a meter of outcomes takes no $why', ({ change, path, code }) => {
  const meter = { ...BOOKINGS.meters[0], ...change };
  expect(() => parseMeters({ meters: [meter] })).toThrow(expect.objectContaining({ path, code }));
});
