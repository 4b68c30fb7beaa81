import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { check } from './checks.ts';
import type { ServedDemo } from './served-demo.ts';

const KEY = /tg_live_\w+/;
/** A minute of the cloud passes in a second here, and a choice holds from the next hour that can be decided. */
const UNTIL_IT_HOLDS_MS = 150_000;

const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();

async function reloadedUntil(page: Page, done: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + UNTIL_IT_HOLDS_MS;
  while (!(await done())) {
    assert.ok(performance.now() < deadline, `${what} did not happen`);
    await page.waitForTimeout(2_000);
    await page.reload();
  }
}

/** A stranger: from the price list to a key that works, to a larger plan with its price shown first, and away again. */
export async function shop(browser: Browser, demo: ServedDemo): Promise<void> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await findsAPrice(page, demo);
  await signsUp(page, demo);
  await upgrades(page, demo);
  await thinksAgain(page, demo);
  await check('no page of the shop logged an error, and no policy was broken', async () =>
    assert.deepEqual(faults, []),
  );
  await page.context().close();
}

async function findsAPrice(page: Page, { url }: ServedDemo): Promise<void> {
  await check('a stranger reads the price list, and has its own month reckoned', async () => {
    await page.goto(`${url}/pricing`);
    await page.getByLabel('API calls', { exact: true }).fill('250,000');
    await page.getByRole('button', { name: 'Calculate' }).click();
    const row = page.getByRole('row').filter({ hasText: 'Growth' });
    // 49 and 240,000 calls above the allowance at 0.0004.
    assert.match(await row.innerText(), /USD 145\.00/);
    assert.match(await page.getByRole('row').filter({ hasText: 'Free' }).innerText(), /its quota is 50,000 calls/);
  });
}

async function signsUp(page: Page, demo: ServedDemo): Promise<void> {
  await check('signs up from the price list with the plan that it chose', async () => {
    await page.getByRole('link', { name: 'Choose Growth' }).click();
    await page.getByRole('link', { name: 'sign in as somebody new' }).click();
    assert.equal(await heading(page), 'Open an account');
    assert.equal(await page.getByLabel('Plan').inputValue(), 'growth');
    await page.getByLabel('Company', { exact: true }).fill('Ümlaut & Söhne 株式会社');
    await page.getByLabel('How many people work there').fill('14');
    await page.getByRole('button', { name: 'Open the account' }).click();
    assert.equal(await page.locator('.customer').innerText(), 'Ümlaut & Söhne 株式会社');
  });
  await check('is on that plan, and its key opens the gateway within minutes', async () => {
    await page.goto(`${demo.url}/plan`);
    await reloadedUntil(page, async () => (await heading(page)) === 'Plan: Growth', 'the first decision');
    await page.goto(`${demo.url}/keys`);
    await page.getByLabel('Name', { exact: true }).fill('first');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = KEY.exec(await page.locator('#new-key').innerText())?.[0] ?? '';
    assert.equal(await demo.call(key), 200);
  });
}

async function upgrades(page: Page, { url }: ServedDemo): Promise<void> {
  await check(
    'sees both bills of this period before it upgrades, and holds the larger plan within the hour',
    async () => {
      await page.goto(`${url}/plan`);
      await page.getByRole('link', { name: 'See what it changes for Business' }).click();
      const bills = await page.getByRole('region', { name: 'This period’s bill' }).innerText();
      assert.match(bills, /As things are\s+USD \d/);
      assert.match(bills, /With Business\s+USD \d/);
      await page.getByRole('button', { name: 'Change to Business' }).click();
      await page.getByText('Your choice is written down.').waitFor();
      await page.goto(`${url}/plan`);
      await reloadedUntil(page, async () => (await heading(page)) === 'Plan: Business', 'the upgrade');
      assert.match(await page.locator('main').innerText(), /The customer chose Business itself/);
    },
  );
}

async function thinksAgain(page: Page, { url }: ServedDemo): Promise<void> {
  await check('a smaller plan waits for the period’s end, and is taken back', async () => {
    await page.getByRole('link', { name: 'See what it changes for Free' }).click();
    await page.getByRole('button', { name: 'Change to Free' }).click();
    await page.getByText('Free from 1 December 2026, 00:00 UTC.').waitFor();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('The change is taken back.').waitFor();
  });
  await check('cancels, and sees until when its keys work', async () => {
    await page.getByRole('link', { name: 'Cancel the account' }).click();
    await page.getByRole('button', { name: 'Cancel the account' }).click();
    await page.getByText(/The account closes on 1 December 2026, 00:00 UTC/).waitFor();
    await page.goto(`${url}/account`);
    const acts = await page.locator('main').innerText();
    for (const act of ['account opened: growth', 'plan chosen: business', 'account cancelled']) {
      assert.ok(acts.includes(act), act);
    }
  });
}
