import { publishRules } from '../../lib/app/publish-rules/publish-rules.ts';
import { HOUR_MS, MINUTE_MS, type Period } from '../../lib/domain/time/time.ts';
import { SeededRandom } from '../../lib/local/cloud/index.ts';
import { seededFaults } from './seeded-faults.ts';
import { anchored, bookingEvent, eventRequest, startShop, tokensEvent } from './shop.ts';
import { bookingRules, newShopRules } from './shop-rules.ts';

/** Billing periods begin on the third. */
export const PERIOD: Period = { start: Date.UTC(2025, 11, 3), end: Date.UTC(2026, 0, 3) };
export const START = Date.UTC(2026, 0, 1, 12);
/** From here on `starter` has its new version. */
export const NEW_PRICES = Date.UTC(2026, 0, 2);
export const NEW_COMMIT = 'fedcba9876543210fedcba9876543210fedcba98';
const LAST_CALL = Date.UTC(2026, 0, 2, 12);
/** The sweep before the invoices runs at noon. */
const LANDED_BY = Date.UTC(2026, 0, 3, 11);

export const INDUSTRIES = { cafe: 'retail', deli: 'retail', depot: 'wholesale', poet: 'arts' } as const;
export type Name = keyof typeof INDUSTRIES;
export const NAMES = Object.keys(INDUSTRIES) as Name[];

/** What a customer was seen to use, counted by whoever made the calls: the truth that a bill is measured against. */
export interface Used {
  readonly calls: { before: number; after: number };
  readonly payments: { before: number; after: number };
  tokens: number;
  /** Bookings with their worth in dollars, and whether they were taken back. */
  readonly bookings: { readonly id: string; readonly amount: number; reversed: boolean }[];
}

/** Two days of four customers with everything going wrong that the seed says, and the month's end after it. */
export async function simulate(seed: string) {
  const faulty = seededFaults(seed, LANDED_BY);
  const { tollgate, clock } = await startShop({
    ...{ start: START, seed, faults: faulty.faults, rules: bookingRules() },
    stripe: { fault: faulty.stripe, webhookPlan: faulty.webhookPlan },
  });
  const { cloud, stores } = tollgate;
  await tollgate.importCustomers(NAMES.map((name) => anchored(3, name, INDUSTRIES[name])));
  const keys = new Map<string, string>();
  for (const name of NAMES) keys.set(name, await tollgate.createKey(name, 'key', 'live'));
  await cloud.settle(HOUR_MS / 2);
  faulty.begin(clock);

  const random = new SeededRandom(`traffic ${seed}`);
  const below = (limit: number): number => Number.parseInt(random.hex(4), 16) % limit;
  const used = new Map<Name, Used>(
    NAMES.map((name) => [
      name,
      { calls: { before: 0, after: 0 }, payments: { before: 0, after: 0 }, tokens: 0, bookings: [] },
    ]),
  );
  let published = false;
  for (let n = 0; clock.now() < LAST_CALL; n++) {
    await clock.advanceBy((1 + below(24)) * MINUTE_MS);
    if (!published && clock.now() > NEW_PRICES - 4 * HOUR_MS) {
      published = true;
      const { runtime } = cloud;
      const publish = publishRules({ ...stores, clock, log: runtime.log });
      await publish({ files: newShopRules(), commit: NEW_COMMIT });
    }
    const name = NAMES[below(NAMES.length)] as Name;
    await useOnce(name, used.get(name) as Used, n);
  }

  async function useOnce(name: Name, mine: Used, n: number): Promise<void> {
    const when = clock.now() < NEW_PRICES ? 'before' : 'after';
    if (below(8) === 0 && when === 'before') return reportTokens(name, mine, n);
    // Who pays nothing has no bookings, so that somebody owes nothing.
    if (below(6) === 0 && name !== 'poet') return reportBooking(name, mine, n);
    const paying = below(4) === 0;
    const path = paying ? '/payments' : ['/search', '/places/7', '/exports/1'][below(3)];
    const headers = { 'x-api-key': keys.get(name) ?? '' };
    const { status } = await cloud.gateway().invoke({ method: 'GET', path: path ?? '', headers });
    if (status === 200) mine[paying ? 'payments' : 'calls'][when] += 1;
    else if (![403, 429].includes(status)) throw new Error(`${name} was answered with ${status}`);
  }

  async function reportTokens(name: Name, mine: Used, n: number): Promise<void> {
    const quantity = 1 + below(900);
    await send(tokensEvent(`e-${n}`, name, new Date(clock.now()).toISOString(), String(quantity)));
    mine.tokens += quantity;
  }

  /** A new booking, or one of those before taken back, under the old prices or the new. */
  async function reportBooking(name: Name, mine: Used, n: number): Promise<void> {
    const [id, now] = [`b-${n}`, new Date(clock.now()).toISOString()];
    const standing = mine.bookings.find(({ reversed }) => !reversed);
    if (standing && below(2) === 0) {
      await send(bookingEvent(id, name, now, { reverses: standing.id }));
      standing.reversed = true;
      return;
    }
    const amount = 1 + below(900);
    const touchedAt = '2025-12-20T09:00:00Z';
    await send(bookingEvent(id, name, now, { amount: `${amount}.00`, currency: 'USD', touchedAt }));
    mine.bookings.push({ id, amount, reversed: false });
  }

  /** As an honest sender does: the same event until it is taken, and sometimes once more. */
  async function send(event: object): Promise<void> {
    const post = async () => (await cloud.ingress.invoke({ path: '/events', ...eventRequest(event) })).status;
    let tries = 0;
    while ((await post()) !== 202) if (++tries > 20) throw new Error('an event was never taken');
    if (below(2) === 0) await post();
  }

  await replayAnObject();
  for (let at = PERIOD.end - 11 * HOUR_MS; at <= PERIOD.end + 40 * HOUR_MS; at += HOUR_MS) await clock.advanceTo(at);
  // By now every fault had its chance; what is left to do is done in peace.
  faulty.end();
  for (let hour = 0; hour < 12 || (hour < 60 && !(await isSettled())); hour++) await clock.advanceBy(HOUR_MS);
  return { tollgate, clock, used, seen: faulty.seen };

  /** Stripe's webhooks are tried for days, ever more slowly. */
  async function isSettled(): Promise<boolean> {
    const records = (await Promise.all(NAMES.map((name) => stores.invoices.ofCustomer(name)))).flat();
    return records.every(({ state }) => state === 'PAID' || state === 'NOTHING_DUE');
  }

  /** Somebody copies an object of the ledger under a new name: its lines are there a second time. */
  async function replayAnObject(): Promise<void> {
    const ledger = cloud.objects(cloud.runtime.env.LEDGER_BUCKET ?? '');
    const [first] = ledger.list('usage/');
    if (first) ledger.put(`${first.key.replace(/\.gz$/, '')}-again.gz`, first.body, first.headers);
  }
}
