import { stripeLimiter, tokenBucket, unlimited } from '../../../lib/adapters/stripe/limiter.ts';

function bucket(callsPerSecond: number, burst: number) {
  let now = 0;
  const starts: number[] = [];
  const limiter = tokenBucket({
    ...{ callsPerSecond, burst, clock: { now: () => now } },
    wait: async (ms) => void starts.push(ms),
  });
  return { limiter, waits: starts, pass: (ms: number) => (now += ms) };
}

describe('the token bucket', () => {
  test('lets a burst pass at once and then one at a time', async () => {
    const { limiter, waits } = bucket(5, 3);
    for (let i = 0; i < 6; i++) await limiter.turn('POST invoices');
    expect(waits).toEqual([200, 400, 600]);
  });
  test('fills again with time, never beyond the burst', async () => {
    const { limiter, waits, pass } = bucket(5, 2);
    for (let i = 0; i < 2; i++) await limiter.turn('a');
    pass(60_000);
    for (let i = 0; i < 3; i++) await limiter.turn('a');
    expect(waits).toEqual([200]);
  });
  test('each endpoint has its own', async () => {
    const { limiter, waits } = bucket(1, 1);
    await limiter.turn('a');
    await limiter.turn('b');
    expect(waits).toEqual([]);
  });
  test('over any second no more calls start than the rate and one burst', async () => {
    const { limiter, waits } = bucket(5, 5);
    await Promise.all(Array.from({ length: 105 }, () => limiter.turn('a')));
    expect(Math.max(...waits)).toBe(20_000);
  });
});

test('a stand-in has no limits to keep; Stripe has, waited for by the runtime’s own sleep', async () => {
  const place = { host: '127.0.0.1', port: 1, protocol: 'http' } as const;
  expect(stripeLimiter({ clock: { now: () => 0 }, stripe: place })).toBe(unlimited);
  const slept: number[] = [];
  const limiter = stripeLimiter({ clock: { now: () => 0 }, sleep: async (ms: number) => void slept.push(ms) });
  for (let i = 0; i < 4; i++) await limiter.turn('a');
  expect(slept).toEqual([200, 400, 600]);
});

test('five functions together never start more calls to an endpoint in a second than a test account allows', async () => {
  const starts: number[] = [];
  const sleep = async (ms: number) => void starts.push(ms);
  for (let instance = 0; instance < 5; instance++) {
    const limiter = stripeLimiter({ clock: { now: () => 0 }, sleep });
    await limiter.turn('POST invoices');
    starts.push(0);
    for (let call = 1; call < 40; call++) await limiter.turn('POST invoices');
  }
  expect(starts).toHaveLength(200);
  const within = (from: number) => starts.filter((at) => at >= from && at < from + 1_000).length;
  expect(Math.max(...starts.map(within))).toBe(25);
});
