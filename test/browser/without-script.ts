import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { check } from './checks.ts';
import { inside, OUTSIDE } from './pages.ts';
import type { ServedDemo } from './served-demo.ts';
import { signIn } from './visits.ts';

/** What a reader has of a page: its headings, how many drawings, tables, forms and fields, and where one can go. */
async function partsOf(page: Page, address: string) {
  await page.goto(address);
  const main = page.locator('main');
  const count = (selector: string) => main.locator(selector).count();
  return {
    headings: await main.locator('h1, h2, h3').allInnerTexts(),
    drawings: await count('svg[role=img]'),
    tables: await count('table'),
    forms: await count('form:has(button[type=submit])'),
    fields: await count('input:not([type=hidden]), select, textarea'),
    links: await count('a[href]'),
  };
}

/** A script may only improve what is there without it. */
async function everyPageIsWhole(browser: Browser, demo: ServedDemo): Promise<void> {
  const [plain, scripted] = await Promise.all(
    [false, true].map(async (javaScriptEnabled) => (await browser.newContext({ javaScriptEnabled })).newPage()),
  );
  if (plain === undefined || scripted === undefined) throw new Error('two pages were opened');
  for (const page of [plain, scripted]) await signIn(page, demo);
  for (const path of [...inside(demo), ...OUTSIDE]) {
    await check(`${path}: whole without JavaScript`, async () => {
      const parts = await partsOf(plain, demo.url + path);
      assert.ok(parts.headings.length > 0, 'the page has a heading');
      assert.deepEqual(parts, await partsOf(scripted, demo.url + path));
    });
  }
  for (const page of [plain, scripted]) await page.context().close();
}

export async function withoutScript(browser: Browser, demo: ServedDemo): Promise<void> {
  await everyPageIsWhole(browser, demo);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await check('works without JavaScript: a key is made and revoked', async () => {
    await signIn(page, demo);
    assert.ok((await page.locator('svg.chart.wide rect').count()) > 0);
    await page.goto(`${demo.url}/keys`);
    await page.getByLabel('Name', { exact: true }).fill('no script');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('link', { name: 'I have it' }).click();
    const row = page.getByRole('row').filter({ hasText: 'no script' });
    await row.getByText('Change').click();
    await row.getByRole('button', { name: 'Revoke now' }).click();
    await page.getByText('The key is revoked.').waitFor();
  });
  await context.close();
}
