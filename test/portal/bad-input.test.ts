import { newProfile } from '../../lib/domain/entitlement/profile.ts';
import { digestOf } from '../../lib/domain/invoicing/canonical.ts';
import type { Hour } from '../../lib/domain/time/time.ts';
import { DAY_MS, hourOf, parseTimestamp } from '../../lib/domain/time/time.ts';
import { SESSION_MS } from '../../lib/portal/session/session.ts';
import { decisionOf } from '../domain/reporting/report-world.ts';
import { shippedRules } from '../domain/rules/shipped-rules.ts';
import { invoiceOf, NOW, type PortalWorld, portalWorld, proofOf, useSome } from './portal-world.ts';

let world: PortalWorld;
let ann: ReturnType<PortalWorld['browser']>;
const SINCE = parseTimestamp('2026-09-15T08:00:00Z');

/** A customer on a price, and its admin, signed in. */
async function customer(change: object = {}, profileChange: object = {}): Promise<void> {
  const acme = { id: 'acme', name: 'Acme', createdAt: '2026-09-15', keys: [], facts: {}, overrides: {}, ...change };
  await world.directory.register({ ...newProfile(acme, SINCE), ...profileChange });
  await world.decisions.record(decisionOf({ customer: 'acme', effectiveFrom: hourOf(SINCE) }));
  await world.join('ann', 'acme');
  ann = world.browser();
  await ann.signIn('ann');
}

beforeEach(async () => {
  world = portalWorld();
  await world.rulesets.publish({ hash: 'r1', commit: 'abc', effectiveFrom: 0 as Hour, files: shippedRules() });
});

const PAGES = [
  ...['/', '/usage', '/usage/2026-10', '/usage/2026-11/report', '/usage/2026-11/report.pdf', '/invoices', '/keys'],
  ...['/plan', '/account', '/account/data', '/account/data/facts/industry', '/account/data/erase', '/prices'],
];
const everyPageAnswers = async () => {
  for (const path of PAGES) expect([path, (await ann.get(path)).status, world.reports]).toEqual([path, 200, []]);
};

test('no usage: every page answers, and the one on usage says so', async () => {
  await customer();
  await everyPageAnswers();
  expect((await ann.get('/usage')).text).toContain('No billable calls in November 2026');
});

test('a million calls in an hour are counted and shown to the last one', async () => {
  await customer();
  await useSome(world, 'acme', '1000001');
  await everyPageAnswers();
  expect((await ann.get('/usage')).text).toContain('1,000,001');
  expect((await ann.get('/usage/2026-11/report')).text).toContain('1,000,001');
});

test('40 keys are all listed, in a page below 100 KB; the one too many is refused with what to do', async () => {
  await customer();
  for (let n = 0; n < 40; n++) await world.key('acme', `key number ${n}`);
  const { text } = await ann.get('/keys');
  for (let n = 0; n < 40; n++) expect(text).toContain(`key number ${n}<`);
  expect(Buffer.byteLength(text)).toBeLessThan(100_000);
  const [some] = await world.directory.keys('acme');
  for (let n = 40; n < 100; n++)
    if (some) await world.directory.putKey({ ...some, hash: String(n).padStart(64, '0'), name: `key ${n}` });
  expect(await world.directory.keys('acme')).toHaveLength(100);
  const refused = await ann.send('/keys', '/keys', { name: 'one more', mode: 'live' });
  expect([refused.status, refused.text]).toEqual([400, expect.stringMatching(/[Rr]evoke/)]);
  expect(await world.directory.keys('acme')).toHaveLength(100);
});

test('a name of 200 characters in another script is shown whole, also in reports; files keep plain names', async () => {
  const name = '株式会社とても長い名前'.repeat(20).slice(0, 200);
  await customer({ name });
  await everyPageAnswers();
  for (const path of ['/', '/account', '/usage/2026-11/report']) expect((await ann.get(path)).text).toContain(name);
  const { headers } = await ann.get('/usage/2026-11/report.csv');
  expect(headers.get('content-disposition')).toBe('attachment; filename="acme-2026-11-report.csv"');
});

test('a name with markup in it is text', async () => {
  await customer({ name: '<script>alert(1)</script>' });
  for (const path of ['/', '/account', '/usage/2026-11/report'])
    expect((await ann.get(path)).text).not.toContain('<script>alert');
});

test('a time zone 14 hours away: pages say UTC, the report’s week is in the customer’s zone', async () => {
  await customer({ timeZone: 'Pacific/Kiritimati' });
  await useSome(world, 'acme', '7');
  await everyPageAnswers();
  expect((await ann.get('/usage')).text).toContain('Day (UTC)');
  const report = JSON.parse((await ann.get('/usage/2026-11/report.json')).text);
  expect(report.customer.timeZone).toBe('Pacific/Kiritimati');
});

