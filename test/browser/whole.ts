import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const PICTURES = process.env.TOLLGATE_PICTURES;

/** axe finds nothing on the page as it stands, and nothing runs off its side. Its picture is kept where TOLLGATE_PICTURES says. */
export async function assertWhole(page: Page, path: string, look: string): Promise<void> {
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    const name = `${path.replaceAll(/[^\w-]+/g, '_')}-${look}.png`;
    await page.screenshot({ path: join(PICTURES, name), fullPage: true });
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  assert.deepEqual(found, []);
  const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  assert.ok(overflow <= 0, `${overflow} px wider than the window`);
}
