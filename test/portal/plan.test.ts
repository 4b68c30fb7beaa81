import type { RulesFiles } from '../../lib/domain/rules/ruleset.ts';
import { parseHour, parseTimestamp } from '../../lib/domain/time/time.ts';
import { edited, shippedRules } from '../domain/rules/shipped-rules.ts';
import { type ShopWorld, shopWorld } from './shop-world.ts';

let world: ShopWorld;
let ann: ReturnType<ShopWorld['browser']>;

/** Acme called two hundred times an hour all October and November so far: on no card that it chose. */
beforeEach(async () => {
  world = await shopWorld();
  await world.register('acme', 'Acme');
  await world.state('acme', { industry: 'retail' });
  await world.join('ann', 'acme');
  await world.call('acme', '2026-10-01T00:00:00Z', 720, 4);
  await world.nightly();
  ann = world.browser();
  await ann.signIn('ann');
});
/** Sessions end meanwhile. */
async function at(time: string): Promise<void> {
  world.time.now = parseTimestamp(time);
  await ann.signIn('ann');
}
const said = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const page = async (path: string) => said((await ann.get(path)).text);
/** What the preview carries. */
async function confirmed(card: string) {
  const { text } = await ann.get(`/plan/change/${card}`);
  const form = text.split('<form ').find((part) => part.includes('action="/plan/choose"')) ?? '';
  const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? '';
  return { csrf: value('csrf'), form: value('form'), card: value('card'), token: value('token') };
}
const choose = async (card: string) => ann.post('/plan/choose', await confirmed(card));

