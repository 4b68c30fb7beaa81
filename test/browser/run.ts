import { account } from './account.ts';
import { alerts } from './alerts.ts';
import { counts } from './checks.ts';
import { launchChromium } from './chromium.ts';
import { live } from './live.ts';
import { everyPage } from './pages.ts';
import { serveDemo } from './served-demo.ts';
import { shop } from './shop.ts';
import { story } from './story.ts';
import { uncommon } from './uncommon.ts';
import { withoutScript } from './without-script.ts';

/**
 * `npm run test:browser`: the portal in a real browser, over a month lived in the embedded cloud. Pictures of every page
 * go to the folder that TOLLGATE_PICTURES names. Closes with "N passed, M failed, K skipped".
 */
const browser = await launchChromium();
if (browser === undefined) {
  console.log('  - skipped: no Chromium on this machine (CHROMIUM_PATH names one)\n0 passed, 0 failed, 1 skipped');
} else {
  const demo = await serveDemo();
  try {
    await story(browser, demo);
    await live(browser, demo);
    await shop(browser, demo);
    await alerts(browser, demo);
    await account(browser, demo);
    await everyPage(browser, demo);
    await withoutScript(browser, demo);
    await uncommon(browser);
  } finally {
    await browser.close();
    await demo.stop();
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}
