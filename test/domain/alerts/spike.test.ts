import { spikeIn } from '../../../lib/domain/alerts/spike.ts';
import { type Hour, hourOf, hourStart } from '../../../lib/domain/time/time.ts';

const NOW = hourOf(Date.UTC(2026, 0, 29, 14));
const back = (days: number): Hour => (NOW - days * 24) as Hour;
const LONG_AGO = back(60);

/** Calls at this hour so many days ago. */
const history = (now: number, byDay: Readonly<Record<number, number>>): Map<Hour, bigint> =>
  new Map([[NOW, BigInt(now)], ...Object.entries(byDay).map(([days, n]) => [back(Number(days)), BigInt(n)] as const)]);
const every = (days: number, calls: number) =>
  Object.fromEntries(Array.from({ length: days }, (_, i) => [i + 1, calls] as const));

test.each([
  { title: 'three times the usual is one', calls: history(3_000, every(28, 1_000)), usual: 1_000n },
  { title: 'a call less is none', calls: history(2_999, every(28, 1_000)), usual: null },
  { title: 'fewer than a thousand calls are none, whatever is usual', calls: history(999, every(28, 10)), usual: null },
  { title: 'a thousand where nothing is usual are one', calls: history(1_000, {}), usual: 0n },
  {
    title: 'a busy hour that comes every week is none',
    calls: history(9_000, { ...every(28, 100), 7: 9_000, 14: 9_500, 21: 8_500, 28: 9_000 }),
    usual: null,
  },
  {
    title: 'one busy day in the week before does not hide one',
    calls: history(6_000, { ...every(28, 1_000), 3: 50_000 }),
    usual: 1_000n,
  },
  {
    title: 'steady growth is none: last week counts, not last month',
    calls: history(20_000, { ...every(7, 18_000), 8: 1_000, 14: 1_000, 21: 1_000, 28: 1_000 }),
    usual: null,
  },
])('$title', ({ calls, usual }) => {
  const found = spikeIn(NOW, calls, LONG_AGO);
  expect(found?.usual ?? null).toBe(usual);
  if (found) expect(found).toMatchObject({ hour: hourStart(NOW), calls: calls.get(NOW) });
});

test('nothing is usual in the first three days of a customer', () => {
  expect(spikeIn(NOW, history(5_000, {}), back(2))).toBeNull();
  expect(spikeIn(NOW, history(5_000, {}), back(3))).not.toBeNull();
});
