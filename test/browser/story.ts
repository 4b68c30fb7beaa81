import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { check } from './checks.ts';
import type { ServedDemo } from './served-demo.ts';
import { signIn } from './visits.ts';

const KEY = /tg_live_\w+/;

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
export async function story(browser: Browser, demo: ServedDemo): Promise<void> {
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
