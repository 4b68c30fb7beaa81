import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { check } from './checks.ts';
import type { ServedDemo } from './served-demo.ts';
import { signIn } from './visits.ts';

export async function withoutScript(browser: Browser, demo: ServedDemo): Promise<void> {
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
