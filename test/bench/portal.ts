import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Browser, Page } from 'playwright-core';
import { parseMonth } from '../../lib/domain/time/time.ts';
import { bind } from '../../lib/local/cloud/gateway/listener.ts';
import { site } from '../../lib/local/site.tsx';
import { portalRoutes } from '../../lib/portal/routes.ts';
import { launchChromium } from '../browser/chromium.ts';
import { BUSY, busyPortal, LAST_MONTH } from './busy-portal.ts';
import type { BenchResult } from './result.ts';

const ROUNDS = 40;
const WARM_UP = 4;
const ANSWER_MS_MAX = 100;
const PAGE_BYTES_MAX = 100_000;
const PAINT_MS_MAX = 1_000;
/** What a page's address takes. */
const GIVEN: Readonly<Record<string, string>> = {
  ':number': LAST_MONTH,
  ':month{[0-9]{4}-[0-9]{2}}': LAST_MONTH,
  ':fact': 'industry',
  ':card': 'business',
};
/**
 * Files, ways out, and the way back of who has left, which are no pages of this customer; a report is drawn from two
 * periods and has a goal of its own.
 */
const NO_PAGE =
  /\.(csv|json|pdf|gz)$|\/(pay|payment-method|start|callback)$|\/report$|^\/(join|sign-in|signed-out)|^\/api|^\/plan\/return|:token|:code/;

/** Every page of a customer of two years over the local stores, in turn, and what it weighs; then as a phone sees it. */
export async function run(): Promise<BenchResult[]> {
  const tollgate = await busyPortal();
  let portal: Hono | undefined;
  const server = createAdaptorServer({
    fetch: (request: Request) => portal?.fetch(request) ?? new Response(),
  }) as Server;
  try {
    const origin = `http://127.0.0.1:${await bind(server, 0)}`;
    portal = site(tollgate, { period: parseMonth(LAST_MONTH), curl: 'curl', origin });
    const visitor = await signedIn(portal, origin);
    const pages = pagesOf();
    const results = [
      ...(await answers(visitor, pages)),
      ...(await weights(visitor, pages)),
      ...(await report(visitor)),
      ...(await paints(origin, pages)),
    ];
    return results;
  } finally {
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
    await tollgate.stop();
  }
}

function pagesOf(): string[] {
  const paths = portalRoutes({})
    .filter(({ method, access }) => method === 'GET' && access !== 'guest')
    .map(({ path }) => path)
    .filter((path) => !NO_PAGE.test(path));
  return paths.map((path) => Object.entries(GIVEN).reduce((found, [name, value]) => found.replace(name, value), path));
}

type Visitor = (path: string) => Promise<{ status: number; body: string; bytes: number }>;

async function signedIn(portal: Hono, origin: string): Promise<Visitor> {
  const host = { host: new URL(origin).host };
  const answer = await portal.request(`${origin}/customers/${BUSY}`, { headers: host });
  const cookie = answer.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ');
  return async (path) => {
    const response = await portal.request(`${origin}${path}`, { headers: { ...host, cookie } });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, body: bytes.toString('utf8'), bytes: bytes.length };
  };
}

/**
 * Round by round over all pages, so that none is measured in a better moment than another. Processor time is that of the
 * whole process, the local DynamoDB included: unlike the clock it does not rise with what else the machine does.
 */
async function answers(visit: Visitor, pages: readonly string[]): Promise<BenchResult[]> {
  const times = new Map<string, { waited: number[]; worked: number[] }>();
  for (const path of pages) times.set(path, { waited: [], worked: [] });
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [path, { waited, worked }] of times) {
      const [started, usage] = [performance.now(), process.cpuUsage()];
      const { status } = await visit(path);
      const { user, system } = process.cpuUsage(usage);
      const taken = performance.now() - started;
      if (status !== 200) throw new Error(`${path} answers ${status}`);
      if (round < WARM_UP) continue;
      waited.push(taken);
      worked.push((user + system) / 1_000);
    }
  }
  return [...times].flatMap(([path, { waited, worked }]) => {
    const [p95, cpu] = [percentile95(waited), percentile95(worked)];
    const goal = `< ${ANSWER_MS_MAX} ms`;
    return [
      { name: `page ${path}, p95`, value: Math.round(p95), unit: 'ms', goal, met: p95 < ANSWER_MS_MAX },
      { name: `page ${path}, processor time, p95`, value: Math.round(cpu), unit: 'ms' },
    ];
  });
}

