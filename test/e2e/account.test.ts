import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import { HOUR_MS, type Period } from '../../lib/domain/time/time.ts';
import { readBundle } from '../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../lib/domain/verification/verify-bundle.ts';
import { serveMonth } from '../../lib/local/serve.ts';
import { DECLINING_CARD, GOOD_CARD } from '../../lib/local/stripe/payments.ts';
import { anchored, startShop, stopShops } from './shop.ts';
import { type Visitor, visitorOf } from './visitor.ts';

/** Anchored on the second: it is named by its first day. */
const DECEMBER: Period = { start: Date.UTC(2025, 11, 2), end: Date.UTC(2026, 0, 2) };
let world: Awaited<ReturnType<typeof startShop>>;
let served: Awaited<ReturnType<typeof serveMonth>>;
let acme: Visitor;
let key = '';

/** Two shops live the last hours of a period; acme's card is declined, so that its invoice is open when it comes to its pages. */
beforeAll(async () => {
  world = await startShop({ start: Date.UTC(2026, 0, 1, 12), stripe: { cardOf: () => DECLINING_CARD } });
  const { tollgate, clock } = world;
  await tollgate.importCustomers([anchored(2, 'acme', 'retail'), anchored(2, 'rivalco', 'wholesale')]);
  key = await tollgate.createKey('acme', 'production', 'live');
  const theirs = await tollgate.createKey('rivalco', 'production', 'live');
  await tollgate.cloud.settle(HOUR_MS / 2);
  for (let n = 0; n < 6; n++) {
    await clock.advanceBy(20 * 60_000);
    for (const each of [key, theirs])
      await tollgate.cloud.gateway().invoke({ method: 'GET', path: '/search', headers: { 'x-api-key': each } });
  }
  for (let at = DECEMBER.end; at <= DECEMBER.end + 31 * HOUR_MS; at += HOUR_MS) await clock.advanceTo(at);
  const sample = { customer: 'acme', key, path: '/search' };
  served = await serveMonth(
    { tollgate, clock, period: DECEMBER, sample, answers: new Map(), remark: null, goOn: null },
    { port: 0, speed: 600 },
  );
  acme = visitorOf(served.pagesUrl);
  await acme.signIn('acme');
}, 60_000);
afterAll(async () => {
  await served?.close();
  await stopShops();
});

test('a declined card leaves the invoice open; a good one pays it, and the next page says so', async () => {
  expect((await acme.get('/invoices/2025-12-02')).text).toMatch(/Pay USD [\d.,]+/);
  const { headers } = await acme.get('/invoices/2025-12-02/pay');
  const hosted = headers.get('location') ?? '';
  expect(hosted).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/pay\/in_/);
  const pay = (card: string) =>
    fetch(hosted, { method: 'POST', body: new URLSearchParams({ card }), redirect: 'manual' });
  const refused = await pay(DECLINING_CARD);
  expect([refused.status, await refused.text()]).toEqual([200, expect.stringContaining('Your card was declined.')]);
  expect((await acme.get('/invoices/2025-12-02')).text).toMatch(/Pay USD/);
  expect((await pay(GOOD_CARD)).status).toBe(303);
  const after = (await acme.get('/invoices/2025-12-02')).text;
  expect(after).not.toMatch(/Pay USD/);
  expect(after).toMatch(/Receipt at Stripe/);
  expect(await world.tollgate.stores.directory.profile('acme')).toMatchObject({ status: 'active' });
});

