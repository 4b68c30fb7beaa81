import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import { plainSettings } from '../../lib/domain/alerts/settings.ts';
import { addressToken } from '../../lib/domain/alerts/signature.ts';
import { CONFIRM_MS, withBillingAddress } from '../../lib/domain/entitlement/billing-address.ts';
import { withTrouble } from '../../lib/domain/entitlement/mail-trouble.ts';
import { DAY_MS } from '../../lib/domain/time/time.ts';
import { ORIGIN, portalWorld } from './portal-world.ts';

const KEY = Buffer.alloc(32, 9);

async function world() {
  const portal = portalWorld();
  await portal.register('acme', 'Acme');
  await portal.join('ann', 'acme');
  await portal.join('rita', 'acme', 'reader');
  const ann = portal.browser();
  await ann.signIn('ann');
  const profile = async () => {
    const found = await portal.directory.profile('acme');
    if (!found) throw new Error('it is registered');
    return found;
  };
  const ask = (billingEmail: string) => ann.send('/account', '/account/billing-address', { billingEmail });
  /** The link as the mail holds it. */
  const link = async (change: object = {}) => {
    const { addressChange: waiting } = (await profile()).billing;
    if (!waiting) throw new Error('nothing waits');
    const says = { customer: 'acme', change: waiting.id, expiresAt: waiting.askedAt + CONFIRM_MS, ...change };
    return `/billing-address/${addressToken(KEY, says)}`;
  };
  /** Whoever reads the mail: signed in nowhere. */
  const reader = portal.browser();
  const press = (path: string, headers: Readonly<Record<string, string>> = { origin: ORIGIN }) =>
    reader.post(path, {}, headers);
  const acts = async () => (await portal.store.audit('acme', 20)).map(({ action, subject }) => `${action} ${subject}`);
  return { ...portal, ann, profile, ask, link, reader, press, acts };
}

test('an address is given, confirmed by whoever reads it, and used from then on; both acts are written down', async () => {
  const { ask, ann, link, reader, press, profile, acts, alerts } = await world();
  expect((await ask(' Bills@Acme.example ')).headers.get('location')).toBe(
    '/account?done=address-asked#billing-address',
  );
  expect((await profile()).billing).toMatchObject({ email: null, addressChange: { address: 'bills@acme.example' } });
  const { change } = { change: (await profile()).billing.addressChange?.id };
  const [sent] = alerts.noticeQueue.sent.map(({ message }) => message);
  expect(await alerts.notices.get('acme', sent?.notice ?? '')).toMatchObject({
    kind: 'billing-address',
    data: { change },
  });
  expect((await ann.get('/account')).text).toMatch(/bills@acme.example<\/strong> waits to be confirmed/);
  const page = await reader.get(await link());
  expect([page.status, page.text.includes('Confirm this address')]).toEqual([200, true]);
  expect((await profile()).billing.email).toBeNull();
  expect((await press(await link())).text).toContain('The address is confirmed');
  expect((await profile()).billing).toEqual({ stripeCustomer: null, email: 'bills@acme.example', overdueSince: null });
  expect((await ann.get('/account')).text).toContain('mailed to <strong>bills@acme.example</strong>');
  expect(await acts()).toEqual(
    expect.arrayContaining([
      'billing-address-asked bills@acme.example',
      'billing-address-confirmed bills@acme.example',
    ]),
  );
});

test('until then the old one stays; alerts that went there go to the new one with the confirmation', async () => {
  const { ask, link, press, profile, directory, alerts, reader } = await world();
  const before = await profile();
  const billing = { ...before.billing, email: 'old@acme.example' };
  await directory.save({ ...before, billing, version: before.version + 1 });
  const addresses = ['ann@example.com', 'old@acme.example'];
  await alerts.settings.saveSettings({ ...plainSettings('acme'), addresses, version: 1 });
  await ask('new@acme.example');
  expect((await profile()).billing.email).toBe('old@acme.example');
  await reader.get(await link());
  expect((await alerts.settings.settings('acme'))?.addresses).toEqual(addresses);
  await press(await link());
  expect((await profile()).billing.email).toBe('new@acme.example');
  expect((await alerts.settings.settings('acme'))?.addresses).toEqual(['ann@example.com', 'new@acme.example']);
});

test('Stripe is told at once where it knows the customer', async () => {
  const { ask, link, press, profile, directory, toldStripe } = await world();
  const before = await profile();
  const billing = { ...before.billing, stripeCustomer: 'cus_1' };
  await directory.save({ ...before, billing, version: before.version + 1 });
  await ask('new@acme.example');
  expect(toldStripe).toEqual([]);
  await press(await link());
  expect(toldStripe.map(({ id, email }) => [id, email])).toEqual([['acme', 'new@acme.example']]);
});

