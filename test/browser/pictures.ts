import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { COMPANIES, COMPANIES_USAGE, dearerGrowth, PlanWorld } from '../cli/plan-world.ts';
import { launchChromium } from './chromium.ts';

/**
 * `npm run pictures [-- NAME ...]`: the pictures of the documentation, taken from the month that `npm start` lives, and a
 * plan as a reviewer sees it. It needs Chromium (CHROMIUM_PATH names one that stands elsewhere) and takes about a minute.
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

const PLAN: Look = { width: 1_000, scale: 1, colorScheme: 'light' };
const PLAN_HEIGHT = 1_120;

const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const browser = await launchChromium();
if (browser === undefined) {
  console.error('error: no Chromium on this machine; CHROMIUM_PATH names one that stands elsewhere');
  process.exitCode = 1;
} else {
  try {
    if (isWanted('plan')) await takePlan(browser);
    await takeMonth(
      browser,
      PICTURES.filter(({ name }) => isWanted(name)),
    );
  } finally {
    await browser.close();
  }
}

/** A dearer card for invented companies, priced by the command itself. */
async function takePlan(from: Browser): Promise<void> {
  const world = new PlanWorld();
  try {
    world.rules('rules');
    world.rules('proposed', dearerGrowth());
    world.json('customers.json', COMPANIES);
    world.lines('usage.ndjson', COMPANIES_USAGE);
    const sides = ['--base', 'rules', '--head', 'proposed', '--usage', 'usage.ndjson', '--customers', 'customers.json'];
    await world.plan([...sides, '--format', 'html', '--out', 'plan.html']);
    await shoot(from, 'plan', PLAN, PLAN_HEIGHT, (page) => page.goto(`file://${join(world.folder, 'plan.html')}`));
  } finally {
    world.remove();
  }
}

async function takeMonth(from: Browser, pictures: readonly Picture[]): Promise<void> {
  if (pictures.length === 0) return;
  const { pages, stop } = await startMonth();
  try {
    for (const { name, path, look, height } of pictures) {
      await shoot(from, name, look, height, async (page) => {
        await page.goto(`${pages}/customers/${CUSTOMER}`);
        await page.goto(pages + path);
      });
    }
  } finally {
    stop();
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

async function shoot(
  from: Browser,
  name: string,
  { width, scale, colorScheme }: Look,
  height: number | undefined,
  open: (page: Page) => Promise<unknown>,
): Promise<void> {
  const context = await from.newContext({
    ...{ colorScheme, deviceScaleFactor: scale, viewport: { width, height: height ?? 900 }, reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  await open(page);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: height === undefined });
  await context.close();
  console.log(`docs/images/${name}.png`);
}