test('a payment method is stored on the hosted page, which leads back', async () => {
  const { headers } = await acme.get('/account/payment-method');
  const hosted = headers.get('location') ?? '';
  const answer = await fetch(hosted, {
    method: 'POST',
    body: new URLSearchParams({ card: GOOD_CARD }),
    redirect: 'manual',
  });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${served.pagesUrl}/account`]);
  const { customers } = world.tollgate.stripe.store;
  const stored = [...customers.values()].find(({ metadata }) => JSON.stringify(metadata).includes('acme'));
  expect(stored?.invoice_settings.default_payment_method).toMatch(/^pm_/);
});

test('the evidence of an invoice is asked for, made, downloaded, and verifies', async () => {
  await acme.send('/invoices/2025-12-02/bundle', '/invoices/2025-12-02/bundle');
  await acme.until('/invoices/2025-12-02/bundle', 'Download it');
  const { bytes, headers } = await acme.get('/invoices/2025-12-02/bundle.gz');
  expect(headers.get('content-disposition')).toBe('attachment; filename="acme-2025-12-02.bundle.gz"');
  const text = gunzipSync(bytes);
  expect(text.toString()).not.toContain('rivalco');
  const reading = readBundle(text);
  if (reading.outcome !== 'read') throw new Error(JSON.stringify(reading));
  const report = verifyBundle(reading.bundle, reading.differences, cardRater());
  expect(report).toMatchObject({ verified: true, customer: 'acme', checked: { lines: 6 } });
});

test('everything that is kept is exported, and fits its schema', async () => {
  await acme.send('/account/data/export', '/account/data/export');
  await acme.until('/account/data/export', 'Download it');
  const { text, headers } = await acme.get('/account/data/export.json');
  expect(headers.get('content-type')).toContain('application/json');
  const data = JSON.parse(text);
  const schema = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../docs/schema/customer-data.schema.json'), 'utf8'),
  );
  const fits = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
  fits(data);
  expect(fits.errors ?? []).toEqual([]);
  expect(data).toMatchObject({
    customer: { id: 'acme', facts: { industry: 'retail' } },
    invoices: [{ state: 'PAID' }],
  });
  expect(text).not.toContain(key);
  expect(text).not.toContain('rivalco');
  expect(text).not.toContain('apiKeyId');
});

test('a fact is corrected: first what it changes, then the change, dated ahead', async () => {
  const at = '/account/data/facts/industry';
  expect((await acme.get('/account/data')).text).toContain('What your company does');
  const wrong = await acme.send(at, `${at}/correct`, { value: 'piracy' });
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('Choose one of the list')]);
  const preview = await acme.send(at, `${at}/correct`, { value: 'wholesale' });
  expect(preview.text).toContain('Your price would change.');
  expect(await world.tollgate.stores.directory.profile('acme')).toMatchObject({
    customer: { facts: { industry: 'retail' } },
  });
  const done = await acme.sendFrom(preview.text, `${at}/correct`, { value: 'wholesale', confirmed: 'yes' });
  expect([done.status, done.headers.get('location')]).toEqual([303, '/account/data?done=corrected']);
  await acme.until('/prices', 'Announced</h2><section');
  const made = await world.tollgate.stores.decisions.latest('acme');
  expect(made?.rateCard).toMatch(/^bulk@/);
});

test('what law allows is erased in two steps; the session is over, keys are, and the invoice stays', async () => {
  const erase = '/account/data/erase';
  const slip = await acme.send(erase, erase, { customerId: 'acmee' });
  expect([slip.status, slip.text]).toEqual([400, expect.stringContaining('Nothing was changed')]);
  const first = await acme.send(erase, erase, { customerId: 'acme' });
  expect(first.text).toContain('Last step');
  expect(await world.tollgate.stores.directory.profile('acme')).toMatchObject({ status: 'active' });
  const last = await acme.sendFrom(first.text, erase, { customerId: 'acme', confirmed: 'yes' });
  expect(last.text).toContain('Your account is being erased');
  await acme.untilTrue(async () => (await world.tollgate.stores.directory.profile('acme'))?.erasedAt !== undefined);
  expect((await acme.get('/')).headers.get('location')).toMatch(/development|sign-in/);
  await acme.signIn('acme');
  expect((await acme.get('/')).status).toBe(302);
  const profile = await world.tollgate.stores.directory.profile('acme');
  expect(profile).toMatchObject({ status: 'closed', customer: { name: 'acme', facts: {} } });
  const [stored] = await world.tollgate.stores.directory.keys('acme');
  const atStripe = () =>
    [...world.tollgate.stripe.store.customers.values()].find(({ metadata }) => metadata.tollgate_customer === 'acme');
  await acme.untilTrue(async () => atStripe()?.name === 'acme');
  expect(atStripe()).toMatchObject({ email: null, phone: null, metadata: { tollgate_customer: 'acme' } });
  expect(stored).toMatchObject({ state: 'revoked', name: 'erased' });
  expect((await world.tollgate.stores.invoices.ofCustomer('acme'))[0]?.state).toBe('PAID');
});
