import type { WatchState } from '../../lib/app/ports/notices.ts';
import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import { reportToken } from '../../lib/domain/alerts/signature.ts';
import { withTrouble } from '../../lib/domain/entitlement/mail-trouble.ts';
import { usageReport } from '../../lib/domain/reporting/usage-report.ts';
import { parseTimestamp } from '../../lib/domain/time/time.ts';
import type { PortalPorts } from '../../lib/portal/ports.ts';
import { reportInput } from '../domain/reporting/report-world.ts';
import { NOW, portalWorld } from './portal-world.ts';

const KEY = Buffer.alloc(32, 9);
const BILL = { total: '61.00', fixed: '49.00', currency: 'USD' };
const looked = (bill: WatchState['bill']): WatchState => ({
  ...{ customer: 'acme', lookedAt: NOW, lookAgainAt: NOW, levels: [], bill, told: [] },
  ...{ spend: 'open', reported: null, version: 1 },
});

async function world(overrides: Partial<PortalPorts> = {}) {
  const portal = portalWorld(overrides);
  await portal.register('acme', 'Acme');
  await portal.join('ann', 'acme');
  await portal.join('rita', 'acme', 'reader');
  await portal.alerts.watches.saveState(looked(BILL));
  const ann = portal.browser();
  await ann.signIn('ann');
  const cap = async (amount: string, mode = 'hard') => ann.send('/alerts', '/alerts/cap', { amount, mode });
  const profile = () => portal.directory.profile('acme');
  return { ...portal, ann, cap, profile, settings: () => portal.alerts.settings.settings('acme') };
}

describe('the cap', () => {
  test('is set, raised and removed; each is written down, dated, and has usage looked at', async () => {
    const { cap, ann, profile, alerts, store } = await world();
    expect((await cap('100')).headers.get('location')).toBe('/alerts?done=cap');
    expect((await profile())?.ownSpendCap).toEqual({ amount: '100.00', mode: 'hard' });
    expect((await profile())?.spendCaps).toEqual([{ cap: { amount: '100.00', mode: 'hard' }, since: NOW }]);
    await cap('1,250.50', 'soft');
    expect((await profile())?.ownSpendCap).toEqual({ amount: '1250.50', mode: 'soft' });
    await ann.send('/alerts', '/alerts/cap/remove');
    expect((await profile())?.ownSpendCap).toBeUndefined();
    expect((await profile())?.spendCaps?.at(-1)?.cap).toBeNull();
    expect(alerts.watchQueue.sent).toEqual(['acme', 'acme', 'acme']);
    const acts = (await store.audit('acme', 10)).map(({ action, subject }) => `${action} ${subject}`.trim());
    expect(acts.sort()).toEqual(expect.arrayContaining(['cap-removed', 'cap-set 100, hard', 'cap-set 1,250.50, soft']));
  });

  test.each([
    ['', /Write an amount/],
    ['much', /Write an amount/],
    ['-5', /Write an amount/],
    ['1e3', /Write an amount/],
    ['100.005', /fewer decimals/],
    ['0', /above zero/],
    ['49.00', /Fees of USD 49.00 are due without a single call/],
  ])('of %j is refused on the page, with what was typed', async (amount, why) => {
    const { cap, profile } = await world();
    const { status, text } = await cap(amount);
    expect([status, (await profile())?.ownSpendCap]).toEqual([400, undefined]);
    expect(text).toMatch(why);
    expect(text).toContain(`value="${amount}"`);
  });

  test('a soft one may lie below the fees; one above the team’s may not', async () => {
    const { cap, profile, directory } = await world();
    await cap('10', 'soft');
    expect((await profile())?.ownSpendCap).toEqual({ amount: '10.00', mode: 'soft' });
    const before = await profile();
    if (!before) throw new Error('registered');
    const overrides = { billing: { spendCap: { amount: '80.00', mode: 'hard' } } };
    await directory.save({ ...before, customer: { ...before.customer, overrides }, version: before.version + 1 });
    const { status, text } = await cap('80.01');
    expect([status, /cap agreed with us is 80.00/.test(text)]).toEqual([400, true]);
    expect((await cap('79.99')).status).toBe(303);
  });

  test('before usage was looked at there is nothing to compare it with: a look is asked for', async () => {
    const { ann, alerts, join, register } = await world();
    await register('new', 'New');
    await join('nina', 'new');
    await ann.signIn('nina');
    const { status, text } = await ann.send('/alerts', '/alerts/cap', { amount: '100', mode: 'hard' });
    expect([status, /try again in a minute/.test(text)]).toEqual([400, true]);
    expect(alerts.watchQueue.sent).toEqual(['new']);
  });
});

