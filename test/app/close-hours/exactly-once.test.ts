import fc from 'fast-check';
import { addHours, formatTimestamp, HOUR_MS, type Hour, hourStart } from '../../../lib/domain/time/time.ts';
import { call, meteringWorld, TEN, TEN_IS_DUE, usageEvent } from '../../support/metering-world.ts';

/** Promise 1: the billed quantity is a pure function of the ledger. */

interface Delivery {
  /** Lines in the object, by number; the same number is the same call or event. */
  readonly calls: readonly number[];
  /** Hours after TEN, in its arrival prefix; it lands in the story at this hour too. */
  readonly arrival: number;
  readonly copies: number;
  readonly notified: boolean;
}

/** Calls 0 to 19: of two customers, spread over two hours, in two groups. */
const lineOf = (n: number): string =>
  call({
    id: `call-${n}`,
    at: hourStart(TEN) + (n % 2) * HOUR_MS + n * 1_000,
    customer: n % 3 === 0 ? 'other' : 'acme',
    path: n % 5 === 0 ? '/payments/{id}' : '/search',
    bytes: String(n),
    client: `client-${n % 4}`,
  });

/** Bookings, every fourth of them the report that the one before was taken back. */
const bookingOf = (n: number): string => {
  const data = n % 4 === 3 ? { reverses: `b-${n - 1}` } : { amount: `${n}.50`, currency: 'USD' };
  const time = formatTimestamp(hourStart(TEN) + (n % 2) * HOUR_MS + n * 1_000);
  return usageEvent(`b-${n}`, { meter: 'bookings', ...data }, time, n % 3 === 0 ? 'other' : 'acme');
};

interface Kind {
  readonly kind: 'usage' | 'events';
  readonly lineOf: (n: number) => string;
}
const CALLS: Kind = { kind: 'usage', lineOf };
const EVENTS: Kind = { kind: 'events', lineOf: bookingOf };

const deliveries = fc.array(
  fc.record({
    calls: fc.array(fc.integer({ min: 0, max: 19 }), { maxLength: 8 }),
    arrival: fc.integer({ min: 1, max: 45 }),
    copies: fc.integer({ min: 1, max: 2 }),
    notified: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Everything lands at once, before the close, each in one line. */
async function plainly(numbers: readonly number[], { kind, lineOf }: Kind): Promise<unknown> {
  const world = meteringWorld();
  await world.land(
    [...numbers]
      .sort((a, b) => a - b)
      .map(lineOf)
      .join(''),
    addHours(TEN, 1),
    kind,
  );
  await world.close(addHours(TEN_IS_DUE, 1));
  return billedBy(world);
}

async function billedBy(world: ReturnType<typeof meteringWorld>): Promise<unknown> {
  const all = ['acme', 'other'].flatMap((customer) =>
    [0, 1].map((hours) => world.billed(customer, addHours(TEN, hours))),
  );
  return Promise.all(all);
}

/** The same in any objects, at any time, in any order, repeated, announced or not, with closes and sweeps between. */
async function asDelivered(
  objects: readonly Delivery[],
  runs: readonly number[],
  { kind, lineOf }: Kind,
): Promise<unknown> {
  const world = meteringWorld();
  const happenings = [
    ...objects.flatMap((object) => Array.from({ length: object.copies }, () => ({ at: object.arrival, object }))),
    ...runs.map((at) => ({ at, object: undefined })),
  ].sort((a, b) => a.at - b.at);
  for (const { at, object } of happenings) {
    const now = addHours(TEN, at) as Hour;
    if (object === undefined) {
      await world.close(now);
      await world.sweep(now);
      continue;
    }
    const created = await world.land(object.calls.map(lineOf).join(''), now, kind);
    if (object.notified) await world.meter(created);
  }
  await world.close(addHours(TEN, 50));
  await world.sweep(addHours(TEN, 50));
  return billedBy(world);
}

test.each([
  { what: 'calls', kind: CALLS, numRuns: 30 },
  { what: 'outcomes and reversals', kind: EVENTS, numRuns: 15 },
])('any delivery of the same $what bills the same', async ({ kind, numRuns }) => {
  await fc.assert(
    fc.asyncProperty(deliveries, fc.array(fc.integer({ min: 1, max: 45 }), { maxLength: 5 }), async (objects, runs) => {
      const numbers = new Set(objects.flatMap(({ calls }) => calls));
      expect(await asDelivered(objects, runs, kind)).toEqual(await plainly([...numbers], kind));
    }),
    { seed: 20260115, numRuns },
  );
});
