import { rateCard, smallRules } from '../app/publish-rules/small-rules.ts';
import type { AnyJson } from '../domain/rules/shipped-rules.ts';
import { PlanWorld } from './plan-world.ts';

/** The two cards of the small rules, with a commission on bookings. */
function withBookings(percent: string) {
  const files = smallRules();
  const meters = JSON.parse(files['meters.json'] ?? '');
  meters.meters.push({ id: 'bookings', unit: 'USD', source: 'event', aggregation: 'outcomes' });
  const price = { model: 'outcome', percent, attributionDays: 30, reversalDays: 60 };
  const charges = [
    { id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.001' } },
    { id: 'bookings', meter: 'bookings', price },
  ];
  return {
    ...files,
    'meters.json': JSON.stringify(meters),
    ...rateCard('free', '2026-01-01', { charges }),
    ...rateCard('growth', '2026-01-01', { charges, features: ['bulk'] }),
  };
}

let world: PlanWorld;
beforeAll(() => {
  world = new PlanWorld();
  world.rules('base', withBookings('10'));
  world.rules('head', withBookings('12'));
  world.json('customers.json', { customers: [{ id: 'acme', createdAt: '2026-01-01', facts: { companySize: 7 } }] });
});
afterAll(() => world.remove());

const sides = ['--base', 'base', '--head', 'head', '--customers', 'customers.json'];
const summary = async (...usage: string[]) => {
  const report: AnyJson = await world.report([...sides, ...usage]);
  return report.summary;
};

const event = (id: string, time: string, data: object) => ({
  ...{ specversion: '1.0', type: 'tollgate.usage', source: '/shop', id, subject: 'acme', time },
  data: { meter: 'bookings', ...data },
});
const worth = (amount: string) => ({ amount, currency: 'USD', touchedAt: '2026-10-01T09:00:00Z' });
const EVENTS = [
  event('b-1', '2026-10-05T12:00:00Z', worth('200.00')),
  event('b-1', '2026-10-05T12:00:00Z', worth('200.00')),
  event('b-2', '2026-10-06T12:00:00Z', worth('50.00')),
  event('r-1', '2026-10-08T12:00:00Z', { reverses: 'b-2' }),
];

test('events as POST /events takes them are metered and priced by both sides', async () => {
  world.lines('events.ndjson', EVENTS);
  const answer = await summary('--usage', 'events.ndjson', '--log-format', 'events');
  expect(answer).toMatchObject({ customers: 1, before: '20.00', after: '24.00', change: '4.00' });
});

const OUTCOMES = [
  { id: '/shop#b-1', at: '2026-10-05T12:00:00Z', amount: '200.00', touchedAt: '2026-10-01T09:00:00Z' },
  { id: '/shop#b-2', at: '2026-10-06T12:00:00Z', amount: '50.00', touchedAt: '2026-10-01T09:00:00Z' },
  { id: '/shop#r-1', at: '2026-10-08T12:00:00Z', reverses: '/shop#b-2' },
];

test('records of meter with outcomes come to the same', async () => {
  const at = { customer: 'acme', meter: 'bookings', group: null };
  world.lines('records.ndjson', [
    ...OUTCOMES.map((outcome) => ({
      ...{ ...at, hour: `${outcome.at.slice(0, 13)}:00:00Z`, quantity: outcome.amount ?? '0' },
      outcomes: [outcome],
    })),
    { ...at, meter: 'api-calls', hour: '2026-10-05T12:00:00Z', quantity: '1000' },
  ]);
  const answer = await summary('--usage', 'records.ndjson');
  expect(answer).toMatchObject({ customers: 1, before: '21.00', after: '25.00' });
});

test('a usage object may say what earlier invoices charged, so that a reversal finds it', async () => {
  const period = { start: '2026-10-01T00:00:00Z', end: '2026-11-01T00:00:00Z' };
  const reversal = { id: '/shop#r-9', at: '2026-10-08T12:00:00Z', reverses: '/shop#b-0' };
  const usage = [{ meter: 'bookings', hour: '2026-10-05T12:00:00Z', outcomes: [...OUTCOMES, reversal] }];
  const earlierOutcomes = [{ id: '/shop#b-0', at: '2026-09-20T12:00:00Z', charged: '3.00' }];
  world.lines('objects.ndjson', [{ customer: 'acme', period, usage, earlierOutcomes }]);
  expect(await summary('--usage', 'objects.ndjson')).toMatchObject({ before: '17.00', after: '21.00' });
});