test('a currency without decimals has none on any page', async () => {
  await customer();
  const record = invoiceOf('acme', 'yen');
  const lines = (record.invoice?.lines ?? []).map((line) => ({ ...line, amount: '9600', unitPrice: '0.04' }));
  const { digest: _, ...content } = { ...record.invoice, currency: 'JPY', total: '9600', lines, digest: '' };
  await world.invoices.put({ ...record, invoice: { ...content, digest: digestOf(content) } as never });
  for (const path of ['/invoices', '/invoices/2026-10']) {
    const { text } = await ann.get(path);
    expect(text).toContain('JPY 9,600');
    expect(text).not.toContain('9,600.00');
  }
});

test('an invoice with outcomes has every report of one to download, and any other invoice has none', async () => {
  await customer();
  const record = invoiceOf('acme', 'mark');
  await world.invoices.put(record);
  expect((await ann.get('/invoices/2026-10')).text).not.toContain('outcomes.csv');
  expect((await ann.get('/invoices/2026-10/outcomes.csv')).status).toBe(404);
  const [start, at] = ['2026-10-01T00:00:00Z', '2026-10-05T12:00:00Z'];
  const late = { id: '=shop#b-2', at: '2026-10-05T11:59:59.5Z', reverses: null, why: 'has no touch' };
  const page = {
    ...{ start, currency: 'USD', charged: [{ id: '/shop#b-1', at, charged: '8.00' }], notCounted: [late] },
    givenBack: [{ id: '/shop#r-1', at: '2026-10-06T12:00:00Z', reverses: '/shop#b-1', charged: '8.00' }],
  };
  const { digest: _, ...content } = { ...record.invoice, outcomes: [page], digest: '' };
  const invoice = { ...content, digest: digestOf(content) } as never;
  await world.invoices.replace({ ...record, invoice, version: record.version + 1 });
  expect((await ann.get('/invoices/2026-10')).text).toContain('/invoices/2026-10/outcomes.csv');
  expect((await ann.get('/invoices/2026-10/outcomes.csv')).text.trim().split('\r\n')).toEqual([
    'period,id,at,became,reverses,amount,currency,why',
    `${start},'=shop#b-2,2026-10-05T11:59:59.5Z,not counted,,,,has no touch`,
    `${start},/shop#b-1,${at},charged,,8.00,USD,`,
    `${start},/shop#r-1,2026-10-06T12:00:00Z,given back,/shop#b-1,-8.00,USD,`,
  ]);
});

test('a month that is open is called so wherever its numbers stand', async () => {
  await customer();
  await useSome(world, 'acme', '12');
  expect((await ann.get('/usage')).text).toContain('so far');
  expect((await ann.get('/usage/2026-11/report')).text).toContain('still open');
  expect(JSON.parse((await ann.get('/usage/2026-11/report.json')).text).period.state).toBe('open');
});

test('a suspended customer still reads its pages, sees why, and can pay', async () => {
  await customer({}, { status: 'suspended', statusReason: 'payment-overdue' });
  await world.invoices.put(invoiceOf('acme', 'mark'));
  await everyPageAnswers();
  const { text } = await ann.get('/');
  expect(text).toContain('Calls are refused.');
  expect(text).toMatch(/href="\/invoices[^"]*"/);
  expect((await ann.get('/invoices/2026-10/pay')).headers.get('location')).toBe('https://stripe.example/in_mark');
});

test('a session that ends while a form is open: what was typed stands in it after signing in again', async () => {
  await customer();
  const at = '/account/data/facts/callsLast30Days';
  const proof = proofOf((await ann.get(at)).text, `${at}/object`);
  world.time.now += SESSION_MS;
  const ended = await ann.post(`${at}/object`, { ...proof, objection: 'Our traffic is seasonal.' });
  expect([ended.status, ended.text]).toEqual([401, expect.stringContaining(encodeURIComponent(at))]);
  expect(await world.requests.ofCustomer('acme')).toEqual([]);
  await ann.signIn('ann', at);
  const again = (await ann.get(at)).text;
  expect(again).toContain('Our traffic is seasonal.</textarea>');
  const sent = await ann.post(`${at}/object`, {
    ...proofOf(again, `${at}/object`),
    objection: 'Our traffic is seasonal.',
  });
  expect(sent.status).toBe(303);
  expect(await world.requests.ofCustomer('acme')).toMatchObject([{ statement: 'Our traffic is seasonal.' }]);
});

