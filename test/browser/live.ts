import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { check } from './checks.ts';
import type { ServedDemo } from './served-demo.ts';
import { signIn } from './visits.ts';

const LIVE = '/live/usage.json';

/** How the page keeps its numbers up to date: seldom where nothing changes, never unseen, at once when it is seen again. */
export async function live(browser: Browser, demo: ServedDemo): Promise<void> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  const answers: number[] = [];
  page.on('response', (response) => response.url().endsWith(LIVE) && answers.push(response.status()));
  await page.clock.install();
  await signIn(page, demo);
  const asked = async (seconds: number) => {
    const before = answers.length;
    await pass(page, seconds);
    return answers.length - before;
  };

  await check('numbers that do not change are asked for less and less often, and answered 304', async () => {
    const inTwoMinutes = await asked(120);
    assert.ok(inTwoMinutes >= 5 && inTwoMinutes <= 14, `asked ${inTwoMinutes} times in two minutes`);
    assert.equal(answers[0], 200);
    assert.ok(answers.includes(304), `answered ${answers.join(', ')}`);
    const settled = await asked(120);
    assert.ok(settled >= 2 && settled <= 6, `asked ${settled} times in the two minutes after them`);
  });
  await check('a page that nobody sees asks for nothing, and asks at once when it is looked at again', async () => {
    await see(page, 'hidden');
    assert.equal(await asked(300), 0);
    const before = answers.length;
    await see(page, 'visible');
    await until(() => answers.length > before);
  });
  await check('while the network is away it asks as seldom, and goes on by itself when it is back', async () => {
    let tries = 0;
    await page.route(`**${LIVE}`, async (route) => {
      tries += 1;
      await route.abort();
    });
    assert.equal(await asked(120), 0);
    assert.ok(tries >= 2 && tries <= 9, `tried ${tries} times in two minutes`);
    await page.unroute(`**${LIVE}`);
    const before = answers.length;
    await page.evaluate("dispatchEvent(new Event('online'))");
    await until(() => answers.length > before);
  });
  await check('once signed out elsewhere it stops', async () => {
    await page.context().clearCookies();
    assert.ok((await asked(60)) <= 1);
    assert.equal(answers.at(-1), 401);
    assert.equal(await asked(300), 0);
    await see(page, 'visible');
    assert.equal(await asked(30), 0);
  });
  await check('and nothing of it was an error', async () => assert.deepEqual(faults, []));
  await page.context().close();
}

/** A second of the page's clock at a time, each with a moment for what it asks for to be answered. */
async function pass(page: Page, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    const pending = page
      .waitForResponse((response) => response.url().endsWith(LIVE), { timeout: 15 })
      .catch(() => null);
    await page.clock.runFor(1_000);
    await pending;
  }
}

async function see(page: Page, state: 'visible' | 'hidden'): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
    document.dispatchEvent(new Event('visibilitychange'));`,
  );
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, 'it has not asked within ten seconds');
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
