import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { addExportCommand } from '../../lib/cli/export.ts';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addReconcileCommand } from '../../lib/cli/reconcile.ts';
import { addVerifyCommand } from '../../lib/cli/verify.ts';
import { HOUR_MS, parseMonth } from '../../lib/domain/time/time.ts';
import { serveMonth } from '../../lib/local/serve.ts';
import { customer, eventRequest, startShop, stopShops, tokensEvent } from './shop.ts';

const JANUARY = parseMonth('2026-01');
const folder = mkdtempSync(join(tmpdir(), 'tollgate-verified-'));
let served: Awaited<ReturnType<typeof serveMonth>>;
let world: Awaited<ReturnType<typeof startShop>>;

/** A shop and a wholesaler live the last hours of January; then the cloud is served, as `tollgate dev` does. */
beforeAll(async () => {
  world = await startShop({
    start: Date.UTC(2026, 0, 31, 12),
    faults: { copies: (p) => (p === 'firehose-record' ? 2 : 1) },
  });
  const { tollgate, clock } = world;
  const { cloud } = tollgate;
  await tollgate.importCustomers([customer('acme', 'retail'), customer('rivalco', 'wholesale')]);
  const keys = [await tollgate.createKey('acme', 'p', 'live'), await tollgate.createKey('rivalco', 'p', 'live')];
  await cloud.settle(HOUR_MS / 2);
  const ingress = (await cloud.listen(cloud.ingress, 0)).url();
  for (let n = 0; n < 12; n++) {
    await clock.advanceBy(20 * 60_000);
    for (const key of keys) {
      const path = n % 3 === 0 ? '/payments' : '/search';
      await cloud.gateway().invoke({ method: 'GET', path, headers: { 'x-api-key': key } });
    }
  }
  const event = tokensEvent('e-1', 'acme', '2026-01-31T13:05:00Z', '2600');
  expect((await fetch(`${ingress}/events`, eventRequest(event))).status).toBe(202);
  for (let at = JANUARY.end; at <= JANUARY.end + 31 * HOUR_MS; at += HOUR_MS) await clock.advanceTo(at);
  const sample = { customer: 'acme', key: keys[0] ?? '', path: '/search' };
  served = await serveMonth(
    { tollgate, clock, period: JANUARY, sample, answers: new Map(), remark: null, goOn: null },
    { port: 0, speed: 1 },
  );
  writeFileSync(join(folder, 'outputs.json'), JSON.stringify(served.outputs));
}, 60_000);
afterAll(async () => {
  await served?.close();
  await stopShops();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: Io = {
    ...{ stdout, stderr, stdin: new PassThrough(), env: {}, cwd: folder, clock: { now: () => 0 }, exitCode: 0 },
    ...{ isTerminal: { stdout: false, stderr: false }, signal: new AbortController().signal },
  };
  await main(args, io, [addExportCommand, addVerifyCommand, addReconcileCommand], '0');
  return { code: io.exitCode, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}
const stack = ['--outputs', 'outputs.json'];

test('an invoice is exported from the running stack and verified offline', async () => {
  const exported = await run(
    'export',
    '--customer',
    'acme',
    '--period',
    '2026-01',
    '--out',
    'acme.gz',
    '--json',
    ...stack,
  );
  expect([exported.err, exported.code]).toEqual(['', 0]);
  expect(JSON.parse(exported.out)).toMatchObject({ verified: true, currency: 'USD' });
  const verified = await run('verify', 'acme.gz', '--json');
  expect(verified.code).toBe(0);
  // Twelve calls, each of them twice in the ledger, and an event, twice too.
  const answer = JSON.parse(verified.out);
  expect(answer).toMatchObject({ verified: true, customer: 'acme', notices: [], checked: { lines: 26 } });
  const { invoice } = (await world.tollgate.stores.invoices.ofCustomer('acme'))[0] ?? {};
  expect(answer.total).toBe(invoice?.total);
});

test('the bundle holds nothing of the other customer, and one digit of a call is found', async () => {
  const text = gunzipSync(readFileSync(join(folder, 'acme.gz'))).toString();
  for (const theirs of ['rivalco', 'RIVALCO', 'wholesale', 'bulk-for-wholesalers', 'bulk@2026']) {
    expect([theirs, text.includes(theirs)]).toEqual([theirs, false]);
  }
  writeFileSync(join(folder, 'forged.gz'), gzipSync(text.replace('"latencyMs":"', '"latencyMs":"1')));
  const { code, out } = await run('verify', 'forged.gz');
  expect([code, out]).toEqual([3, expect.stringMatching(/lines of 2026-01-31T\d\d:00:00Z in usage\//)]);
});

test('the four places agree, until a line at Stripe is changed by hand', async () => {
  const before = await run('reconcile', '--period', '2026-01', ...stack);
  expect([before.err, before.code]).toEqual(['', 0]);
  expect(before.out).toMatch(/^2026-01: everything agrees \(2 customers/);
  const record = (await world.tollgate.stores.invoices.ofCustomer('acme'))[0];
  const lines = world.tollgate.stripe.store.lines.get(record?.stripe.invoice ?? '') ?? [];
  const line = lines.find(({ amount }) => amount > 0);
  if (line) Object.assign(line, { amount: line.amount + 1 });
  const after = await run('reconcile', '--period', '2026-01', '--customer', 'acme', '--json', ...stack);
  expect(after.code).toBe(3);
  expect(JSON.parse(after.out).differences).toMatchObject([{ customer: 'acme', place: 'stripe' }]);
});

test.each([
  { args: ['--customer', 'nobody', '--period', '2026-01'], message: /no customer nobody/ },
  { args: ['--customer', 'acme', '--period', '2025-12'], message: /no usage invoice .*\(it has those of 2026-01\)/ },
  { args: ['--customer', 'acme', '--period', '2026-13'], message: /2026-13/ },
])('export $args is refused in one line', async ({ args, message }) => {
  const { code, err } = await run('export', ...args, '--out', 'x.gz', ...stack);
  expect([code, err]).toEqual([1, expect.stringMatching(message)]);
});
