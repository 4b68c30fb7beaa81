import type { Page } from 'playwright-core';
import type { ServedDemo } from './served-demo.ts';

/** By the development sign-in, as the demonstration's customer. */
export async function signIn(page: Page, { url, customer }: ServedDemo): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByRole('link', { name: customer.name }).click();
  await page.waitForURL(`${url}/`);
}