describe('a link', () => {
  test('works once', async () => {
    const { ask, link, press, profile } = await world();
    await ask('bills@acme.example');
    const address = await link();
    await press(address);
    const version = (await profile()).version;
    const again = await press(address);
    expect([again.status, again.text.includes('does nothing any more')]).toEqual([404, true]);
    expect((await profile()).version).toBe(version);
  });

  test('pressed by two at once, is used by one', async () => {
    const { ask, link, press, acts } = await world();
    await ask('bills@acme.example');
    const address = await link();
    const statuses = (await Promise.all([press(address), press(address)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 404]);
    expect((await acts()).filter((act) => act.startsWith('billing-address-confirmed'))).toHaveLength(1);
  });

  test('is void once another address was given, or it was withdrawn', async () => {
    const { ask, link, press, profile, ann } = await world();
    await ask('one@acme.example');
    const first = await link();
    await ask('two@acme.example');
    expect((await press(first)).status).toBe(404);
    const second = await link();
    await ann.send('/account', '/account/billing-address/withdraw');
    expect((await press(second)).status).toBe(404);
    expect((await profile()).billing).toEqual({ stripeCustomer: null, email: null, overdueSince: null });
  });

  test('runs out after two days, and the page asks no more', async () => {
    const { ask, link, press, time, ann } = await world();
    await ask('bills@acme.example');
    const address = await link({ expiresAt: Number.MAX_SAFE_INTEGER });
    time.now += CONFIRM_MS;
    expect((await press(address)).status).toBe(404);
    await ann.signIn('ann');
    expect((await ann.get('/account')).text).not.toContain('waits to be confirmed');
  });

  test.each(['x', 'W10.AAAA', '...', `${'a'.repeat(400)}.b`])('that was made up (%s) does nothing', async (token) => {
    const { ask, press, reader, profile } = await world();
    await ask('bills@acme.example');
    expect((await reader.get(`/billing-address/${token}`)).status).toBe(404);
    expect((await press(`/billing-address/${token}`)).status).toBe(404);
    expect((await profile()).billing.email).toBeNull();
  });

  test('of a report does not pass for it, nor a button on another site’s page', async () => {
    const { ask, link, press, profile } = await world();
    await ask('bills@acme.example');
    expect((await press(await link(), { origin: 'https://evil.example' })).status).toBe(403);
    expect((await press(await link(), {})).status).toBe(403);
    expect((await profile()).billing.email).toBeNull();
  });
});

test.each([
  ['', /not an e-mail address/],
  ['nobody', /not an e-mail address/],
  ['a@b', /not an e-mail address/],
])('%j is refused on the page, with what was typed', async (text, why) => {
  const { ask, profile, alerts } = await world();
  const { status, text: page } = await ask(text);
  expect([status, why.test(page), page.includes(`value="${text}"`)]).toEqual([400, true, true]);
  expect((await profile()).billing.addressChange).toBeUndefined();
  expect(alerts.noticeQueue.sent).toEqual([]);
});

test('an address that mail came back from is not written to', async () => {
  const { ask, alerts, time } = await world();
  await alerts.bounces.markBounced({ address: 'gone@acme.example', at: time.now, reason: 'bounce: 550' });
  const { status, text } = await ask('Gone@acme.example');
  expect([status, text.includes('came back')]).toEqual([400, true]);
  expect(alerts.noticeQueue.sent).toEqual([]);
});

test('five links a day, then it says to wait; a reader of the account sends none', async () => {
  const { ask, browser, alerts, time, ann } = await world();
  for (let n = 1; n <= 5; n++) expect((await ask(`a${n}@acme.example`)).status).toBe(303);
  expect((await ask('a6@acme.example')).status).toBe(429);
  expect(alerts.noticeQueue.sent).toHaveLength(5);
  const rita = browser();
  await rita.signIn('rita');
  expect((await rita.get('/account')).text).not.toContain('action="/account/billing-address"');
  time.now += 2 * DAY_MS;
  await ann.signIn('ann');
  expect((await ask('a7@acme.example')).status).toBe(303);
});

test('a billing address that mail came back from is said on every page until another one is confirmed', async () => {
  const { ann, ask, link, press, directory, time } = await world();
  await updateProfile(directory, 'acme', (profile) => {
    const came = { address: 'gone@acme.example', at: time.now, reason: 'complaint: abuse' };
    return withTrouble(withBillingAddress(profile, 'gone@acme.example'), came);
  });
  const { text } = await ann.get('/usage');
  expect(text).toContain('Mail to gone@acme.example was reported as unwanted');
  expect(text).toContain('href="/account#billing-address"');
  await ask('new@acme.example');
  expect((await ann.get('/usage')).text).toContain('gone@acme.example');
  await press(await link());
  expect((await ann.get('/usage')).text).not.toContain('gone@acme.example');
});
