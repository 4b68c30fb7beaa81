import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbPortalStore } from '../../lib/adapters/dynamodb-portal/dynamodb-portal.ts';
import { requireEnv } from '../../lib/app/runtime.ts';
import { shopOf } from '../../lib/app/shop/shop.ts';
import { formatHour, HOUR_MS, MINUTE_MS, parseTimestamp } from '../../lib/domain/time/time.ts';
import { VirtualClock } from '../../lib/local/cloud/index.ts';
import { type LocalTollgate, startLocalTollgate } from '../../lib/local/tollgate.ts';
import { synthesized } from '../support/synthesized.ts';

let tollgate: LocalTollgate;
let clock: VirtualClock;
let shop: ReturnType<typeof shopOf>;
let api = '';
beforeAll(async () => {
  const template = await synthesized({ rules: 'rules', commit: 'local', portal: {}, exempt: ['/health'] });
  clock = new VirtualClock(parseTimestamp('2026-11-22T20:10:00Z'));
  tollgate = await startLocalTollgate({ template, clock, seed: 'itself' });
  await tollgate.approveFirstRun('the test');
  const { cloud, stores } = tollgate;
  const { random } = cloud.runtime;
  const table = requireEnv(cloud.runtime, 'PORTAL_TABLE');
  const store = dynamodbPortalStore(new DynamoDBClient(cloud.clientConfig('dynamodb')), table);
  shop = shopOf({ ...stores, store, random, clock });
  api = (await cloud.listen(cloud.gateway(), 0)).url();
}, 60_000);
afterAll(() => tollgate.stop());

const until = async (time: string) => {
  for (let at = clock.now(); at < parseTimestamp(time); at += HOUR_MS) {
    await clock.advanceTo(Math.min(at + HOUR_MS, parseTimestamp(time)));
  }
};
const call = async (key: string) => (await fetch(`${api}/search`, { headers: { 'x-api-key': key } })).status;

test('a customer that opens its account, changes its plan and cancels by itself is billed what it was shown, and no more', async () => {
  const { stores, cloud } = tollgate;
  await until('2026-11-23T00:00:00Z');

  // Opened at the start of the twenty-third: eight of November's thirty days.
  const person = { issuer: 'https://issuer.example.com', subject: 'nina', email: null, name: 'Nina' };
  const request = { name: 'Nina', card: 'growth', facts: { industry: 'travel' }, timeZone: null, by: 'Nina' };
  const opened = await shop.open(person, request);
  if (opened.outcome !== 'opened') throw new Error(opened.outcome);
  const id = opened.member.customer;
  const key = await tollgate.createKey(id, 'production', 'live');
  await cloud.settle(10 * MINUTE_MS);
  expect(await call(key)).toBe(200);

  // Ten past eleven at night: Business from midnight on, for three days.
  await until('2026-11-27T23:10:00Z');
  const preview = await shop.preview(id, 'business');
  if (preview === 'not-offered') throw new Error('business is offered');
  expect([preview.offer.when, formatHour(preview.offer.from)]).toEqual(['now', '2026-11-28T00:00:00Z']);
  const { token } = preview;
  expect(await shop.choose(id, { card: 'business', token, by: 'Nina' })).toMatchObject({ outcome: 'chosen' });
  await until('2026-11-28T01:00:00Z');
  expect((await stores.directory.profile(id))?.access.rateCard).toBe('business@2025-01-01');
  expect(await call(key)).toBe(200);

  // A smaller plan for December, which the cancellation makes pointless.
  const smaller = await shop.preview(id, 'free');
  if (smaller === 'not-offered') throw new Error('free is offered');
  expect(formatHour(smaller.offer.from)).toBe('2026-12-01T00:00:00Z');
  expect(smaller.with).toEqual(smaller.without);
  await shop.choose(id, { card: 'free', token: smaller.token, by: 'Nina' });
  await until('2026-11-29T12:00:00Z');
  expect(await shop.undo(id)).toBe('undone');
  expect(await shop.cancel(id)).toBe(parseTimestamp('2026-12-01T00:00:00Z'));

  // To its last second a key opens, and not a second longer, though nobody has closed the account yet.
  await until('2026-11-30T23:59:30Z');
  expect(await call(key)).toBe(200);
  await clock.advanceTo(parseTimestamp('2026-12-01T00:05:00Z'));
  expect(await call(key)).toBe(401);
  await until('2026-12-03T12:00:00Z');
  expect(await stores.directory.profile(id)).toMatchObject({
    ...{ status: 'closed', statusReason: 'customer-left', statusSince: parseTimestamp('2026-12-01T00:00:00Z') },
  });

  const decided = await stores.decisions.during(id, 0 as never, 9_999_999 as never);
  expect(decided.map(({ effectiveFrom, tierRule }) => `${formatHour(effectiveFrom)} ${tierRule}`)).toEqual([
    '2026-11-23T00:00:00Z growth-chosen',
    '2026-11-28T00:00:00Z business-chosen',
  ]);
  const invoices = await stores.invoices.ofCustomer(id);
  // Fees of the card at the start were due in advance; December was never asked for.
  expect(
    invoices.map(({ key: { kind, period }, state }) => [kind, formatHour((period.start / HOUR_MS) as never), state]),
  ).toEqual([
    ['advance', '2026-11-01T00:00:00Z', 'PAID'],
    ['usage', '2026-11-01T00:00:00Z', 'PAID'],
  ]);
  const [advance, usage] = invoices.map(({ invoice }) => invoice);
  const platform = usage?.lines
    .filter(({ charge, kind }) => charge === 'platform' && kind === 'flat')
    .map(({ amount }) => amount);
  // 49.00 × 5/30 and 199.00 × 3/30.
  expect(platform).toEqual(['8.17', '19.90']);
  const cents = (text: string | undefined) => Math.round(Number(text) * 100);
  expect(cents(advance?.total) + cents(usage?.total)).toBe(cents(preview.with.expected ?? undefined));
}, 240_000);
