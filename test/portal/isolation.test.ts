import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import { type Hour, parseHour } from '../../lib/domain/time/time.ts';
import { portalRoutes } from '../../lib/portal/routes.ts';
import { SESSION_MS } from '../../lib/portal/session/session.ts';
import { shippedRules } from '../domain/rules/shipped-rules.ts';
import { invoiceOf, ORIGIN, portalWorld, useSome } from './portal-world.ts';

/** Stands in everything that is the rival's, and in nothing of Ann's. */
const MARK = 'RIVALMARK';
const RIVAL_CALLS = '987654';

const world = portalWorld();
let rivalHash = '';
let ownHash = '';
beforeAll(async () => {
  await world.register('acme', 'Acme');
  await world.register('rival', MARK);
  await world.join('ann', 'acme');
  await world.join('rolf-rivalmark', 'rival');
  rivalHash = (await world.key('rival', `${MARK}-key`)).stored.hash;
  ownHash = (await world.key('acme', 'own')).stored.hash;
  await world.invoices.put(invoiceOf('rival', MARK));
  await useSome(world, 'rival', RIVAL_CALLS);
  await useSome(world, 'acme', '12');
  const choice = { card: 'business', from: parseHour('2026-12-01T00:00:00Z'), chosenAt: world.time.now, by: MARK };
  await updateProfile(world.directory, 'rival', (profile) => ({ ...profile, choices: [choice] }));
  await world.ports.members.invite('rival', { email: 'next-rivalmark@example.com', role: 'reader', invitedBy: MARK });
  await world.rulesets.publish({ hash: 'r1', commit: 'abc', effectiveFrom: 0 as Hour, files: shippedRules() });
  for (const [kind, subject] of [
    ['export', ''],
    ['bundle', '2026-10'],
    ['object', MARK],
  ] as const)
    await world.ports.requests.ask('rival', { kind, subject, statement: MARK, askedBy: MARK });
  await world.ports.audit.record('rival', { action: 'key-created', actor: MARK, subject: MARK });
});

/** What an attacker would put into an address: the rival's real ids, and invented ones. */
const FORGED: Readonly<Record<string, readonly string[]>> = {
  ':number': ['2026-10', 'rival', 'rival%2F2026-10', '..%2Frival', "'%20or%201=1"],
  ':fact': ['industry', 'rival', '..%2F..%2Frival', '__proto__'],
  ':token': ['rival', 'WyJyaXZhbCIsIjIwMjYtMTAiLDk5OTk5OTk5OTk5OTksMV0.AAAA', '..%2Frival', '0'.repeat(64)],
  ':card': ['growth', 'enterprise', 'rival', '..%2Frival'],
  ':hash': ['HASH-OF-RIVAL', '0'.repeat(64), '..%2F..%2Frival'],
  ':month{[0-9]{4}-[0-9]{2}}': ['2026-10', '1970-01', '2026-13', '9999-99'],
};

function addressesOf(path: string): string[] {
  const [parameter] = /:\w+(?:\{.*\})?(?=\/|$)/.exec(path) ?? [];
  if (parameter === undefined) return [path];
  const values = FORGED[parameter];
  // A new kind of id has to be added to FORGED: no route is left out because nobody thought of it.
  if (values === undefined) throw new Error(`say what a forged ${parameter} looks like, for ${path}`);
  return values.map((value) => path.replace(parameter, value));
}

const routes = portalRoutes(world.ports).flatMap(({ method, path, access }) =>
  addressesOf(path).map((address) => ({ method, address, access })),
);
const closed = routes.filter(({ access }) => access !== 'public');

async function visit(browser: ReturnType<typeof world.browser>, method: string, template: string, csrf = '') {
  const address = template.replace('HASH-OF-RIVAL', rivalHash);
  if (method === 'GET') return browser.get(address);
  return browser.post(address, { ...FIELDS, csrf, form: world.settings.random(12) });
}

/** Whatever any form of the portal has, with the rival's things in it. */
const FIELDS = {
  customer: 'rival',
  email: 'next-rivalmark@example.com',
  subject: 'rolf-rivalmark',
  name: 'n',
  overlap: 'none',
  billingEmail: 'bills@example.org',
  ...{ value: 'fintech', confirmed: 'yes', customerId: 'rival', correction: 'rival', objection: 'rival' },
  ...{ card: 'growth', token: '0'.repeat(64), timeZone: 'Europe/Berlin', 'fact-industry': 'fintech' },
  issuer: 'https://issuer.example.com',
};

const rivalState = () => customerState('rival');
const customerState = async (customer: string) =>
  JSON.stringify({
    keys: await world.directory.keys(customer),
    members: await world.store.members(customer),
    invitations: await world.store.invitations(customer, world.time.now),
    audit: await world.store.audit(customer, 100),
    requests: await world.requests.ofCustomer(customer),
    profile: await world.directory.profile(customer),
    alerts: await world.alerts.settings.settings(customer),
  });

