import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type ServedDemo, serveDemo } from './served-demo.ts';

/**
 * `npm run test:browser`: the portal in a real browser, over a month lived in the embedded cloud. Pictures of every page
 * go to the folder that TOLLGATE_PICTURES names. Closes with "N passed, M failed, K skipped".
 */
const CHROMIUM = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const WIDTHS = [360, 768, 1440];
const PICTURES = process.env.TOLLGATE_PICTURES;
const KEY = /tg_live_\w+/;

const counts = { passed: 0, failed: 0 };
async function check(name: string, run: () => Promise<void>): Promise<void> {
  const started = performance.now();
  try {
    await run();
    counts.passed += 1;
    console.log(`  ✓ ${name} (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
  } catch (error) {
    counts.failed += 1;
    console.log(`  ✕ ${name}\n${error instanceof Error ? error.stack : String(error)}`);
  }
}

const executablePath = CHROMIUM.find((path) => path !== '' && existsSync(path));
if (executablePath === undefined) {
  console.log('  - skipped: no Chromium on this machine (CHROMIUM_PATH names one)\n0 passed, 0 failed, 1 skipped');
} else {
  const demo = await serveDemo();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    await story(browser, demo);
    await everyPage(browser, demo);
    await withoutScript(browser, demo);
  } finally {
    await browser.close();
    await demo.stop();
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

async function signIn(page: Page, { url, customer }: ServedDemo): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByRole('link', { name: customer.name }).click();
  await page.waitForURL(`${url}/`);
}

async function callsShown(page: Page): Promise<number> {
  return Number((await page.locator('[data-live="calls"]').innerText()).replaceAll(',', ''));
}

/** Without reloading: the page has to change by itself. */
async function untilMoreThan(page: Page, before: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while ((await callsShown(page)) <= before) {
    assert.ok(performance.now() < deadline, `the page still shows ${before} calls`);
    await page.waitForTimeout(250);
  }
}

/** From signing in to understanding an invoice, as a customer would. */
async function story(browser: Browser, demo: ServedDemo): Promise<void> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  let key = '';
  await check('signs in, and sees its own name and usage', async () => {
    await signIn(page, demo);
    assert.equal(await page.locator('.customer').innerText(), demo.customer.name);
  });
  await check('makes a key, which is shown this once', async () => {
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByLabel('Name', { exact: true }).fill('browser test');
    await page.getByRole('button', { name: 'Make the key' }).click();
    key = KEY.exec(await page.locator('#new-key').innerText())?.[0] ?? '';
    assert.equal(key.length, 47);
    await page.getByRole('link', { name: 'I have it' }).click();
    assert.ok(!(await page.content()).includes(key));
  });
  await check('calls the gateway with it, and sees the call counted without reloading', async () => {
    await page.goto(`${demo.url}/`);
    const before = await callsShown(page);
    assert.equal(await demo.call(key), 200);
    await untilMoreThan(page, before);
  });
  await check('rolls the key: the old and the new one both open the gateway', async () => {
    await page.goto(`${demo.url}/keys`);
    const row = page.getByRole('row').filter({ hasText: 'browser test' });
    await row.getByText('Change').click();
    await row.getByRole('button', { name: 'Roll' }).click();
    const rolled = KEY.exec(await page.locator('#new-key').innerText())?.[0] ?? '';
    assert.notEqual(rolled, key);
    assert.deepEqual([await demo.call(key), await demo.call(rolled)], [200, 200]);
  });
  await check('reads an invoice, and why each line is so', async () => {
    await page.goto(`${demo.url}/invoices`);
    await page.getByRole('link', { name: demo.month, exact: true }).click();
    await page.getByText('Rule and evidence').first().click();
    const text = await page.locator('main').innerText();
    assert.match(text, /Rules of commit\s*local/);
    assert.match(text, /Price list \w+, prices of 1 /);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Lines as CSV' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /\.csv$/);
  });
  await check('finds what it did in the audit trail, and signs out', async () => {
    await page.goto(`${demo.url}/account`);
    const text = await page.locator('main').innerText();
    for (const act of ['key created: browser test', 'key rolled: browser test']) assert.ok(text.includes(act), act);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  });
  await check('no page logged an error, and no policy was broken', async () => assert.deepEqual(faults, []));
  await page.context().close();
}

/** axe and a picture of every page, light and dark, from a phone to a desk. */
async function everyPage(browser: Browser, demo: ServedDemo): Promise<void> {
  const inside = [
    '/',
    '/usage',
    `/usage/${demo.month}`,
    '/invoices',
    `/invoices/${demo.month}`,
    '/keys',
    '/account',
    '/nothing-here',
  ];
  const outside = ['/development', '/sign-in', '/signed-out'];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      for (const path of outside) await checkPage(page, demo, path, `${colorScheme}-${width}`);
      await signIn(page, demo);
      for (const path of inside) await checkPage(page, demo, path, `${colorScheme}-${width}`);
      await context.close();
    }
  }
}

async function checkPage(page: Page, { url }: ServedDemo, path: string, look: string): Promise<void> {
  await check(`${path} ${look}: axe finds nothing, and nothing runs off the side`, async () => {
    await page.goto(url + path);
    for (const summary of await page.locator('main details > summary').all()) await summary.click();
    const name = `${path.replaceAll('/', '_')}-${look}.png`;
    if (PICTURES !== undefined) {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, name), fullPage: true });
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
    assert.deepEqual(found, []);
    const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    assert.ok(overflow <= 0, `${overflow} px wider than the window`);
  });
}

async function withoutScript(browser: Browser, demo: ServedDemo): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await check('works without JavaScript: a key is made and revoked', async () => {
    await signIn(page, demo);
    assert.ok((await page.locator('svg.chart rect').count()) > 0);
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