const percentile95 = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.95) - 1] ?? Number.NaN;

/** A page with its stylesheet, script and icon, without what charts draw. */
async function weights(visit: Visitor, pages: readonly string[]): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const path of pages) {
    const { body } = await visit(path);
    const assets = new Set([...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, asset = '']) => asset));
    const ofAssets = await Promise.all([...assets].map(async (asset) => (await visit(asset)).bytes));
    const withoutCharts = body.replace(/<svg[^>]*class="chart[\s\S]*?<\/svg>/g, '');
    const bytes = Buffer.byteLength(withoutCharts) + ofAssets.reduce((sum, n) => sum + n, 0);
    const name = `page ${path}, weight without charts`;
    const goal = `< ${PAGE_BYTES_MAX / 1_000} KB`;
    results.push({ name, value: Math.round(bytes / 100) / 10, unit: 'KB', goal, met: bytes < PAGE_BYTES_MAX });
  }
  return results;
}

/** The month's report of a customer with 1.7 million calls, from the stores, as a page and as a PDF. */
async function report(visit: Visitor): Promise<BenchResult[]> {
  const started = performance.now();
  const page = await visit(`/usage/${LAST_MONTH}/report`);
  const pdf = await visit(`/usage/${LAST_MONTH}/report.pdf`);
  const seconds = (performance.now() - started) / 1_000;
  if (page.status !== 200 || pdf.status !== 200) throw new Error(`reports answer ${page.status} and ${pdf.status}`);
  const name = 'report of 1.7 million calls from the stores, HTML and PDF';
  return [{ name, value: Math.round(seconds * 100) / 100, unit: 's', goal: '< 2 s', met: seconds < 2 }];
}

/** A phone of the middle class on a slow network: a quarter of this machine's speed, 1.6 Mbit/s, 150 ms to and fro. */
const NETWORK = {
  ...{ offline: false, latency: 150, downloadThroughput: (1.6 * 1_000_000) / 8 },
  ...{ uploadThroughput: (0.75 * 1_000_000) / 8, connectionType: 'cellular4g' as const },
};
const PAINTED = ['/', '/usage', `/invoices/${LAST_MONTH}`, '/keys', '/account/data'];

async function paints(origin: string, pages: readonly string[]): Promise<BenchResult[]> {
  const browser = await launchChromium();
  if (browser === undefined) {
    process.stderr.write(
      'bench: portal: first contentful paint is skipped, there is no Chromium (CHROMIUM_PATH names one)\n',
    );
    return [];
  }
  try {
    const results: BenchResult[] = [];
    for (const path of PAINTED.filter((each) => pages.includes(each)))
      results.push(await painted(browser, origin, path));
    return results;
  } finally {
    await browser.close();
  }
}

/** A busy machine reports a paint a moment after it; the page's own policy keeps the driver from waiting inside it. */
async function paintOf(page: Page): Promise<number> {
  for (let look = 0; look < 100; look++) {
    const at = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null");
    if (typeof at === 'number') return at;
    await page.waitForTimeout(20);
  }
  throw new Error(`${page.url()} has painted nothing within two seconds of its load`);
}

/** The median of five first visits, nothing cached. */
async function painted(browser: Browser, origin: string, path: string): Promise<BenchResult> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const context = await browser.newContext({
      viewport: { width: 360, height: 740 },
      deviceScaleFactor: 2,
      isMobile: true,
    });
    const page = await context.newPage();
    await context.request.get(`${origin}/customers/${BUSY}`, { maxRedirects: 0 });
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', NETWORK);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.goto(`${origin}${path}`, { waitUntil: 'load' });
    times.push(await paintOf(page));
    await context.close();
  }
  const paint = times.toSorted((a, b) => a - b)[2] ?? Number.NaN;
  const goal = `< ${PAINT_MS_MAX / 1_000} s`;
  return {
    name: `page ${path}, first contentful paint on a phone`,
    value: Math.round(paint),
    unit: 'ms',
    goal,
    met: paint < PAINT_MS_MAX,
  };
}
