import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { check } from './checks.ts';
import type { ServedDemo } from './served-demo.ts';
import { signIn } from './visits.ts';

const DEADLINE_MS = 90_000;

/** Again and again, since usage takes its time to be counted. */
async function until(what: string, page: Page, test: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await test())) {
    assert.ok(performance.now() < deadline, `${what} did not happen`);
    await page.waitForTimeout(250);
  }
}

const cents = (amount: string): number => Math.round(Number(amount) * 100);

/** Sets a cap, hits it, is told, raises it; and has a webhook's secret shown once. */
export async function alerts(browser: Browser, demo: ServedDemo): Promise<void> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  let key = '';
  const open = () => page.goto(`${demo.url}/alerts`);
  await check('has alerts mailed to an address of the account', async () => {
    await signIn(page, demo);
    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    await page.getByLabel(`admin@${demo.customer.id}.example`).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    assert.ok(await page.getByLabel(`admin@${demo.customer.id}.example`).isChecked());
  });
  await check('a cap that would stop every call is refused, saying why', async () => {
    await page.getByLabel(/Most that a period may cost/).fill('0.01');
    await page.getByRole('button', { name: 'Set the cap' }).click();
    await page.getByText(/would stop every one|Write an amount/).waitFor();
  });
  await check('sets a cap a cent above the bill, and hits it with calls through the gateway', async () => {
    await page.goto(`${demo.url}/keys`);
    await page.getByLabel('Name', { exact: true }).fill('cap test');
    await page.getByRole('button', { name: 'Make the key' }).click();
    key = /tg_live_\w+/.exec(await page.locator('#new-key').innerText())?.[0] ?? '';
    await open();
    const bill = (await page.locator('[data-bill]').getAttribute('data-bill')) ?? '';
    const cap = ((cents(bill) + 1) / 100).toFixed(2);
    await page.getByLabel(/Most that a period may cost/).fill(cap);
    await page.getByRole('button', { name: 'Set the cap' }).click();
    await page.getByText('The cap is set.').waitFor();
    for (let i = 0; i < 12; i++) await demo.call(key, '/payments');
    await until('a refusal', page, async () => (await demo.call(key)) === 403);
  });
  await check('sees on its pages that calls are refused, and is told by mail', async () => {
    await open();
    await page.getByText('The spend cap is reached: calls are refused.').waitFor();
    await page.goto(`${demo.url}/`);
    await page
      .getByText(/The spend cap is reached/)
      .first()
      .waitFor();
    const mail = page.getByRole('link', { name: /The spend cap is reached/ }).first();
    await until('a mail', page, async () => {
      await page.goto(`${demo.url}/development/mail`);
      return (await mail.count()) > 0;
    });
    await mail.click();
    await page.getByText('spend-cap-reached').waitFor();
  });
  await check('raises the cap, and calls pass again', async () => {
    await open();
    await page.getByLabel(/Most that a period may cost/).fill('100000');
    await page.getByRole('button', { name: 'Change the cap' }).click();
    await page.getByText('The cap is set.').waitFor();
    await until('an answer', page, async () => (await demo.call(key)) === 200);
  });
  await check('takes the cap away again', async () => {
    await open();
    await page.getByRole('button', { name: 'Remove the cap' }).click();
    await page.getByText('There is no cap of yours any more.').waitFor();
  });
  await check('sets a webhook, whose secret is shown this once, and is told what is wrong with one', async () => {
    await page.getByLabel('Address', { exact: true }).fill('http://example.com/hook');
    await page.getByRole('button', { name: 'Set the webhook' }).click();
    await page.getByText('does not begin with https://').waitFor();
    await page.getByLabel('Address', { exact: true }).fill('https://hooks.invalid/tollgate');
    await page.getByRole('button', { name: 'Set the webhook' }).click();
    const secret = await page.locator('#new-secret').innerText();
    assert.match(secret, /^whsec_/);
    await page.getByRole('link', { name: 'Back to alerts' }).click();
    assert.ok(!(await page.content()).includes(secret));
  });
  await check('finds it all in the audit trail, and no page logged an error', async () => {
    await page.goto(`${demo.url}/account`);
    const text = await page.locator('main').innerText();
    for (const act of ['alerts chosen', 'cap set', 'cap removed', 'webhook set']) assert.ok(text.includes(act), act);
    assert.deepEqual(faults, []);
  });
  await page.context().close();
}
