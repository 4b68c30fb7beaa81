import { gunzipSync } from 'node:zlib';
import { ASSETS } from '../../lib/portal/assets/assets.ts';
import { portalWorld } from './portal-world.ts';

const { portal, settings } = portalWorld();
const get = (path: string, headers: Record<string, string> = {}) =>
  Promise.resolve(portal.request(`${settings.origin}${path}`, { headers }));

test.each(Object.entries(ASSETS))('%s is kept for ever, and compressed for whoever takes that', async (_, asset) => {
  const plain = await get(asset.path);
  expect([plain.status, await plain.text()]).toEqual([200, asset.body]);
  expect(plain.headers.get('content-encoding')).toBeNull();
  const packed = await get(asset.path, { 'accept-encoding': 'gzip, deflate, br' });
  const bytes = Buffer.from(await packed.arrayBuffer());
  expect(gunzipSync(bytes).toString()).toBe(asset.body);
  expect(bytes.length).toBeLessThan(Buffer.byteLength(asset.body));
  for (const answer of [plain, packed]) {
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect([answer.headers.get('content-type'), answer.headers.get('vary')]).toEqual([asset.type, 'accept-encoding']);
  }
  expect(packed.headers.get('content-encoding')).toBe('gzip');
});

test('pages, which hold tokens, are not compressed', async () => {
  const page = await get('/sign-in', { 'accept-encoding': 'gzip' });
  expect([page.status, page.headers.get('content-encoding')]).toEqual([200, null]);
});