describe('the plan page', () => {
  test('says which plan it is, why, what it includes, and what others would have cost in one’s own months', async () => {
    const text = await page('/plan');
    expect(text).toContain('Plan: Free');
    expect(text).toContain('The usual price, which everyone has whom no rule gives another one');
    expect(text).toContain('10,000 calls included, then');
    expect(text).toContain('As it was USD 0.00');
    expect(text).toMatch(/Growth USD 49\.00 \+49\.00/);
    expect(text).toMatch(/Business USD 250\.00 \+250\.00/);
    expect(text).not.toContain('Enterprise');
  });

  test('shows one’s own plan as it is: nothing to choose, and no difference to itself', async () => {
    const { text } = await ann.get('/plan');
    const row = text.split('<tr>').find((part) => part.includes('Your plan')) ?? '';
    expect(said(row)).toContain('Free Your plan');
    expect(said(row)).toContain('USD 0.00');
    expect(row).not.toMatch(/href|class="why"/);
    const own = await ann.get('/plan/change/free');
    expect(own.text).toContain('<h1>Free is your plan</h1>');
    expect(said(own.text)).toContain('there is nothing to choose');
    expect(own.text).not.toContain('action="/plan/choose"');
  });

  test('offers to stay on it once another one is ahead', async () => {
    await choose('growth');
    expect((await ann.get('/plan')).text).toMatch(/href="\/plan\/change\/free">Stay on Free/);
    const own = await ann.get('/plan/change/free');
    expect(own.text).toContain('<h1>Stay on Free?</h1>');
    expect(own.text).toContain('action="/plan/choose"');
  });

  test('shows a reader everything, and nothing to press', async () => {
    await world.join('rita', 'acme', 'reader');
    const rita = world.browser();
    await rita.signIn('rita');
    const { text } = await rita.get('/plan');
    expect(said(text)).toContain('Growth USD 49.00');
    expect(text).not.toMatch(/plan\/change|plan\/cancel|<form method="post" action="\/plan/);
    expect((await rita.get('/plan/change/growth')).text).not.toContain('action="/plan/choose"');
  });

  test('offers no card in another currency, and says why', async () => {
    const euros = (files: RulesFiles, path: string) => edited(files, path, (card) => ({ ...card, currency: 'EUR' }));
    const business = ['2025-01-01', '2027-01-01'].map((date) => `rate-cards/business/${date}.json`);
    await world.publish(business.reduce(euros, shippedRules()), '2026-11-02T09:00:00Z');
    expect(await page('/plan')).toContain('Not to be chosen: it is priced in EUR, and your account is in USD.');
    expect((await ann.get('/plan/change/business')).text).not.toContain('action="/plan/choose"');
  });

  test.each(['enterprise', 'nothing', '..%2Fgrowth'])('there is no way to ask for %s', async (card) => {
    expect((await ann.get(`/plan/change/${card}`)).status).toBe(404);
  });
});

describe('an upgrade', () => {
  test('is previewed with both bills of this period, holds from the next hour, and is explained by its rule', async () => {
    const preview = await page('/plan/change/growth');
    expect(preview).toContain(
      'from 2 November 2026, 10:00 UTC, in 30 minutes. Calls before that are at your present price.',
    );
    expect(preview).toMatch(/As things are USD 0\.00/);
    // 28 days and 14 hours of 30 days at 49.00.
    expect(preview).toContain('With Growth USD 46.69 +46.69');
    expect((await choose('growth')).headers.get('location')).toBe('/plan?done=chosen');
    await world.work();
    expect((await world.history('acme')).at(-1)).toBe('2026-11-02T10 growth@2026-01-01 growth-chosen');
    expect(await page('/plan')).toContain('Growth from 2 November 2026, 10:00 UTC. Chosen by ann@example.com');
    await at('2026-11-02T10:05:00Z');
    const after = await page('/plan');
    expect(after).toContain('Plan: Growth');
    expect(after).toContain('The customer chose Growth itself');
    expect(await page('/account')).toContain('plan chosen: growth from 2026-11-02T10:00:00Z');
  });

  test('that is confirmed after its prices changed is shown again, and nothing is chosen', async () => {
    const stale = await confirmed('growth');
    const dearer = edited(shippedRules(), 'rate-cards/growth/2026-01-01.json', (card) => {
      card.charges[0].price.amount = '59.00';
    });
    await world.publish(dearer, '2026-11-02T09:00:00Z');
    const answer = await ann.post('/plan/choose', stale);
    expect([answer.status, said(answer.text).includes('have changed since you saw them')]).toEqual([409, true]);
    expect(said(answer.text)).toContain('USD 59.00 a month in advance');
    expect((await world.directory.profile('acme'))?.choices).toBeUndefined();
    expect((await choose('growth')).status).toBe(303);
  });

  test('confirmed an hour later holds an hour later: that is no other offer', async () => {
    const kept = await confirmed('growth');
    world.time.now = parseTimestamp('2026-11-02T09:58:00Z');
    expect((await ann.post('/plan/choose', kept)).status).toBe(303);
    expect((await world.directory.profile('acme'))?.choices?.[0]?.from).toBe(parseHour('2026-11-02T11:00:00Z'));
  });

  test('whose hour an evaluation of a moment before has taken is shown with the hour that it got', async () => {
    const kept = await confirmed('business');
    await ann.post('/plan/choose', kept);
    // Somebody who had read the profile before it: its facts alone make it Growth, for the same hour.
    const profile = await world.directory.profile('acme');
    const decision = await world.decisions.latest('acme');
    if (profile === undefined || decision === undefined) throw new Error('acme is decided');
    await world.decisions.record({ ...decision, effectiveFrom: parseHour('2026-11-02T10:00:00Z'), tierRule: 'other' });
    await world.work();
    expect((await world.history('acme')).at(-1)).toBe('2026-11-02T11 business@2025-01-01 business-chosen');
    expect(await page('/plan')).toContain('Business from 2 November 2026, 11:00 UTC');
    world.time.now = parseTimestamp('2026-11-02T10:10:00Z');
    expect(await page('/plan')).toContain('Business from 2 November 2026, 11:00 UTC');
  });

  test('in whose discount a customer has a right keeps it, in the preview and in the decision', async () => {
    await world.state('acme', { startupProgramme: true, companySize: 9 });
    const preview = await page('/plan/change/growth');
    expect(preview).toContain('startup-programme, 50 % off');
    expect(preview).toMatch(/October 2026 USD 0\.00 USD 24\.50/);
  });
});

describe('a downgrade', () => {
  beforeEach(async () => {
    await choose('growth');
    await world.work();
    await at('2026-11-10T12:00:00Z');
  });

  test('waits for the end of the period, and can be taken back until then', async () => {
    expect(await page('/plan/change/free')).toContain('from your next billing period on: 1 December 2026, 00:00 UTC');
    await choose('free');
    await world.work();
    expect(await page('/plan')).toContain('Free from 1 December 2026, 00:00 UTC');
    expect((await ann.send('/plan', '/plan/undo')).headers.get('location')).toBe('/plan?done=undone');
    expect((await world.directory.profile('acme'))?.choices?.map(({ card }) => card)).toEqual(['growth']);
    await choose('free');
    await world.work();
    await at('2026-11-30T22:10:00Z');
    await world.hourly();
    expect(await page('/plan')).toContain('too near to be taken back');
    await at('2026-12-01T00:10:00Z');
    expect(await page('/plan')).toContain('Plan: Free');
    expect((await world.history('acme')).slice(1)).toEqual([
      '2026-11-02T10 growth@2026-01-01 growth-chosen',
      '2026-12-01T00 free@2025-01-01 free-chosen',
    ]);
  });

  test('taken back too late says so, and changes nothing', async () => {
    await choose('free');
    const kept = (await ann.get('/plan')).text;
    const proof = /action="\/plan\/undo"[\s\S]*?name="csrf" value="([^"]*)"[\s\S]*?name="form" value="([^"]*)"/.exec(
      kept,
    );
    const [, csrf = '', form = ''] = proof ?? [];
    await at('2026-11-30T20:56:00Z');
    const fresh = /name="csrf" value="([^"]+)"/.exec((await ann.get('/plan')).text)?.[1] ?? csrf;
    const sent = await ann.post('/plan/undo', { csrf: fresh, form });
    expect(sent.headers.get('location')).toBe('/plan?done=too-late');
    expect((await world.directory.profile('acme'))?.choices).toHaveLength(2);
  });
});

