import { entitlement } from '../../lib/app/provision-access/entitlement.ts';
import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import { NO_PAYMENT } from '../../lib/domain/invoicing/payment.ts';
import { parseHour, parseTimestamp } from '../../lib/domain/time/time.ts';
import { edited, shippedRules } from '../domain/rules/shipped-rules.ts';
import { invoiceOf } from './portal-world.ts';
import { type ShopWorld, shopWorld } from './shop-world.ts';

let world: ShopWorld;
let ann: ReturnType<ShopWorld['browser']>;
let old = '';
const END = parseTimestamp('2026-12-01T00:00:00Z');
const said = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const page = async (path: string) => said((await ann.get(path)).text);
const profile = async () => {
  const found = await world.directory.profile('acme');
  if (!found) throw new Error('it is registered');
  return found;
};
async function at(time: string): Promise<void> {
  world.time.now = parseTimestamp(time);
  await ann.signIn('ann');
}
/** Does what the queue of access commands asks for, as far as it concerns a customer's standing. */
async function provision(): Promise<string[]> {
  const done = [];
  for (const command of world.queue.sent.splice(0)) {
    const acts = entitlement(world);
    if (command.do === 'close') await acts.leave(command.customer);
    if (command.do === 'open') await acts.reopen(command.customer);
    if (command.do === 'close' || command.do === 'open' || command.do === 'place') done.push(command.do);
  }
  return done;
}
const sendReturn = async (card: string) => {
  const { text } = await ann.get(`/plan/return/${card}`);
  const form = text.split('<form ').find((part) => part.includes('action="/plan/return"')) ?? '';
  const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? '';
  const fields = { csrf: value('csrf'), form: value('form'), card: value('card'), token: value('token') };
  return () => ann.post('/plan/return', fields);
};

/** Acme cancels in November; its account is closed when December begins; then it is the tenth of February. */
beforeEach(async () => {
  world = await shopWorld();
  await world.register('acme', 'Acme');
  await world.state('acme', { industry: 'retail' });
  await world.join('ann', 'acme');
  await world.nightly();
  ann = world.browser();
  await ann.signIn('ann');
  old = (await world.key('acme', 'production')).stored.hash;
  await ann.send('/plan/cancel', '/plan/cancel');
  await at('2026-12-01T00:10:00Z');
  await world.hourly();
  await provision();
  await at('2027-02-10T09:30:00Z');
  world.queue.sent.splice(0);
});

test('a closed account says so, and what coming back costs is seen before it is done', async () => {
  expect(await profile()).toMatchObject({ status: 'closed', statusReason: 'customer-left', statusSince: END });
  expect(await page('/')).toContain('This account is closed');
  expect(await page('/plan')).toContain('Open it again');
  const text = await page('/plan/return/growth');
  expect(text).toContain('It opens on 10 February 2027, 10:00 UTC, in 30 minutes');
  expect(text).toContain('away since 1 December 2026');
  expect(text).toContain('USD 49.00');
  expect(text).toContain('Keys from before are revoked');
});

test('it opens with the hour of its price, as the same customer; old keys stay dead, new ones work', async () => {
  const post = await sendReturn('growth');
  expect((await post()).headers.get('location')).toBe('/plan?done=reopens');
  expect(await profile()).toMatchObject({ status: 'closed', reopensAt: parseTimestamp('2027-02-10T10:00:00Z') });
  expect((await world.directory.keys('acme')).map(({ state }) => state)).toEqual(['revoked']);
  await world.work();
  expect(await page('/plan')).toContain('It opens again on 10 February 2027, 10:00 UTC.');
  const made = await world.key('acme', 'again');
  expect(await world.directory.snapshot(made.stored.hash)).toMatchObject({ status: 'closed', expiresAt: END });
  await at('2027-02-10T09:59:00Z');
  await world.hourly();
  expect(await provision()).toEqual([]);
  await at('2027-02-10T10:00:00Z');
  await world.hourly();
  expect(await provision()).toEqual(['open', 'place']);
  const back = await profile();
  expect(back).toMatchObject({
    ...{ status: 'active', statusReason: null },
    absences: [{ from: END, until: parseTimestamp('2027-02-10T10:00:00Z') }],
  });
  expect([back.leavesAt, back.reopensAt]).toEqual([undefined, undefined]);
  expect((await world.history('acme')).at(-1)).toBe('2027-02-10T10 growth@2026-01-01 growth-chosen');
  expect((await world.directory.snapshot(made.stored.hash))?.status).toBe('active');
  expect((await world.directory.snapshot(made.stored.hash))?.expiresAt).toBeUndefined();
  expect((await world.directory.snapshot(old))?.keyState).toBe('revoked');
  expect(await page('/plan')).toContain('Plan: Growth');
  expect(await page('/account')).toContain('account reopened: growth from 2027-02-10T10:00:00Z');
});

test('pressed twice it is asked for once; run again after it opened, nothing changes', async () => {
  const post = await sendReturn('growth');
  await post();
  expect((await ann.get('/plan/return/business')).headers.get('location')).toBe('/plan');
  await world.work();
  await at('2027-02-10T10:00:00Z');
  await world.hourly();
  await provision();
  const { version } = await profile();
  await world.hourly();
  await provision();
  expect((await profile()).version).toBe(version);
});

test('what is late has to be paid first', async () => {
  const late = { ...invoiceOf('acme', 'x'), payment: { ...NO_PAYMENT, overdueSince: END } };
  await world.invoices.put(late);
  const { text } = await ann.get('/plan/return/growth');
  expect(said(text)).toContain('An invoice is late');
  expect(text).not.toContain('action="/plan/return"');
  const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  await ann.post('/plan/return', { csrf, form: 'a'.repeat(24), card: 'growth', token: '' });
  expect((await profile()).reopensAt).toBeUndefined();
});

test('a price that changed after it was shown is shown again', async () => {
  const post = await sendReturn('growth');
  const dearer = edited(shippedRules(), 'rate-cards/growth/2026-01-01.json', (card) => ({ ...card, rationale: 'new' }));
  await world.publish(dearer, '2027-02-10T09:00:00Z');
  const { status, text } = await post();
  expect([status, said(text).includes('Nothing was changed')]).toEqual([409, true]);
  expect((await profile()).reopensAt).toBeUndefined();
});

test('who is about to come back cannot leave for another account; who was erased does not come back', async () => {
  const post = await sendReturn('growth');
  await post();
  const request = { name: 'Other', card: 'free', facts: {}, timeZone: null, by: 'Ann' };
  const identity = { issuer: 'https://issuer.example.com', subject: 'ann', email: 'ann@example.com', name: null };
  expect(await world.ports.shop.open(identity, request)).toEqual({ outcome: 'member-already' });
  await updateProfile(world.directory, 'acme', (known) => ({ ...known, erasedAt: world.time.now }));
  await at('2027-02-10T10:00:00Z');
  await world.hourly();
  await provision();
  expect((await profile()).status).toBe('closed');
  expect(await world.ports.shop.viewReturn('acme', 'growth')).toBe('not-closed');
});

test('changes noted for the hour are found though the first message is lost', async () => {
  await (await sendReturn('growth'))();
  world.evaluations.sent.splice(0);
  expect(await world.directory.changesAt(parseHour('2027-02-10T10:00:00Z'))).toEqual(['acme']);
  await at('2027-02-10T11:10:00Z');
  await world.hourly();
  expect(await provision()).toContain('open');
  expect((await profile()).status).toBe('active');
});