test('a request sent twice is made once, and the second answer says so', async () => {
  await customer();
  const at = '/account/data/facts/callsLast30Days';
  const fields = { ...proofOf((await ann.get(at)).text, `${at}/ask`), correction: 'You counted a test.' };
  const answers = await Promise.all([ann.post(`${at}/ask`, fields), ann.post(`${at}/ask`, fields)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
  expect(await world.requests.ofCustomer('acme')).toHaveLength(1);
});

test.each([
  ['empty', ' ', 'Say it in a few words'],
  ['longer than a form holds', 'x'.repeat(2_001), 'Say it in 2,000 characters'],
])('a statement that is %s is asked for again, and nothing that was typed is lost', async (_, correction, message) => {
  await customer();
  const at = '/account/data/facts/callsLast30Days';
  const { status, text } = await ann.send(at, `${at}/ask`, { correction });
  expect([status, text]).toEqual([400, expect.stringContaining(message)]);
  expect(text).toContain(`${correction.trim()}</textarea>`);
  expect(await world.requests.ofCustomer('acme')).toEqual([]);
});

test.each([
  ['companySize', 'many', 'A number, in digits'],
  ['companySize', '-4', 'Not below zero'],
  ['companySize', '', 'Say something here'],
  ['industry', 'piracy', 'Choose one of the list'],
  ['country', 'x'.repeat(201), 'At most 200 characters'],
])('a fact %s is not set to %j: what is wrong stands beside it', async (fact, value, message) => {
  await customer();
  const at = `/account/data/facts/${fact}`;
  const { status, text } = await ann.send(at, `${at}/correct`, { value });
  expect([status, text]).toEqual([400, expect.stringContaining(message)]);
  expect(await world.directory.profile('acme')).toMatchObject({ customer: { facts: {} } });
});

test.each(['callsLast30Days', 'startupProgramme', 'chosenCard'])(
  'a fact that a customer does not state itself, %s, cannot be set by a forged form',
  async (fact) => {
    await customer();
    const { csrf } = proofOf((await ann.get('/keys')).text, '/keys');
    const fields = { csrf, form: world.settings.random(12), value: 'true', confirmed: 'yes' };
    expect((await ann.post(`/account/data/facts/${fact}/correct`, fields)).status).toBe(404);
    expect(await world.directory.profile('acme')).toMatchObject({ customer: { facts: {} } });
    expect(world.evaluations.sent).toEqual([]);
  },
);

test.each(['rival', 'rival%2F2026-10', '2026-10%00rival', '%2e%2e%2frival'])(
  'a report or a bundle asked for as %s is not there',
  async (id) => {
    await customer();
    await world.register('rival', 'Rival');
    await world.invoices.put(invoiceOf('rival', 'RIVALMARK'));
    for (const path of [
      `/usage/${id}/report`,
      `/invoices/${id}/bundle`,
      `/invoices/${id}/bundle.gz`,
      `/customers/${id}`,
    ])
      expect([path, (await ann.get(path)).status]).toEqual([path, 404]);
    const whose = (await ann.get(`/usage/2026-10/report.json?customer=${id}`)).text;
    expect(JSON.parse(whose).customer.id).toBe('acme');
  },
);

test('a file that is larger than a page may be leaves by a signed link; one that has gone is not there', async () => {
  await customer();
  await world.invoices.put(invoiceOf('acme', 'mark'));
  const { ask, find } = world.ports.requests;
  await ask('acme', { kind: 'bundle', subject: '2026-10', askedBy: 'Ann' });
  const request = await find('acme', 'bundle', '2026-10');
  const done = { ...request, state: 'done', settledAt: NOW, version: 2 } as never as NonNullable<typeof request>;
  const key = 'downloads/acme/bundle/x.gz';
  await world.requests.put({ ...done, file: { key, bytes: 50_000_000, name: 'acme-2026-10.bundle.gz' } });
  const large = await ann.get('/invoices/2026-10/bundle.gz');
  expect([large.status, large.headers.get('location')]).toEqual([302, `https://s3.example/${key}?signed`]);
  world.time.now += 6 * DAY_MS;
  await ann.signIn('ann');
  expect((await ann.get('/invoices/2026-10/bundle.gz')).status).toBe(404);
  world.time.now -= 6 * DAY_MS;
  await ann.signIn('ann');
  await world.requests.put({ ...done, version: 3, file: { key, bytes: 50, name: 'acme-2026-10.bundle.gz' } });
  expect((await ann.get('/invoices/2026-10/bundle.gz')).status).toBe(404);
});
