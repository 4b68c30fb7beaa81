import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { portalAlerts } from '../../lib/app/portal/portal-alerts.ts';
import { portalBillingAddress } from '../../lib/app/portal/portal-billing-address.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/domain/time/time.ts';
import type { Passage } from '../../lib/local/cloud/index.ts';
import { portalStoresOf } from '../../lib/local/portal-stores.ts';
import { anchored, startShop, stopShops } from './shop.ts';

/** 36 hours before a period that is 744 hours long ends: 3.00 of the fee of 62.00. Early in a month few hours are closed. */
const EARLY = Date.UTC(2026, 0, 2, 12);
const PERIOD_END = Date.UTC(2026, 0, 4);

const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) server.close();
  await stopShops();
});

/** Every message comes twice. */
const doubled = (passage: Passage) => (passage === 'queue-message' ? 2 : 1);

interface Post {
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The customer's machine: answers with what is queued, then 200. */
async function receiver(answers: number[] = []) {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    posts.push({ body, headers: request.headers });
    response.writeHead(answers.shift() ?? 200).end();
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { posts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function shop(email: string) {
  const { tollgate, clock } = await startShop({ start: EARLY, faults: { copies: doubled } });
  const { cloud, stores } = tollgate;
  await tollgate.importCustomers([anchored(4, 'acme', 'retail')]);
  const profile = await stores.directory.profile('acme');
  if (!profile) throw new Error('the customer was not registered');
  await stores.directory.save({ ...profile, billing: { ...profile.billing, email }, version: profile.version + 1 });
  // No invoice was made yet, so that Stripe does not know the customer.
  const unasked = async () => Promise.reject(new Error('Stripe is not asked'));
  const billing = { ensureCustomer: unasked, updateCustomer: unasked };
  const needs = { ...stores, ...portalStoresOf(cloud.runtime), ...cloud.runtime, clock: cloud.clock, billing };
  const [alerts, billingAddress] = [portalAlerts(needs), portalBillingAddress(needs)];
  await cloud.settle(HOUR_MS / 2);
  await clock.advanceBy(HOUR_MS);
  return { tollgate, clock, cloud, alerts, billingAddress };
}

test('a webhook answers 500 twice, then takes the alert: signed, with one id, and no more afterwards', async () => {
  const { posts, url } = await receiver([500, 500]);
  const { clock, cloud, alerts } = await shop('billing@acme.example');
  const { secret } = await alerts.setTarget('acme', url);
  // 3.00 of fees are half of it.
  await alerts.setCap('acme', { amount: '6.00', mode: 'soft' });
  await clock.advanceBy(10 * MINUTE_MS);
  expect(posts).toHaveLength(3);
  expect(new Set(posts.map(({ headers }) => headers['tollgate-id'])).size).toBe(1);
  for (const { body, headers } of posts) {
    const [, time = '', hex = ''] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(headers['tollgate-signature'])) ?? [];
    expect(createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')).toBe(hex);
    expect(JSON.parse(body)).toMatchObject({
      type: 'spend-cap',
      customer: 'acme',
      data: { threshold: 50, mode: 'soft' },
    });
  }
  await clock.advanceBy(3 * HOUR_MS);
  expect(posts).toHaveLength(3);
  expect(cloud.mails).toHaveLength(1);
  const { deliveries } = await alerts.view('acme', null);
  expect(deliveries.map(({ channel, state, attempt }) => `${channel} ${state} ${attempt}`).sort()).toEqual([
    'mail billing@acme.example sent 1',
    'webhook sent 3',
  ]);
}, 120_000);

test('mail that bounces is the last one to that address: the record says so, and the webhook is told', async () => {
  const address = 'bounce@simulator.amazonses.com';
  const { posts, url } = await receiver();
  const { tollgate, clock, cloud, alerts } = await shop(address);
  await alerts.setTarget('acme', url);
  await alerts.setCap('acme', { amount: '6.00', mode: 'soft' });
  await clock.advanceBy(10 * MINUTE_MS);
  expect(cloud.mails.map(({ state }) => state)).toEqual(['bounced']);
  expect((await tollgate.stores.directory.profile('acme'))?.mailTrouble).toMatchObject([{ address, use: 'billing' }]);
  expect((await alerts.view('acme', null)).addresses).toMatchObject([
    { address, chosen: true, bounced: expect.stringContaining('550') },
  ]);
  expect(posts.map(({ body }) => JSON.parse(body).type).sort()).toEqual(['mail-bounced', 'spend-cap']);
  await alerts.choose('acme', { kinds: ['spend-cap'], addresses: [address], report: 'attached' }, null);
  await alerts.setCap('acme', { amount: '3.50', mode: 'soft' });
  await clock.advanceBy(10 * MINUTE_MS);
  expect([cloud.mails.length, posts.length]).toEqual([1, 3]);
}, 120_000);

test('a billing address is mailed a link and nothing else; once it is confirmed, what follows goes there', async () => {
  const { clock, cloud, alerts, billingAddress } = await shop('old@acme.example');
  await billingAddress.ask('acme', 'new@acme.example');
  await alerts.setCap('acme', { amount: '6.00', mode: 'soft' });
  await clock.advanceBy(10 * MINUTE_MS);
  const toNew = () => cloud.mails.filter(({ to }) => to.includes('new@acme.example'));
  expect(toNew().map(({ subject }) => subject)).toEqual(['Confirm this address for invoices']);
  expect(cloud.mails.filter(({ to }) => to.includes('old@acme.example'))).toHaveLength(1);
  const token = /\/billing-address\/(\S+)/.exec(toNew()[0]?.text ?? '')?.[1] ?? '';
  expect(await billingAddress.confirm(token)).toEqual({ customer: 'acme', address: 'new@acme.example' });
  expect(await billingAddress.confirm(token)).toBe('void');
  await alerts.setCap('acme', { amount: '3.50', mode: 'soft' });
  await clock.advanceBy(10 * MINUTE_MS);
  expect(toNew()).toHaveLength(2);
  expect(cloud.mails.filter(({ to }) => to.includes('old@acme.example'))).toHaveLength(1);
}, 120_000);

test('the month’s report comes by mail once its invoice is out, as a PDF; or as a link that can be made void', async () => {
  const { clock, cloud, alerts } = await shop('billing@acme.example');
  for (let at = PERIOD_END; at <= PERIOD_END + 30 * HOUR_MS; at += HOUR_MS) await clock.advanceTo(at);
  const reports = cloud.mails.filter(({ subject }) => subject.includes('Usage report of December 2025'));
  expect(reports).toHaveLength(1);
  const [file] = reports[0]?.attachments ?? [];
  expect(file?.name).toBe('acme-2025-12.pdf');
  expect(
    Buffer.from(file?.content ?? [])
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  await clock.advanceBy(24 * HOUR_MS);
  expect(cloud.mails.filter(({ subject }) => subject.includes('report'))).toHaveLength(1);
  expect(await alerts.reportLink('nothing')).toBeUndefined();
}, 180_000);
