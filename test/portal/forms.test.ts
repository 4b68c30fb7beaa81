import { HOUR_MS, MINUTE_MS } from '../../lib/domain/time/time.ts';
import { IDLE_MS } from '../../lib/portal/session/session.ts';
import { type PortalWorld, portalWorld, proofOf } from './portal-world.ts';

let world: PortalWorld;
let ann: ReturnType<PortalWorld['browser']>;
beforeEach(async () => {
  world = portalWorld();
  await world.register('acme', 'Acme');
  await world.join('ann', 'acme');
  ann = world.browser();
  await ann.signIn('ann');
});
const keyNames = async () => (await world.directory.keys('acme')).map(({ name }) => name);
const KEY = /id="new-key"[^>]*>\s*(tg_(?:live|test)_\w+)/;

describe('a form is accepted', () => {
  test('with its proof: the key is shown this once, and only its ends afterwards', async () => {
    const { text, status } = await ann.send('/keys', '/keys', { name: 'production', mode: 'live' });
    const [, key = ''] = KEY.exec(text) ?? [];
    expect([status, key.length]).toEqual([200, 47]);
    const list = (await ann.get('/keys')).text;
    expect(list).not.toContain(key);
    expect(list).toContain(`tg_live_…${key.slice(-4)}`);
  });

  test('once: sent twice, by two clicks or by reloading, it is done once and says so', async () => {
    const fields = { ...proofOf((await ann.get('/keys')).text, '/keys'), name: 'production' };
    const answers = await Promise.all([ann.post('/keys', fields), ann.post('/keys', fields)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.text).toContain('This was done already');
    expect(await keyNames()).toEqual(['production']);
  });
});

describe('a form is refused, and nothing is changed,', () => {
  test.each([
    { why: 'without a token', change: { csrf: '' } },
    { why: 'with another token', change: { csrf: 'f'.repeat(48) } },
    { why: 'without a form id', change: { form: '' } },
    { why: 'with an id that no form of ours has', change: { form: '../../x' } },
  ])('$why', async ({ change }) => {
    const proof = proofOf((await ann.get('/keys')).text, '/keys');
    const { status, text } = await ann.post('/keys', { ...proof, name: 'production', ...change });
    expect([status, text.includes('That form was not accepted')]).toEqual([403, true]);
    expect(await keyNames()).toEqual([]);
  });

  test.each([{ origin: 'https://evil.example' }, { origin: 'null' }, {}])('from %j', async (headers) => {
    const proof = proofOf((await ann.get('/keys')).text, '/keys');
    const { status } = await ann.post('/keys', { ...proof, name: 'production' }, headers);
    expect(status).toBe(403);
    expect(await keyNames()).toEqual([]);
  });

  test('with the token of another session of the same person', async () => {
    const other = world.browser();
    await other.signIn('ann');
    const { status } = await ann.post('/keys', { ...proofOf((await other.get('/keys')).text, '/keys'), name: 'x' });
    expect(status).toBe(403);
  });

  test('above 64 KB', async () => {
    const proof = proofOf((await ann.get('/keys')).text, '/keys');
    expect((await ann.post('/keys', { ...proof, name: 'x'.repeat(70_000) })).status).toBe(413);
  });
});

describe('a session', () => {
  test('that ends while a form is open keeps what was typed, through signing in again', async () => {
    const proof = proofOf((await ann.get('/keys')).text, '/keys');
    world.time.now += IDLE_MS;
    const ended = await ann.post('/keys', { ...proof, name: 'nightly <import>' });
    expect([ended.status, ended.text.includes('What you typed is kept')]).toEqual([401, true]);
    expect(ended.text).toContain('/sign-in?to=%2Fkeys');
    expect((await ann.signIn('ann', '/keys')).headers.get('location')).toBe('/keys');
    const again = (await ann.get('/keys')).text;
    expect(again).toContain('value="nightly &lt;import&gt;"');
    expect(again).toContain('nothing has been sent yet');
    expect(await keyNames()).toEqual([]);
    expect((await ann.get('/keys')).text).not.toContain('nightly &lt;');
  });

  test('says so when what was typed is too long to keep', async () => {
    world.time.now += IDLE_MS;
    const { text } = await ann.post('/keys', { name: 'x'.repeat(5_000) });
    expect(text).toContain('too long to keep');
  });

  test('lives on while it is used, an hour at a time, and ends after eight hours however busy', async () => {
    for (let minutes = 50; minutes < 480; minutes += 50) {
      world.time.now += 50 * MINUTE_MS;
      expect([minutes, (await ann.get('/')).status]).toEqual([minutes, 200]);
    }
    world.time.now += HOUR_MS / 2;
    expect((await ann.get('/')).status).toBe(302);
  });

  test('is another one after every sign-in, in a cookie that scripts and other sites cannot use', async () => {
    const before = new Map(ann.jar);
    await ann.request('/sign-in/start');
    const back = await ann.request('/sign-in/callback?code=ann&state=s');
    const cookie = back.headers.getSetCookie().find((each) => each.startsWith('__Host-tollgate-session=')) ?? '';
    expect(cookie).toContain('; Path=/; HttpOnly; Secure; SameSite=Lax');
    expect(ann.jar.get('__Host-tollgate-session')).not.toBe(before.get('__Host-tollgate-session'));
  });

  test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/sign-out'])(
    'does not lead to %s after signing in',
    async (to) => {
      expect((await ann.signIn('ann', to)).headers.get('location')).toBe('/');
    },
  );
});

