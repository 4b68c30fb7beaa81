import { memoryClosedUsage } from '../../../lib/adapters/memory/usage.ts';
import { rememberedUsage } from '../../../lib/app/portal/remembered-usage.ts';
import {
  addHours,
  HOUR_MS,
  type Hour,
  hourOf,
  hourStart,
  MINUTE_MS,
  parseMonth,
  parseTimestamp,
} from '../../../lib/domain/time/time.ts';
import { marker } from '../invoice-customer/fixtures.ts';

const OCTOBER = parseMonth('2026-10');
const FIRST = hourOf(OCTOBER.start);

async function world(now = parseTimestamp('2026-10-05T00:00:00Z')) {
  const [store, time] = [memoryClosedUsage(), { now }];
  const reads: string[] = [];
  const counted = {
    ...store,
    closedHours: (customer: string, period: Parameters<typeof store.closedHours>[1]) => {
      reads.push(customer);
      return store.closedHours(customer, period);
    },
  };
  const usage = rememberedUsage(counted, { now: () => time.now });
  const close = async (hour: Hour, quantity: string, adjustment = 0) => {
    for (const customer of ['acme', 'rival']) {
      const row = { customer, hour, adjustment, ruleset: 'r1', digest: 'd' };
      const sum = customer === 'acme' ? quantity : '7';
      await store.putClosedHours([{ ...row, usage: [{ meter: 'api-calls', group: null, quantity: sum }] }]);
    }
    await store.putMarker(marker(hour, adjustment));
  };
  const sums = async (customer = 'acme', period = OCTOBER) =>
    (await usage.closedHours(customer, period)).map(({ usage: [one] }) => one?.quantity);
  return { close, sums, reads, time, usage };
}

test('the same weeks are read once, and each customer has its own', async () => {
  const { close, sums, reads } = await world();
  await close(FIRST, '1');
  expect([await sums(), await sums(), await sums('rival')]).toEqual([['1'], ['1'], ['7']]);
  expect(reads).toEqual(['acme', 'rival']);
});

test('an hour that closes is there at once: it never falls between closed and provisional', async () => {
  const { close, sums, usage } = await world();
  await close(FIRST, '1');
  expect(await sums()).toEqual(['1']);
  await close(addHours(FIRST, 1), '2');
  expect(await sums()).toEqual(['1', '2']);
  expect(await usage.firstOpenHour(OCTOBER)).toBe(addHours(FIRST, 2));
});

test('an adjustment is seen within a minute', async () => {
  const { close, sums, time } = await world();
  await close(FIRST, '1');
  expect(await sums()).toEqual(['1']);
  await close(FIRST, '3', 1);
  time.now += MINUTE_MS - 1;
  expect(await sums()).toEqual(['1']);
  time.now += 1;
  expect(await sums()).toEqual(['1', '3']);
});

test('a period is cut from its months, and what is settled is kept for an hour', async () => {
  const { close, sums, reads, time } = await world(parseTimestamp('2027-01-05T00:00:00Z'));
  for (const [n, quantity] of ['1', '2', '3'].entries()) await close(addHours(FIRST, n), quantity);
  const part = { start: hourStart(addHours(FIRST, 1)), end: hourStart(addHours(FIRST, 2)) };
  expect(await sums('acme', part)).toEqual(['2']);
  time.now += HOUR_MS - 1;
  await sums();
  expect(reads).toEqual(['acme']);
  time.now += 1;
  await sums();
  expect(reads).toEqual(['acme', 'acme']);
});

test('a failure is not remembered', async () => {
  const { usage: store } = await world();
  let fails = true;
  const flaky = {
    ...store,
    closedHours: async () => {
      if (fails) throw new Error('away');
      return [];
    },
  };
  const usage = rememberedUsage(flaky, { now: () => 0 });
  await expect(usage.closedHours('acme', OCTOBER)).rejects.toThrow('away');
  fails = false;
  expect(await usage.closedHours('acme', OCTOBER)).toEqual([]);
});
