import { parseTimestamp } from '../../lib/domain/time/time.ts';
import { type ShopWorld, shopWorld } from './shop-world.ts';

let world: ShopWorld;
let nina: ReturnType<ShopWorld['browser']>;
beforeEach(async () => {
  world = await shopWorld();
  nina = world.browser();
});
const customers = async () => {
  const ids: string[] = [];
  for await (const id of world.directory.customers()) ids.push(id);
  return ids;
};
const open = (fields: Record<string, string> = {}) =>
  nina.send('/join', '/join/account', { name: 'Nina’s Maps', card: 'growth', ...fields });

describe('from the price list to an account', () => {
  test('the chosen plan is carried through signing in, and the customer is there with a key within minutes', async () => {
    const stranger = await nina.get('/pricing');
    expect(stranger.text).toContain('href="/join?card=growth"');
    const asked = await nina.get('/join?card=growth');
    expect(asked.headers.get('location')).toBe('/sign-in?to=%2Fjoin%3Fcard%3Dgrowth');
    const back = await nina.signIn('nina', '/join?card=growth');
    expect(back.headers.get('location')).toBe('/join?card=growth');
    const form = (await nina.get('/join?card=growth')).text;
    expect(form).toMatch(/<option value="growth" selected(="")?>Growth: from USD 49.00 a month/);
    const opened = await open({ 'fact-industry': 'travel', 'fact-companySize': '12', timeZone: 'Europe/Berlin' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);
    const [id = ''] = await customers();
    expect(id).toMatch(/^nina-s-maps-[0-9a-f]{10}$/);
    const profile = await world.directory.profile(id);
    expect(profile).toMatchObject({
      status: 'active',
      customer: { name: 'Nina’s Maps', facts: { industry: 'travel', companySize: 12 }, timeZone: 'Europe/Berlin' },
      choices: [{ card: 'growth', by: 'nina@example.com' }],
    });
    await world.work();
    expect(await world.history(id)).toEqual(['2026-11-02T09 growth@2026-01-01 growth-chosen']);
    expect(world.queue.sent).toContainEqual(
      expect.objectContaining({ do: 'place', customer: id, rateCard: 'growth@2026-01-01' }),
    );
    const home = (await nina.get('/')).text;
    expect(home).toContain('Nina’s Maps');
    expect(home).toContain('USD 46.75');
    expect((await nina.get('/account')).text.replace(/\s+/g, ' ')).toContain('account opened: growth');
    expect((await nina.send('/keys', '/keys', { name: 'first' })).status).toBe(200);
  });

  test.each([
    ['株式会社デモ', /^customer-[0-9a-f]{10}$/],
    ['Żółw & Łódź', /^zo-w-odz-[0-9a-f]{10}$/],
    ['a'.repeat(200), /^a{24}-[0-9a-f]{10}$/],
    ['👩‍🚀 Space', /^space-[0-9a-f]{10}$/],
  ])('a name in any script, %s, gives an id that is safe everywhere', async (name, id) => {
    await nina.signIn('nina');
    expect((await open({ name })).status).toBe(303);
    expect((await customers())[0]).toMatch(id);
    await world.work();
    expect((await nina.get('/')).text).toContain(name.replace('&', '&amp;'));
  });
});

describe('what is sent back, with what was typed', () => {
  test.each([
    [{ name: '   ' }, 'Give the name of your company'],
    [{ name: 'x'.repeat(201) }, 'At most 200 characters'],
    [{ name: 'two\nlines' }, 'One line of text'],
    [{ 'fact-companySize': 'many' }, 'A number, in digits'],
    [{ 'fact-companySize': '-3' }, 'Not below zero'],
    [{ timeZone: 'Mars/Olympus' }, 'No such time zone'],
    [{ card: 'enterprise' }, 'not on offer'],
    [{ card: '../free' }, 'not on offer'],
  ])('%j: %s', async (fields, why) => {
    await nina.signIn('nina');
    const { status, text } = await open({ 'fact-country': 'DE', ...fields });
    expect([status, text.includes(why), text.includes('value="DE"')]).toEqual([400, true, true]);
    expect(await customers()).toEqual([]);
  });

  test('facts that nobody is asked for are not taken, whatever is sent', async () => {
    await nina.signIn('nina');
    await open({ 'fact-startupProgramme': 'true', 'fact-createdAt': '2020-01-01', 'fact-chosenCard': 'enterprise' });
    const [id = ''] = await customers();
    expect((await world.directory.profile(id))?.customer).toMatchObject({ facts: {}, createdAt: '2026-11-02' });
  });
});

describe('an account is opened once', () => {
  test('by two windows at the same time', async () => {
    await nina.signIn('nina');
    const proofs = [await nina.get('/join'), await nina.get('/join')].map(({ text }) => {
      const form = text.split('<form ').find((part) => part.includes('action="/join/account"')) ?? '';
      const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? '';
      return { csrf: value('csrf'), form: value('form') };
    });
    const answers = await Promise.all(
      proofs.map((proof) => nina.post('/join/account', { ...proof, name: 'Nina', card: 'free' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(await customers()).toHaveLength(1);
  });

  test('by somebody who is a member of an account: never another one', async () => {
    await world.register('acme', 'Acme');
    await world.join('nina', 'acme');
    await nina.signIn('nina');
    expect((await nina.get('/join')).headers.get('location')).toBe('/');
    const { csrf } = { csrf: /name="csrf" value="([^"]+)"/.exec((await nina.get('/keys')).text)?.[1] ?? '' };
    const sent = await nina.post('/join/account', { csrf, form: 'a'.repeat(24), name: 'Other', card: 'free' });
    expect(sent.headers.get('location')).toBe('/');
    expect(await customers()).toEqual(['acme']);
  });

  test('at most five times an hour by one person', async () => {
    await nina.signIn('nina');
    for (let n = 0; n < 5; n++) expect((await open({ name: '' })).status).toBe(400);
    expect((await open()).status).toBe(429);
    expect(await customers()).toEqual([]);
  });
});

test('where only who was invited gets in, there is no form, and none is taken', async () => {
  const invited = { ...world.settings, signUp: 'invited' as const };
  const { createPortal } = await import('../../lib/portal/app.tsx');
  const { browserOf } = await import('./portal-world.ts');
  const browser = browserOf(createPortal(world.ports, invited), world.settings.origin);
  expect((await browser.get('/pricing')).text).not.toContain('/join?card=');
  await browser.signIn('nina');
  const { text } = await browser.get('/join');
  expect(text).toContain('There is no invitation for');
  expect(text).not.toContain('/join/account');
  const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const sent = await browser.post('/join/account', { csrf, form: 'b'.repeat(24), name: 'Nina', card: 'free' });
  expect(sent.status).toBe(404);
  expect(await customers()).toEqual([]);
});

test('who has left can open another account, and the old one keeps what it was', async () => {
  await world.register('acme', 'Acme');
  await world.join('nina', 'acme');
  const profile = await world.directory.profile('acme');
  if (profile === undefined) throw new Error('acme is registered');
  const left = {
    status: 'closed' as const,
    statusReason: 'customer-left',
    statusSince: parseTimestamp('2026-11-01T00:00:00Z'),
  };
  await world.directory.save({ ...profile, ...left, version: 2 });
  await nina.signIn('nina');
  expect((await nina.get('/plan')).text).toContain('It can be opened again');
  expect((await nina.get('/plan/change/growth')).headers.get('location')).toBe('/plan');
  expect((await nina.get('/join')).text).toContain('download what you need first');
  expect((await open({ name: 'Nina again' })).status).toBe(303);
  expect((await world.store.members('acme')).length).toBe(0);
  expect(await world.store.audit('acme', 1)).toMatchObject([{ subject: 'opened another account' }]);
  expect((await nina.get('/')).text).toContain('Nina again');
  expect(await world.directory.profile('acme')).toMatchObject({ status: 'closed' });
});

test('whose sign-up died halfway can still join another account by an invitation', async () => {
  await world.register('acme', 'Acme');
  const nobody = { issuer: 'https://issuer.example.com', subject: 'nina', customer: 'never-was' };
  await world.store.addMember({ ...nobody, role: 'admin', email: null, name: null, joinedAt: world.time.now });
  await world.ports.members.invite('acme', { email: 'nina@example.com', role: 'reader', invitedBy: 'ann' });
  world.time.now += 3_700_000;
  await nina.signIn('nina');
  expect((await nina.send('/join', '/join', { customer: 'acme' })).headers.get('location')).toBe('/');
  expect(await world.store.member(nobody)).toMatchObject({ customer: 'acme', role: 'reader' });
});
