import type { Browser, Page } from 'playwright-core';
import { check } from './checks.ts';
import type { ServedDemo } from './served-demo.ts';
import { signIn } from './visits.ts';
import { assertWhole } from './whole.ts';

const WIDTHS = [360, 768, 1440];

/** Pages that anyone can open. */
export const OUTSIDE = [
  '/development',
  '/development/mail',
  '/sign-in',
  '/signed-out',
  '/pricing',
  '/pricing?api-calls=250000&api-calls.bulk=9000&tokens=many',
  '/pricing?api-calls=250000&api-calls.bulk=9000&tokens=5000000',
];
/** Of somebody who is signed in and belongs nowhere yet. */
const NEWCOMER = '/development/newcomer?to=/join?card=growth';
/** Pages of a customer. */
export const inside = ({ month }: ServedDemo): readonly string[] => [
  '/',
  '/usage',
  `/usage/${month}`,
  '/plan',
  '/plan/change/business',
  '/plan/change/free',
  '/plan/cancel',
  '/pricing',
  '/invoices',
  `/invoices/${month}`,
  '/keys',
  '/alerts',
  '/account',
  '/account/data',
  '/account/data/facts/industry',
  '/account/data/facts/callsLast30Days',
  '/account/data/export',
  '/account/data/erase',
  '/prices',
  `/usage/${month}/report`,
  `/invoices/${month}/bundle`,
  '/nothing-here',
];

/** axe and a picture of every page, light and dark, from a phone to a desk. */
export async function everyPage(browser: Browser, demo: ServedDemo): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      for (const path of OUTSIDE) await checkPage(page, demo, path, `${colorScheme}-${width}`);
      await signIn(page, demo);
      for (const path of inside(demo)) await checkPage(page, demo, path, `${colorScheme}-${width}`);
      await checkPage(page, demo, NEWCOMER, `${colorScheme}-${width}`);
      await context.close();
    }
  }
}

async function checkPage(page: Page, { url }: ServedDemo, path: string, look: string): Promise<void> {
  await check(`${path} ${look}: axe finds nothing, and nothing runs off the side`, async () => {
    await page.goto(url + path);
    for (const summary of await page.locator('main details > summary').all()) await summary.click();
    await assertWhole(page, path, look);
  });
}