describe('cancelling', () => {
  test('says what it means, closes nothing yet, and can be taken back', async () => {
    expect(await page('/plan/cancel')).toContain('Your keys work until the end of 30 November 2026');
    const { stored } = await world.key('acme', 'production');
    const sent = await ann.send('/plan/cancel', '/plan/cancel');
    expect(sent.headers.get('location')).toBe('/plan?done=cancelled');
    const end = parseTimestamp('2026-12-01T00:00:00Z');
    expect(await world.directory.profile('acme')).toMatchObject({ status: 'active', leavesAt: end });
    expect(await world.directory.snapshot(stored.hash)).toMatchObject({ keyState: 'active', expiresAt: end });
    const text = await page('/plan');
    expect(text).toContain('The account closes on 1 December 2026, 00:00 UTC.');
    expect(text).not.toContain('See what it changes');
    expect((await ann.send('/plan', '/plan/stay')).headers.get('location')).toBe('/plan?done=stays');
    expect((await world.directory.profile('acme'))?.leavesAt).toBeUndefined();
    expect((await world.directory.snapshot(stored.hash))?.expiresAt).toBeUndefined();
    expect(await page('/account')).toContain('account cancelled: as of 2026-12-01T00:00:00Z');
  });

  test('with fees that are paid for longer leaves when they end', async () => {
    const key = {
      customer: 'acme',
      period: { start: parseTimestamp('2026-11-01T00:00:00Z'), end: parseTimestamp('2027-11-01T00:00:00Z') },
      kind: 'advance' as const,
    };
    const { invoiceOf } = await import('./portal-world.ts');
    await world.invoices.put({ ...invoiceOf('acme', 'x', 'PAID'), key });
    await ann.send('/plan/cancel', '/plan/cancel');
    expect((await world.directory.profile('acme'))?.leavesAt).toBe(key.period.end);
  });

  test('nothing else can be chosen while the account is about to close', async () => {
    const kept = await confirmed('growth');
    await ann.send('/plan/cancel', '/plan/cancel');
    const answer = await ann.post('/plan/choose', kept);
    expect(answer.headers.get('location')).toBe('/plan?done=closed');
    expect((await world.directory.profile('acme'))?.choices).toBeUndefined();
  });
});

describe('the overview', () => {
  test('says what the period will cost, between which bounds, and of what that is made', async () => {
    await world.call('acme', '2026-11-01T00:00:00Z', 3, 4);
    await choose('growth');
    await world.work();
    await at('2026-11-03T09:30:00Z');
    const text = await page('/');
    expect(text).toContain('Bill to 30 November 2026');
    expect(text).toContain('From 1 November 2026 to 30 November 2026.');
    expect(text).toContain('What the forecast is made of');
    expect(text).toContain('platform');
  });

  test('a suspended account says that calls are refused, on the plan page too', async () => {
    const profile = await world.directory.profile('acme');
    if (profile === undefined) throw new Error('acme is registered');
    const { version } = profile;
    await world.directory.save({
      ...profile,
      status: 'suspended',
      statusReason: 'payment-failed',
      version: version + 1,
    });
    expect(await page('/plan')).toContain('Calls are refused at present');
  });
});
