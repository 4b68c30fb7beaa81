import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { oidcSignIn } from '../../../lib/adapters/oidc/oidc.ts';
import { portalWorld } from '../../portal/portal-world.ts';

/** The whole way through a real provider: our portal, our adapter, its discovery, its keys, its codes. */
const ORIGIN = 'http://127.0.0.1:9';
let provider: Worker;
let issuer = '';
const client = () => ({ issuer, clientId: 'portal', clientSecret: '', allowHttp: true });

beforeAll(async () => {
  provider = new Worker(join(import.meta.dirname, 'provider.mjs'), {
    workerData: { redirectUri: `${ORIGIN}/sign-in/callback`, signedOutUri: `${ORIGIN}/signed-out` },
    stdout: true,
    stderr: true,
  });
  [{ issuer }] = (await once(provider, 'message')) as [{ issuer: string }];
});
afterAll(async () => void (await provider.terminate()));

async function signInAs(subject: string): Promise<void> {
  provider.postMessage(subject);
  await once(provider, 'message');
}

async function world() {
  const made = portalWorld({ signIn: oidcSignIn(async () => client()) }, ORIGIN);
  await made.register('acme', 'Acme');
  await made.ports.members.invite('acme', { email: 'ann@example.com', role: 'admin', invitedBy: 'the operator' });
  return made;
}

/** What the browser does at the provider: follows its redirects, with its cookies, until it is sent back to us. */
async function throughProvider(start: string): Promise<string> {
  const cookies = new Map<string, string>();
  for (let url = start; ; ) {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const response = await fetch(url, { redirect: 'manual', headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = new URL(response.headers.get('location') ?? fail(await response.text()), url);
    if (location.origin === ORIGIN) return location.pathname + location.search;
    url = location.href;
  }
}
function fail(text: string): never {
  throw new Error(`the provider did not redirect: ${text.slice(0, 300)}`);
}

async function start(browser: ReturnType<ReturnType<typeof portalWorld>['browser']>, to = '/') {
  const { headers } = await browser.get(`/sign-in/start?to=${encodeURIComponent(to)}`);
  return headers.get('location') ?? '';
}

test('an invited person signs in, joins, and later comes back to the page they came from', async () => {
  await signInAs('ann');
  const browser = (await world()).browser();
  const first = await browser.get(await throughProvider(await start(browser)));
  expect([first.status, first.headers.get('location')]).toEqual([302, '/join']);
  expect((await browser.get('/join')).text).toContain('Join Acme');
  await browser.send('/join', '/join', { customer: 'acme' });
  expect((await browser.get('/')).text).toContain('Acme');
  await browser.send('/', '/sign-out');
  expect((await browser.get('/keys')).headers.get('location')).toBe('/sign-in?to=%2Fkeys');
  const again = await browser.get(await throughProvider(await start(browser, '/keys')));
  expect(again.headers.get('location')).toBe('/keys');
});

test('the request carries state, nonce and an S256 challenge', async () => {
  const browser = (await world()).browser();
  const { searchParams } = new URL(await start(browser));
  expect(searchParams.get('code_challenge_method')).toBe('S256');
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect((searchParams.get(name) ?? '').length).toBeGreaterThan(30);
});

test('an address that the issuer has not verified opens no invitation', async () => {
  await signInAs('vic');
  const made = await world();
  await made.ports.members.invite('acme', { email: 'vic@example.com', role: 'admin', invitedBy: 'the operator' });
  const browser = made.browser();
  await browser.get(await throughProvider(await start(browser)));
  expect((await browser.get('/join')).text).toContain('has not verified your e-mail address');
  await signInAs('ann');
});

describe('signing in is refused, with a way to start again,', () => {
  test('for a wrong state', async () => {
    const browser = (await world()).browser();
    const back = await throughProvider(await start(browser));
    const { status, text } = await browser.get(back.replace(/state=[^&]+/, 'state=another'));
    expect([status, text.includes('Please start again')]).toEqual([403, true]);
  });

  test('for a code that was used before, even with the cookie of the first time', async () => {
    const browser = (await world()).browser();
    const back = await throughProvider(await start(browser));
    const cookies = new Map(browser.jar);
    expect((await browser.get(back)).status).toBe(302);
    browser.jar.clear();
    for (const [name, value] of cookies) browser.jar.set(name, value);
    expect((await browser.get(back)).status).toBe(403);
  });

  test('for a code that another browser was given', async () => {
    const made = await world();
    const back = await throughProvider(await start(made.browser()));
    expect((await made.browser().get(back)).status).toBe(403);
  });

  test('for a sign-in that took longer than ten minutes', async () => {
    const made = await world();
    const browser = made.browser();
    const back = await throughProvider(await start(browser));
    made.time.now += 10 * 60_000;
    expect((await browser.get(back)).status).toBe(403);
  });

  test('for a person who says no', async () => {
    await signInAs('nobody');
    const browser = (await world()).browser();
    const { status } = await browser.get(await throughProvider(await start(browser)));
    await signInAs('ann');
    expect(status).toBe(403);
  });
});

test('an issuer that is down is said to be down, and asked again later', async () => {
  let up = false;
  const signIn = oidcSignIn(async () => (up ? client() : { ...client(), issuer: 'http://127.0.0.1:9' }));
  const browser = portalWorld({ signIn }, ORIGIN).browser();
  const down = await browser.get('/sign-in/start');
  expect([down.status, down.text.includes('does not answer')]).toEqual([503, true]);
  up = true;
  expect((await browser.get('/sign-in/start')).status).toBe(302);
});

test('signing out offers the provider’s own page', async () => {
  const page = await portalWorld({ signIn: oidcSignIn(async () => client()) }, ORIGIN)
    .browser()
    .get('/signed-out');
  expect(page.text).toContain(`href="${issuer}/session/end`);
});
