import { parseHour } from '../../lib/domain/time/time.ts';
import { type ShopWorld, shopWorld } from './shop-world.ts';

let world: ShopWorld;
let ann: ReturnType<ShopWorld['browser']>;
beforeEach(async () => {
  world = await shopWorld();
  await world.register('acme', 'Acme');
  await world.join('ann', 'acme');
  ann = world.browser();
  await ann.signIn('ann');
});

const LIVE = '/live/usage.json';
const called = (source: string) =>
  world.provisional.add({
    ...{ customer: 'acme', hour: parseHour('2026-11-02T08:00:00Z'), source },
    counters: { 'c:api-calls|search': '1200' },
  });

test('numbers that the page has already are answered 304, without a body; others with what names them', async () => {
  const first = await ann.get(LIVE);
  expect([first.status, JSON.parse(first.text)]).toEqual([200, { calls: '0', openCalls: '0' }]);
  const etag = first.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[\w-]{16}"$/);
  const same = await ann.request(LIVE, { headers: { 'if-none-match': etag } });
  expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', etag]);
  expect(same.headers.get('cache-control')).toBe('no-store');
  await called('object 1');
  const changed = await ann.request(LIVE, { headers: { 'if-none-match': etag } });
  expect([changed.status, JSON.parse(changed.text)]).toEqual([200, { calls: '1,200', openCalls: '1,200' }]);
  expect(changed.headers.get('etag')).not.toBe(etag);
});

test('whoever is signed out is told so, whatever they have', async () => {
  const etag = (await ann.get(LIVE)).headers.get('etag') ?? '';
  const nobody = world.browser();
  const answer = await nobody.request(LIVE, { headers: { accept: 'application/json', 'if-none-match': etag } });
  expect([answer.status, answer.headers.get('etag')]).toEqual([401, null]);
});
