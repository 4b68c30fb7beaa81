import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { hourOf, parseTimestamp } from '../../lib/domain/time/time.ts';
import { invoiceOf } from '../portal/portal-world.ts';
import { type ShopWorld, shopWorld } from '../portal/shop-world.ts';
import { check } from './checks.ts';
import { assertWhole } from './whole.ts';

const NAMES = {
  chinese: '深圳市創新科技有限公司'.repeat(19).slice(0, 200),
  arabic: 'شركة الاختبار الطويلة جدا للتقنية والخدمات المالية '.repeat(4).slice(0, 200),
  unbroken: 'Donaudampfschifffahrtsgesellschaft'.repeat(6).slice(0, 200),
} as const;
const PAGES = [
  '/',
  '/usage',
  '/plan',
  '/invoices',
  '/invoices/2026-10',
  '/keys',
  '/alerts',
  '/account',
  '/account/data',
];
const LOOKS = [
  { width: 360, colorScheme: 'light' },
  { width: 1440, colorScheme: 'dark' },
] as const;

/** Customers whom no designer thinks of: names of two hundred letters, a trillion calls, and nothing at all. */
export async function uncommon(browser: Browser): Promise<void> {
  const world = await shopWorld();
  for (const [id, name] of Object.entries(NAMES)) await huge(world, id, name);
  await world.register('empty', 'Empty');
  await world.nightly();
  for (const id of [...Object.keys(NAMES), 'empty']) {
    await world.join(id, id);
    for (const { width, colorScheme } of LOOKS) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const page = await opened(context, world, id);
      const pages = PAGES.filter((path) => id !== 'empty' || path !== '/invoices/2026-10');
      for (const path of pages) await checked(page, world, path, `uncommon-${id}-${colorScheme}-${width}`);
      await context.close();
    }
  }
}

/** A trillion calls in four classes of long names, an invoice, a key of sixty letters. */
async function huge(world: ShopWorld, id: string, name: string): Promise<void> {
  await world.register(id, name);
  const day = parseTimestamp('2026-11-01T00:00:00Z');
  for (let hour = 0; hour < 24; hour++) {
    const counters = Object.fromEntries(
      ['search', 'payments', 'bulk', 'status'].map((group, n) => [
        `c:api-calls|${group}`,
        `${9_876_543_210 * (n + 1)}`,
      ]),
    );
    await world.provisional.add({
      customer: id,
      hour: hourOf(day + hour * 3_600_000),
      counters,
      source: `${id}${hour}`,
    });
  }
  const record = invoiceOf(id, id);
  const { invoice } = record;
  const [line] = invoice?.lines ?? [];
  if (invoice === null || line === undefined) throw new Error('there is an invoice with a line');
  const long = { ...line, id: '0002', quantity: '987654321098765', amount: '395061728439.51', unitPrice: '0.0004' };
  await world.invoices.put({ ...record, invoice: { ...invoice, lines: [line, long], total: '395061728535.51' } });
  await world.key(id, `${name.slice(0, 60)}`);
}

/** The portal answers in this process; the browser believes it to stand at its own address. */
async function opened(context: BrowserContext, world: ShopWorld, subject: string): Promise<Page> {
  const { origin } = world.settings;
  const person = world.browser();
  await person.signIn(subject);
  await context.addCookies([...person.jar].map(([name, value]) => ({ name, value, url: origin, secure: true })));
  const page = await context.newPage();
  await page.route(`${origin}/**`, async (route) => {
    const request = route.request();
    const answer = await world.portal.request(request.url(), { headers: await request.allHeaders() }, {});
    const body = Buffer.from(await answer.arrayBuffer());
    await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body });
  });
  return page;
}

async function checked(page: Page, { settings: { origin } }: ShopWorld, path: string, look: string): Promise<void> {
  await check(`${path} ${look}: axe finds nothing, and nothing runs off the side`, async () => {
    const answer = await page.goto(origin + path);
    assert.equal(answer?.status(), 200);
    await assertWhole(page, path, look);
  });
}
