import { readPeriod } from '../../../lib/app/invoice-customer/gather.ts';
import { HOUR_MS, MINUTE_MS, type Period } from '../../../lib/domain/time/time.ts';
import { JANUARY, profileOf } from './fixtures.ts';
import { type World, world } from './world.ts';

/** What the closed hours of a period say is the same for every customer: read once for many. */
let open: World;
let reads: number;
let fails = false;
async function start(closed: boolean) {
  open = await world({ closed, customers: ['acme', 'bolt', 'corp'] });
  reads = 0;
  const usage = {
    ...open.usage,
    markers: async (period: Period) => {
      reads++;
      if (fails) throw new Error('throttled');
      return open.usage.markers(period);
    },
  };
  const ports = { ...open.ports, usage };
  return () => Promise.all(['acme', 'bolt', 'corp'].map((id) => readPeriod(JANUARY, profileOf(id), ports)));
}
afterEach(() => open.close());

test('customers that are worked on at once, and those after them, share one reading', async () => {
  const all = await start(true);
  await all();
  expect((await all()).map(({ pinned }) => pinned.size)).toEqual([744, 744, 744]);
  expect(reads).toBe(1);
});

test('after five minutes it is read again, since an adjustment may have come', async () => {
  const all = await start(true);
  await all();
  open.later(5 * MINUTE_MS);
  await all();
  expect(reads).toBe(2);
});

test('a period that is not closed to its end is read again by the next run', async () => {
  const all = await start(false);
  open.usage.close({ start: JANUARY.start, end: JANUARY.end - HOUR_MS });
  expect((await all()).map(({ pinned }) => pinned.size)).toEqual([743, 743, 743]);
  open.usage.close({ start: JANUARY.end - HOUR_MS, end: JANUARY.end });
  expect((await all()).map(({ pinned }) => pinned.size)).toEqual([744, 744, 744]);
  expect(reads).toBe(2);
});

test('a reading that fails fails those who waited for it, and no one after them', async () => {
  const all = await start(true);
  fails = true;
  await expect(all()).rejects.toThrow('throttled');
  fails = false;
  expect(await all()).toHaveLength(3);
  expect(reads).toBe(2);
});
