import { portalAlerts } from '../../lib/app/portal/portal-alerts.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/domain/time/time.ts';
import type { Passage } from '../../lib/local/cloud/index.ts';
import { portalStoresOf } from '../../lib/local/portal-stores.ts';
import { anchored, startShop, stopShops } from './shop.ts';

/**
 * Billing periods begin on the fourth: the one in which a customer comes ends 36 hours later, and of the platform fee of
 * 62.00 it pays 36/744, which is 3.00. Early in a month there are few hours to close.
 */
const START = Date.UTC(2026, 0, 2, 12);
const PERIOD_END = Date.UTC(2026, 0, 4);
const ADDRESS = 'billing@acme.example';

afterAll(stopShops);

/** Every message and every record arrives twice, and schedules fire twice. */
const doubled = (passage: Passage) => (passage === 'firehose-object' ? 1 : 2);

async function shopWithCustomer() {
  const { tollgate, clock } = await startShop({ start: START, faults: { copies: doubled } });
  const { cloud, stores } = tollgate;
  await tollgate.importCustomers([anchored(4, 'acme', 'retail')]);
  const profile = await stores.directory.profile('acme');
  if (!profile) throw new Error('the customer was not registered');
  const billing = { ...profile.billing, email: ADDRESS };
  await stores.directory.save({ ...profile, billing, version: profile.version + 1 });
  const key = await tollgate.createKey('acme', 'production', 'live');
  await cloud.settle(HOUR_MS / 2);
  const call = async (path = '/search') => {
    const answer = await cloud.gateway().invoke({ method: 'GET', path, headers: { 'x-api-key': key } });
    return [answer.status, (JSON.parse(String(answer.body)) as { reason?: string }).reason];
  };
  /** Calls that pass, slowly enough for the throttle. */
  const pass = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await clock.advanceBy(2_000);
      expect(await call()).toEqual([200, undefined]);
    }
  };
  const pages = portalStoresOf(cloud.runtime);
  const alerts = portalAlerts({ ...stores, ...pages, clock: cloud.clock });
  const told = () => cloud.mails.filter(({ to }) => to.includes(ADDRESS)).map(({ subject }) => subject);
  return { tollgate, clock, cloud, stores, alerts, call, pass, told };
}

test('half, 80 % and all of a soft cap are told by mail, each once, though everything arrives twice', async () => {
  const { clock, alerts, pass, told } = await shopWithCustomer();
  // A look at everybody: from then on the bill is known.
  await clock.advanceBy(HOUR_MS);
  // 3 calls are included, 4 cost 0.10, the rest 0.05 each: 3.40 + n * 0.05 from the seventh on.
  await alerts.setCap('acme', { amount: '7.00', mode: 'soft' });
  await pass(10);
  await clock.advanceBy(15 * MINUTE_MS);
  expect(told()).toEqual(['ACME: 50 % of the spend cap is reached']);
  // Nothing is close to its next threshold now: the hourly look finds it.
  await pass(42);
  await clock.advanceBy(HOUR_MS + 10 * MINUTE_MS);
  expect(told().slice(1)).toEqual(['ACME: 80 % of the spend cap is reached']);
  await pass(28);
  await clock.advanceBy(HOUR_MS + 10 * MINUTE_MS);
  expect(told().slice(2)).toEqual(['ACME: The spend cap is reached']);
  // Calls go on, and are told no more.
  await pass(3);
  await clock.advanceBy(2 * HOUR_MS);
  expect(told()).toHaveLength(3);
}, 120_000);

test('a hard cap: set, reached, 403 with the reason; raised, 200 again within a minute', async () => {
  const { clock, alerts, call, pass, told, stores } = await shopWithCustomer();
  await clock.advanceBy(HOUR_MS);
  await expect(alerts.setCap('acme', { amount: '2.00', mode: 'hard' })).rejects.toThrow(/Fees of USD 3.00 are due/);
  await alerts.setCap('acme', { amount: '4.00', mode: 'hard' });
  await clock.advanceBy(MINUTE_MS);
  // 3.00 + 0.40 + 12 * 0.05 = 4.00
  await pass(19);
  await clock.advanceBy(10 * MINUTE_MS);
  expect(await call()).toEqual([403, 'spend-cap-reached']);
  expect(told()).toContain('ACME: The spend cap is reached');
  expect((await stores.directory.profile('acme'))?.spend).toBe('capReached');
  await alerts.setCap('acme', { amount: '10.00', mode: 'hard' });
  await clock.advanceBy(MINUTE_MS);
  expect(await call()).toEqual([200, undefined]);
}, 120_000);

test('a new period opens what the cap of the old one closed', async () => {
  const { clock, alerts, call, pass } = await shopWithCustomer();
  await clock.advanceBy(HOUR_MS);
  await alerts.setCap('acme', { amount: '3.20', mode: 'hard' });
  await pass(6);
  await clock.advanceBy(10 * MINUTE_MS);
  expect(await call()).toEqual([403, 'spend-cap-reached']);
  // The fee of a whole period is 62.00: the old cap would stop everything, so it is raised for the new period.
  await alerts.setCap('acme', { amount: '70.00', mode: 'hard' });
  await clock.advanceTo(PERIOD_END + 3 * MINUTE_MS);
  expect(await call()).toEqual([200, undefined]);
}, 120_000);