test('there are routes to walk, and the rival would see the mark on them', async () => {
  expect(closed.length).toBeGreaterThan(20);
  const rolf = world.browser();
  await rolf.signIn('rolf-rivalmark');
  for (const path of ['/', '/plan', '/keys', '/invoices/2026-10', '/account', '/account/data', '/usage/2026-10/report'])
    expect((await rolf.get(path)).text).toContain(MARK);
  expect((await rolf.get('/usage')).text).toContain('987,654');
});

test.each(closed)(
  '$method $address: a session of another customer sees and changes nothing of the rival',
  async ({ method, address }) => {
    const ann = world.browser();
    await ann.signIn('ann');
    const csrf = /name="csrf" value="([^"]+)"/.exec((await ann.get('/keys')).text)?.[1] ?? '';
    expect(csrf).not.toBe('');
    const before = await rivalState();
    const { status, text, headers } = await visit(ann, method, address, csrf);
    expect(status).not.toBe(500);
    const answer = `${text} ${[...headers.values()].join(' ')}`;
    expect(answer).not.toMatch(/rivalmark/i);
    expect(answer).not.toContain('987,654');
    expect(await rivalState()).toBe(before);
  },
);

describe.each(['no session', 'an expired session', 'a forged cookie', 'a session that signed out'])(
  'with %s',
  (kind) => {
    test.each(closed)(
      '$method $address leads to signing in, or says that the session ended',
      async ({ method, address }) => {
        const browser = world.browser();
        const started = world.time.now;
        if (kind !== 'no session') await browser.signIn('rolf-rivalmark');
        if (kind === 'an expired session') world.time.now += SESSION_MS;
        if (kind === 'a forged cookie') {
          for (const name of browser.jar.keys())
            browser.jar.set(name, Buffer.from(JSON.stringify({ id: 'rival' })).toString('base64url'));
        }
        if (kind === 'a session that signed out') {
          const kept = new Map(browser.jar);
          await browser.send('/', '/sign-out');
          for (const [name, value] of kept) browser.jar.set(name, value);
        }
        const before = await rivalState();
        const { status, text, headers } = await visit(browser, method, address);
        world.time.now = started;
        expect(method === 'GET' ? [302] : [401]).toContain(status);
        if (method === 'GET') expect(headers.get('location')).toMatch(/^\/sign-in/);
        expect(text).not.toContain(MARK);
        expect(await rivalState()).toBe(before);
      },
    );
  },
);

test('a member who was removed is out at once, whatever their cookie says', async () => {
  await world.join('carl', 'acme');
  const carl = world.browser();
  await carl.signIn('carl');
  expect((await carl.get('/keys')).status).toBe(200);
  await world.ports.members.remove('acme', { issuer: 'https://issuer.example.com', subject: 'carl' });
  const after = await carl.get('/keys');
  expect([after.status, after.headers.get('location')]).toEqual([302, '/join']);
});

test('a reader changes nothing: every form that an admin may send is refused to them', async () => {
  await world.join('rita', 'acme', 'reader');
  const rita = world.browser();
  await rita.signIn('rita');
  const csrf = /name="csrf" value="([^"]+)"/.exec((await rita.get('/')).text)?.[1] ?? '';
  for (const { method, address } of closed.filter(({ access }) => access === 'admin')) {
    expect([address, (await visit(rita, method, address, csrf)).status]).toEqual([address, 403]);
  }
});

describe.each([
  ['from another origin', { origin: 'https://evil.example.com' }, true],
  ['from an origin that is not named', {}, true],
  ['from a page framed by nobody', { origin: 'null' }, true],
  ['without its token', { origin: ORIGIN }, false],
] as const)('a form %s', (_, headers, withToken) => {
  test.each(closed.filter(({ method }) => method === 'POST'))('$address is not accepted', async ({ address }) => {
    const ann = world.browser();
    await ann.signIn('ann');
    const csrf = /name="csrf" value="([^"]+)"/.exec((await ann.get('/keys')).text)?.[1] ?? '';
    const before = await customerState('acme');
    const fields = { ...FIELDS, customer: 'acme', form: world.settings.random(12), ...(withToken ? { csrf } : {}) };
    const { status } = await ann.post(address.replace('HASH-OF-RIVAL', ownHash), fields, headers);
    expect(status).toBe(403);
    expect(await customerState('acme')).toBe(before);
  });
});

test('one token of another session is as good as none', async () => {
  const [ann, rolf] = [world.browser(), world.browser()];
  await ann.signIn('ann');
  await rolf.signIn('rolf-rivalmark');
  const csrf = /name="csrf" value="([^"]+)"/.exec((await rolf.get('/keys')).text)?.[1] ?? '';
  for (const { address } of closed.filter(({ method }) => method === 'POST'))
    expect((await visit(ann, 'POST', address, csrf)).status).toBe(403);
});