describe('limits', () => {
  test('a customer makes at most twenty keys in ten minutes, then is told to wait', async () => {
    for (let n = 0; n < 20; n++) await ann.send('/keys', '/keys', { name: `key ${n}` });
    const refused = await ann.send('/keys', '/keys', { name: 'one more' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '600']);
    expect(await keyNames()).toHaveLength(20);
    world.time.now += 10 * MINUTE_MS;
    expect((await ann.send('/keys', '/keys', { name: 'one more' })).status).toBe(200);
  });

  test('one address starts at most thirty sign-ins in ten minutes', async () => {
    const stranger = world.browser();
    const statuses = [];
    for (let n = 0; n < 31; n++) statuses.push((await stranger.get('/sign-in/start')).status);
    expect(statuses.filter((status) => status === 302)).toHaveLength(30);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('keys', () => {
  test('forty of them are listed, and each can be told apart', async () => {
    for (let n = 0; n < 40; n++) await world.key('acme', `system ${n}`);
    const { text } = await ann.get('/keys');
    for (let n = 0; n < 40; n++) expect(text).toContain(`system ${n}<`);
  });

  test.each([
    ['', 'Give the key a name'],
    ['x'.repeat(61), 'at most 60 characters'],
    ['two\nlines', 'one line of text'],
  ])('a name such as %j is sent back with what is wrong, and what was typed', async (name, why) => {
    const { status, text } = await ann.send('/keys', '/keys', { name });
    expect([status, text.includes(why), text.includes('aria-invalid="true"')]).toEqual([400, true, true]);
    expect(await keyNames()).toEqual([]);
  });

  test('rolled with an overlap: both work until the old one ends, to the authorizer too', async () => {
    const { stored } = await world.key('acme', 'production');
    const rolled = await ann.send('/keys', `/keys/${stored.hash}/roll`, { overlap: 'day' });
    expect(rolled.text).toMatch(KEY);
    expect(rolled.text).toContain('The old key works until 3 November 2026, 09:30 UTC');
    expect(await world.directory.snapshot(stored.hash)).toMatchObject({
      keyState: 'active',
      expiresAt: world.time.now + 24 * HOUR_MS,
    });
    expect(await keyNames()).toEqual(['production', 'production']);
    const again = await ann.send('/keys', `/keys/${stored.hash}/revoke`);
    expect(again.headers.get('location')).toBe('/keys?done=revoked');
    expect(await world.directory.snapshot(stored.hash)).toMatchObject({ keyState: 'revoked' });
  });

  test('rolled without overlap: the old one is revoked', async () => {
    const { stored } = await world.key('acme', 'production');
    await ann.send('/keys', `/keys/${stored.hash}/roll`, { overlap: 'none' });
    expect(await world.directory.snapshot(stored.hash)).toMatchObject({ keyState: 'revoked' });
  });
});

test('what was done stands in the audit trail with who did it', async () => {
  await ann.send('/keys', '/keys', { name: 'production' });
  await ann.send('/account', '/account/invitations', { email: 'Bob@Example.com', role: 'reader' });
  const { text } = await ann.get('/account');
  const said = text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  expect(said).toContain('ann@example.com key created: production');
  expect(said).toContain('ann@example.com member invited: bob@example.com, reader');
  expect(said).toContain('signed in');
});

test('the last admin cannot be removed, and an address that is none is sent back', async () => {
  await world.join('bob', 'acme', 'reader');
  const issuer = 'https://issuer.example.com';
  const remove = (subject: string) => ann.send('/account', '/account/members/remove', { issuer, subject });
  expect((await remove('ann')).headers.get('location')).toBe('/account?done=last-admin');
  expect((await remove('bob')).headers.get('location')).toBe('/account?done=removed');
  expect((await ann.send('/account', '/account/invitations', { email: 'not one' })).status).toBe(400);
});

test('a page that fails says so with a reference, which the log has too, and nothing of the fault', async () => {
  const broken = portalWorld({ account: async () => Promise.reject(new Error('secret table name')) });
  await broken.join('ann', 'acme');
  const browser = broken.browser();
  await browser.signIn('ann');
  const { status, text } = await browser.get('/');
  const [, reference = ''] = /reference\s*<code>([0-9a-f]{12})/.exec(text) ?? [];
  expect([status, text.includes('secret')]).toEqual([500, false]);
  expect(broken.reports[0]).toContain(reference);
});