describe('what a hard cap bounds, and when calls stop, is said with the very times', () => {
  const said = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  const zoned = async (portal: Awaited<ReturnType<typeof world>>, timeZone: string) =>
    updateProfile(portal.directory, 'acme', (profile) => ({ ...profile, customer: { ...profile.customer, timeZone } }));

  test('set within a period it bounds what is used from the next full hour on; in the customer’s zone too', async () => {
    const portal = await world();
    await zoned(portal, 'America/New_York');
    const read = async () => said((await portal.ann.get('/alerts')).text);
    const hour = '2 November 2026, 10:00 UTC (05:00 in America/New_York)';
    const next = '1 December 2026, 00:00 UTC (30 November 2026, 19:00 in America/New_York)';
    const none = await read();
    expect(none).toContain('There is no hard cap: everything that is used is billed.');
    expect(none).toContain(`bounds this period’s bill from ${hour} on`);
    expect(none).toContain('up to 6 minutes after the call that reaches it');
    await portal.cap('100');
    const set = await read();
    expect(set).toContain(
      `What was used before ${hour} is billed; after it the bill of this period rises to USD 100.00`,
    );
    expect(set).toContain(`From ${next} on no bill exceeds the highest cap of its period.`);
  });

  test('in the next one: its bill never exceeds the cap, which is what invoicing computes', async () => {
    const portal = await world();
    await portal.cap('100');
    await portal.cap('80');
    portal.time.now = parseTimestamp('2026-12-01T00:00:00Z');
    await portal.ann.signIn('ann');
    const text = said((await portal.ann.get('/alerts')).text);
    expect(text).toMatch(/until 1 January 2027, 00:00 UTC\s?, never exceeds USD 80\.00/);
    await portal.cap('90');
    expect(said((await portal.ann.get('/alerts')).text)).toContain('never exceeds USD 90.00');
    await portal.cap('90', 'soft');
    expect(said((await portal.ann.get('/alerts')).text)).toContain('everything that is used is billed');
  });
});

describe('who is told', () => {
  test('mail goes to members only: a stranger’s address in the form is left out', async () => {
    const { ann, settings } = await world();
    await ann.send('/alerts', '/alerts/choices', {
      ...{ 'kind-quota': 'quota', 'kind-x': 'no-such-kind', report: 'link' },
      ...{ 'address-0': 'ann@example.com', 'address-1': 'stranger@example.org' },
    });
    expect(await settings()).toMatchObject({ kinds: ['quota'], addresses: ['ann@example.com'], report: 'link' });
  });

  test('who is removed from the account gets no mail any more', async () => {
    const { ann, settings } = await world();
    const both = { 'address-0': 'ann@example.com', 'address-1': 'rita@example.com', report: 'none' };
    await ann.send('/alerts', '/alerts/choices', both);
    expect((await settings())?.addresses).toEqual(['ann@example.com', 'rita@example.com']);
    const who = { issuer: 'https://issuer.example.com', subject: 'rita', name: 'rita' };
    await ann.send('/account', '/account/members/remove', who);
    expect((await settings())?.addresses).toEqual(['ann@example.com']);
  });

  test('an address that mail came back from stands on every page with what to do, and is not mailed when chosen again', async () => {
    const { ann, alerts, directory, settings, browser } = await world();
    const came = { address: 'ann@example.com', at: NOW, reason: 'bounce: 550 unknown' };
    await alerts.bounces.markBounced(came);
    await updateProfile(directory, 'acme', (profile) => withTrouble(profile, came));
    for (const path of ['/', '/usage', '/plan', '/invoices', '/keys', '/alerts', '/account', '/account/data'])
      expect([path, (await ann.get(path)).text]).toEqual([
        path,
        expect.stringContaining('Mail to ann@example.com comes back'),
      ]);
    expect((await ann.get('/alerts')).text).toContain('mail came back: bounce: 550 unknown');
    const rita = browser();
    await rita.signIn('rita');
    expect((await rita.get('/')).text).toContain('Mail to ann@example.com comes back');
    await ann.send('/alerts', '/alerts/choices', { 'address-0': 'ann@example.com', 'address-1': 'rita@example.com' });
    expect((await settings())?.addresses).toEqual(['rita@example.com']);
    expect(await alerts.bounces.bounced('ann@example.com')).toEqual(came);
    expect((await ann.get('/')).text).not.toContain('comes back');
  });

  test('a reader sees all of it and has no form to change it', async () => {
    const { browser } = await world();
    const rita = browser();
    await rita.signIn('rita');
    const { text } = await rita.get('/alerts');
    expect(text).toContain('The bill of this period so far is');
    expect(text).not.toContain('action="/alerts');
  });
});

