import { entitlement } from '../../lib/app/provision-access/entitlement.ts';
import { revokeKey } from '../../lib/app/provision-access/keys.ts';
import { hashKey } from '../../lib/domain/entitlement/keys.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/domain/time/time.ts';
import { customer, startShop, stopShops } from '../e2e/shop.ts';

type Shop = Awaited<ReturnType<typeof startShop>>;
let shop: Shop;
const keys = new Map<string, string>();

/** One cloud; each story has a customer of its own. */
const CUSTOMERS = { late: 'retail', rich: 'retail', leaky: 'retail', eager: 'arts' } as const;

beforeAll(async () => {
  shop = await startShop({ start: Date.UTC(2026, 0, 30, 12) });
  const { tollgate } = shop;
  await tollgate.importCustomers(Object.entries(CUSTOMERS).map(([id, industry]) => customer(id, industry)));
  for (const id of Object.keys(CUSTOMERS)) keys.set(id, await tollgate.createKey(id, 'key', 'live'));
  await tollgate.cloud.settle(HOUR_MS / 2);
}, 60_000);
afterAll(stopShops);

async function call(id: keyof typeof CUSTOMERS) {
  await shop.clock.advanceBy(2_000);
  const headers = { 'x-api-key': keys.get(id) ?? '' };
  const answer = await shop.tollgate.cloud.gateway().invoke({ method: 'GET', path: '/search', headers });
  return { status: answer.status, retryAfter: answer.headers['retry-after'], ...JSON.parse(answer.body) };
}

/** Caches flushed, messages delivered. */
const reached = () => shop.clock.advanceBy(10 * MINUTE_MS);
const access = () => {
  const { stores } = shop.tollgate;
  return entitlement({ directory: stores.directory, queue: stores.queue, clock: shop.clock });
};

test('a suspended customer is answered 403 with the reason, from the first call after the flush until it is restored', async () => {
  expect(await call('late')).toMatchObject({ status: 200 });
  await access().set('late', 'suspended', 'payment-overdue');
  await reached();
  expect(await call('late')).toEqual({ status: 403, message: 'Forbidden', reason: 'payment-overdue' });
  await access().set('late', 'active', null);
  await reached();
  expect(await call('late')).toMatchObject({ status: 200 });
});

test('a spend cap that is reached is answered 403 with the reason, and opens again with the cap', async () => {
  expect(await call('rich')).toMatchObject({ status: 200 });
  await access().setSpend('rich', 'capReached');
  await reached();
  expect(await call('rich')).toEqual({ status: 403, message: 'Forbidden', reason: 'spend-cap-reached' });
  await access().setSpend('rich', 'open');
  await reached();
  expect(await call('rich')).toMatchObject({ status: 200 });
});

test('a revoked key is answered 401 and nothing more, also where its policy was cached', async () => {
  expect(await call('leaky')).toMatchObject({ status: 200 });
  const { stores } = shop.tollgate;
  const needs = { directory: stores.directory, queue: stores.queue, clock: shop.clock };
  expect(await revokeKey(needs, 'leaky', hashKey(keys.get('leaky') ?? ''))).toBe('revoked');
  await reached();
  expect(await call('leaky')).toEqual({ status: 401, message: 'Unauthorized' });
});

test('a quota that is used up is answered 429 with a constant Retry-After', async () => {
  for (let n = 1; n <= 4; n++) expect(await call('eager')).toMatchObject({ status: 200 });
  expect(await call('eager')).toEqual({
    ...{ status: 429, retryAfter: '3600' },
    ...{ message: 'Too many requests', reason: 'quota' },
  });
});
