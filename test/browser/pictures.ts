import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.ts';

/**
 * `npm run pictures`: the pictures of the documentation, taken from the month that `npm start` lives. It needs Chromium
 * (CHROMIUM_PATH names one that stands elsewhere) and takes about a minute.
 */
const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/images');
/** Of the invented companies the one whose bill has most to explain: payments, protection, a discount. */
const CUSTOMER = 'helvetia-pay';
const MONTH = '2026-10';

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly look: Look;
  /** Height of what is shown; the rest is cut off. @default the whole page */
  readonly height?: number;
}

interface Look {
  readonly width: number;
  readonly scale: number;
  readonly colorScheme: 'light' | 'dark';
}
const DESK: Look = { width: 1280, scale: 1, colorScheme: 'light' };
const PHONE: Look = { width: 390, scale: 2, colorScheme: 'light' };
const PHONE_AT_NIGHT: Look = { ...PHONE, colorScheme: 'dark' };

const PICTURES: readonly Picture[] = [
  { name: 'portal', path: '/', look: DESK, height: 1_000 },
  { name: 'portal-phone', path: '/', look: PHONE_AT_NIGHT, height: 844 },
  { name: 'usage', path: `/usage/${MONTH}`, look: DESK, height: 900 },
  { name: 'invoice', path: `/invoices/${MONTH}`, look: DESK, height: 1_000 },
  { name: 'pricing', path: '/pricing', look: DESK, height: 1_000 },
  { name: 'plan-page', path: '/plan', look: DESK },
  { name: 'alerts', path: '/alerts', look: DESK, height: 1_000 },
  { name: 'report', path: `/usage/${MONTH}/report`, look: DESK, height: 1_200 },
  { name: 'report-phone', path: `/usage/${MONTH}/report`, look: PHONE_AT_NIGHT, height: 844 },
  { name: 'pricing-phone', path: '/pricing', look: PHONE, height: 844 },
  { name: 'invoice-phone', path: `/invoices/${MONTH}`, look: PHONE, height: 844 },
];

const browser = await launchChromium();
if (browser === undefined) {
  console.error('error: no Chromium on this machine; CHROMIUM_PATH names one that stands elsewhere');
  process.exitCode = 1;
} else {
  const started = await startMonth();
  try {
    for (const picture of PICTURES) {
      await take(browser, started.pages, picture);
      console.log(`docs/images/${picture.name}.png`);
    }
  } finally {
    await browser.close();
    started.stop();
  }
}

/** `npm start` on free ports; answers when it serves. */
async function startMonth(): Promise<{ pages: string; stop: () => void }> {
  const child = spawn('npx', ['tsx', 'bin/tollgate.ts', 'dev', '--month', MONTH, '--port', '0'], {
    ...{ cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  const stop = () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGINT'));
  const pages = await new Promise<string>((found, failed) => {
    let seen = '';
    child.stdout?.on('data', (text) => {
      seen += text;
      const [, url] = /Pages\s+(\S+)/.exec(seen) ?? [];
      if (url !== undefined) found(url);
    });
    child.on('exit', (code) => failed(new Error(`npm start ended with ${code} before it served`)));
  });
  return { pages, stop };
}

async function take(from: Browser, pages: string, { name, path, look, height }: Picture): Promise<void> {
  const { width, scale, colorScheme } = look;
  const context = await from.newContext({
    ...{ colorScheme, deviceScaleFactor: scale, viewport: { width, height: height ?? 900 }, reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  await page.goto(`${pages}/customers/${CUSTOMER}`);
  await page.goto(pages + path);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: height === undefined });
  await context.close();
}
