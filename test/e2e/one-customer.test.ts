import { createHash } from 'node:crypto';
import type { ClosedHour } from '../../lib/domain/metering/meters.ts';
import { formatHour, HOUR_MS, MINUTE_MS, parseMonth } from '../../lib/domain/time/time.ts';
import type { Passage } from '../../lib/local/cloud/index.ts';
import { COMMIT, customer, eventRequest, startShop, stopShops, tokensEvent } from './shop.ts';

const JANUARY = parseMonth('2026-01');
/** 36 hours before the month ends: 36/744 of it. */
const START = Date.UTC(2026, 0, 30, 12);

/** Every log record and every notification arrives twice. */
const doubled = (passage: Passage) => (passage === 'firehose-record' || passage === 'object-notification' ? 2 : 1);

let world: Awaited<ReturnType<typeof startShop>> & { readonly api: string; readonly ingress: string };

beforeAll(async () => {
  const shop = await startShop({ start: START, faults: { copies: doubled } });
  const { cloud } = shop.tollgate;
  const api = (await cloud.listen(cloud.gateway(), 0)).url();
  const ingress = (await cloud.listen(cloud.ingress, 0)).url();
  world = { ...shop, api, ingress };
}, 60_000);
afterAll(stopShops);

async function call(path: string, key?: string, method = 'GET') {
  const response = await fetch(`${world.api}${path}`, {
    method,
    headers: key === undefined ? {} : { 'x-api-key': key },
  });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
}

/** Calls that pass, slowly enough for the throttle. */
async function pass(count: number, path: string, key: string, method = 'GET') {
  for (let i = 0; i < count; i++) {
    await world.clock.advanceBy(2_000);
    expect(await call(path, key, method)).toMatchObject({ status: 200 });
  }
}

/** Names before no name. */
const byMeterAndGroup = (a: unknown[], b: unknown[]) =>
  JSON.stringify(a.slice(0, 2)) < JSON.stringify(b.slice(0, 2)) ? -1 : 1;

/** As docs say it: the rows as JSON lists, hashed. Written anew here, so that the code cannot agree with itself alone. */
const digestOf = (rows: readonly ClosedHour[]) =>
  createHash('sha256')
    .update(
      JSON.stringify(
        rows.map(({ hour, adjustment, ruleset, digest, usage }) => [
          ...[formatHour(hour), adjustment, ruleset, digest],
          usage.map(({ meter, group, quantity }) => [meter, group, quantity, null]).sort(byMeterAndGroup),
        ]),
      ),
    )
    .digest('hex');