describe('the webhook', () => {
  test('has a secret that is shown once and another one after each change', async () => {
    const { ann, settings } = await world();
    const secretIn = (text: string) => /whsec_[\w-]+/.exec(text)?.[0] ?? '';
    const set = await ann.send('/alerts', '/alerts/webhook', { url: 'https://hooks.example.com/a' });
    const rotated = await ann.send('/alerts', '/alerts/webhook/rotate');
    const changed = await ann.send('/alerts', '/alerts/webhook', { url: 'https://hooks.example.com/b' });
    const secrets = [set, rotated, changed].map(({ text }) => secretIn(text));
    expect(new Set(secrets).size).toBe(3);
    expect(secrets.every((secret) => secret.length === 49)).toBe(true);
    const { text } = await ann.get('/alerts');
    for (const secret of secrets) expect([text, JSON.stringify(await settings())].join()).not.toContain(secret);
    expect((await settings())?.target).toMatchObject({ url: 'https://hooks.example.com/b', secret: 3, previous: null });
  });

  test.each(['http://example.com/', 'https://u:p@example.com/', 'nonsense', 'http://127.0.0.1:1/'])(
    '%s is refused on the page',
    async (url) => {
      const { ann, settings } = await world();
      expect((await ann.send('/alerts', '/alerts/webhook', { url })).status).toBe(400);
      expect(await settings()).toBeUndefined();
    },
  );

  test('a test is queued for it alone; without one there is nothing to test, rotate or resume', async () => {
    const { ann, alerts } = await world();
    expect((await ann.post('/alerts/webhook/test', proof(await ann.get('/alerts')))).status).toBe(404);
    await ann.send('/alerts', '/alerts/webhook', { url: 'https://hooks.example.com/a' });
    expect((await ann.send('/alerts', '/alerts/webhook/test')).headers.get('location')).toBe('/alerts?done=tested');
    expect(alerts.noticeQueue.sent.map(({ message }) => message)).toEqual([
      { customer: 'acme', notice: '2026-11-02T09:30:00Z webhook-test', channel: 'webhook', attempt: 1 },
    ]);
    expect((await alerts.notices.newest('acme', 1))[0]?.kind).toBe('webhook-test');
  });

  const proof = ({ text }: { text: string }) => ({
    csrf: /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '',
    form: 'f'.repeat(24),
  });
});

describe('a signed link', () => {
  const report = usageReport(reportInput());
  const reports = {
    fonts: () => ({ regular: new Uint8Array(), bold: new Uint8Array() }),
    of: async (customer: string, month: string) => (customer === 'acme' && month === '2026-10' ? report : undefined),
  };
  const link = (change = {}) =>
    `/reports/${reportToken(KEY, { customer: 'acme', month: '2026-10', expiresAt: NOW + 1_000, generation: 1, ...change })}`;

  test('shows that one report to whoever holds it, without a session, kept out of indexes and caches', async () => {
    const { browser } = await world({ reports });
    const { status, text, headers } = await browser().get(link());
    expect([status, text.includes('Acme GmbH')]).toEqual([200, true]);
    expect(text).not.toMatch(/<style|style="|<script/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });

  test.each([
    { title: 'that was changed', address: `${link()}x` },
    { title: 'that has run out', address: link({ expiresAt: NOW }) },
    { title: 'of a customer that is not there', address: link({ customer: 'nobody' }) },
    { title: 'of a month without a report', address: link({ month: '2027-10' }) },
    { title: 'of another generation', address: link({ generation: 0 }) },
  ])('$title leads nowhere', async ({ address }) => {
    const { browser } = await world({ reports });
    expect((await browser().get(address)).status).toBe(404);
  });

  test('made void, those before it lead nowhere; those after do', async () => {
    const { ann, browser } = await world({ reports });
    expect((await browser().get(link())).status).toBe(200);
    await ann.send('/alerts', '/alerts/links/void');
    expect((await browser().get(link())).status).toBe(404);
    expect((await browser().get(link({ generation: 2 }))).status).toBe(200);
  });
});