test('one customer by HTTP, from the first key to a paid invoice, every number by hand', async () => {
  const { tollgate, clock, ingress } = world;
  const { cloud, stores, stripe } = tollgate;

  // A key, which opens nothing until its customer is placed in a usage plan.
  await tollgate.importCustomers([customer('acme', 'retail')]);
  const key = await tollgate.createKey('acme', 'production', 'live');
  await cloud.settle(HOUR_MS / 2);
  expect(key).toMatch(/^tg_live_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/);

  // No key, one that cannot be one, one that nobody has: the same answer, which says nothing more.
  const unknown = 'tg_live_00000000000000000000000000000000_3HZbFa';
  for (const wrong of [undefined, 'not-a-key', `${key}x`, unknown])
    expect(await call('/search', wrong)).toEqual({ status: 401, retryAfter: null, body: { message: 'Unauthorized' } });

  await pass(8, '/search', key);
  await pass(2, '/places/7', key);
  await pass(3, '/payments', key, 'POST');
  // Outside the card's features.
  expect(await call('/exports/1', key)).toEqual({
    ...{ status: 403, retryAfter: null },
    body: { message: 'Forbidden', reason: 'feature-not-included' },
  });

  // A burst of five passes at once, the sixth does not.
  await clock.advanceBy(MINUTE_MS);
  const burst = [];
  for (let i = 0; i < 6; i++) burst.push(await call('/status', key));
  expect(burst.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
  expect(burst[5]).toEqual({
    ...{ status: 429, retryAfter: '1' },
    body: { message: 'Too many requests', reason: 'throttle' },
  });

  // Usage that the log cannot see. The same event again is taken and counts once; another body is a conflict.
  const event = tokensEvent('e-1', 'acme', '2026-01-30T12:05:00Z', '2600');
  const post = async (body: object) => (await fetch(`${ingress}/events`, eventRequest(body))).status;
  expect(await post(event)).toBe(202);
  expect(await post(event)).toBe(202);
  expect(await post({ ...event, data: { ...event.data, quantity: '1' } })).toBe(409);
  expect(await post({ ...event, time: '2026-01-30T12:06:00Z' })).toBe(409);
  const unsigned = await fetch(`${ingress}/events`, { method: 'POST', body: JSON.stringify(event) });
  expect(unsigned.status).toBe(403);

  // Provisional, minutes later: 10 searches, 5 status calls, 3 payments.
  await cloud.settle(HOUR_MS);
  const provisional = await stores.provisional.provisional('acme', JANUARY);
  expect(provisional.map(({ counters }) => counters)).toEqual([
    { 'c:api-calls|': '15', 'c:api-calls|payments': '3', 'c:tokens|': '2600' },
  ]);

  // 26 hours after the month its last hour is closed, after 27 it is invoiced, and then collected.
  for (let at = JANUARY.end; at <= JANUARY.end + 31 * HOUR_MS; at += HOUR_MS) await clock.advanceTo(at);

  const rows = (await stores.usage.closedHours('acme', JANUARY)).filter(({ usage }) => usage.length > 0);
  expect(rows.map(({ hour, adjustment, usage }) => [formatHour(hour), adjustment, usage])).toEqual([
    [
      ...['2026-01-30T12:00:00Z', 0],
      [
        { meter: 'api-calls', group: null, quantity: '15' },
        { meter: 'api-calls', group: 'payments', quantity: '3' },
        { meter: 'tokens', group: null, quantity: '2600' },
      ],
    ],
  ]);
  const markers = await stores.usage.markers(JANUARY);
  expect(markers).toHaveLength(31 * 24);
  const marker = markers.find(({ hour }) => hour === rows[0]?.hour);
  expect(rows[0]?.digest).toBe(marker?.digest);
  // Each of 4 + 13 + 1 + 6 = 24 calls was logged once and arrived twice, as did 2 posts of one event.
  const read = 24 * 2 + 2 * 2;
  // Neither the four 401, nor the 403, nor the 429 is billed: 18 calls and 1 event are left.
  expect(marker?.lines).toEqual({ read, counted: 19, notBillable: 6, duplicate: 27, malformed: 0 });

  const decision = await stores.decisions.inForceAt('acme', rows[0]?.hour as never);
  expect(decision).toMatchObject({
    ...{ segments: ['shop'], tierRule: 'starter-for-shops', rateCard: 'starter@2026-01-01' },
    ruleset: { commit: COMMIT, hash: rows[0]?.ruleset },
  });

  // By hand: 62.00 × 36/744 hours = 3.00; 15 calls: 3 free, 4 at 0.10, 8 at 0.05; 3 payments at 0.25;
  // 2,600 tokens: 500 free, 2,100 in 3 packages of 1,000 at 0.40. 3.00 + 0.40 + 0.40 + 0.75 + 1.20 = 5.75.
  const [record, ...others] = await stores.invoices.ofCustomer('acme');
  expect(others).toEqual([]);
  expect(record?.held).toBeNull();
  const lines = record?.invoice?.lines ?? [];
  expect(
    lines.map(({ kind, charge, group, tier, quantity, amount }) => [kind, charge, group, tier, quantity, amount]),
  ).toEqual([
    ['flat', 'platform', null, null, null, '3.00'],
    ['included', 'calls', null, null, '3', '0.00'],
    ['usage', 'calls', null, 1, '4', '0.40'],
    ['usage', 'calls', null, 2, '8', '0.40'],
    ['usage', 'payments', 'payments', null, '3', '0.75'],
    ['included', 'tokens', null, null, '500', '0.00'],
    ['usage', 'tokens', null, null, '2100', '1.20'],
  ]);
  expect(record).toMatchObject({ state: 'PAID', held: null, invoice: { currency: 'USD', total: '5.75' } });
  const all = await stores.usage.closedHours('acme', JANUARY);
  for (const line of lines) {
    expect(line).toMatchObject({ rulesCommit: COMMIT, rateCard: 'starter@2026-01-01', rule: 'starter-for-shops' });
    expect(line).toMatchObject({
      usageDigest: digestOf(all),
      from: '2026-01-30T12:00:00Z',
      to: '2026-02-01T00:00:00Z',
    });
  }

  // At Stripe: one invoice, in cents, paid; its webhook is what made ours PAID.
  const invoices = [...stripe.store.invoices.values()];
  expect(invoices).toHaveLength(1);
  expect(invoices[0]).toMatchObject({
    ...{ status: 'paid', currency: 'usd', total: 575, amount_due: 575, amount_paid: 575, amount_remaining: 0 },
    id: record?.stripe.invoice,
  });
  expect(invoices[0]?.metadata).toMatchObject({ tollgate_digest: record?.invoice?.digest });
  const sent = stripe.store.lines.get(invoices[0]?.id ?? '') ?? [];
  expect(sent.map(({ amount }) => amount)).toEqual([300, 0, 40, 40, 75, 0, 120]);
  const paid = stripe.store.events.find(({ type }) => type === 'invoice.paid');
  expect(await stores.invoices.eventSeen(paid?.id ?? '')).toBe(true);
}, 60_000);
