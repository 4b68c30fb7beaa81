import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { addExportCommand } from '../../lib/cli/export.ts';
import { addInvoiceCommand } from '../../lib/cli/invoice.ts';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addReconcileCommand } from '../../lib/cli/reconcile.ts';
import { addVerifyCommand } from '../../lib/cli/verify.ts';
import { HOUR_MS, type Period } from '../../lib/domain/time/time.ts';
import { serveMonth } from '../../lib/local/serve.ts';
import { anchored, eventRequest, startShop, stopShops, tokensEvent } from './shop.ts';

/** Billing periods begin on the second: this one ends a day after the shop opened, so that few hours are closed. */
const DECEMBER: Period = { start: Date.UTC(2025, 11, 2), end: Date.UTC(2026, 0, 2) };

/**
 * A shop and a wholesaler live the last hours of a period, with every record delivered twice; both are invoiced, and the cloud
 * is served as `tollgate dev` does, so that commands reach it by the outputs in `folder`.
 */
export async function servedPeriod() {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-period-'));
  const { tollgate, clock } = await startShop({
    start: Date.UTC(2026, 0, 1, 12),
    faults: { copies: (p) => (p === 'firehose-record' ? 2 : 1) },
  });
  const { cloud } = tollgate;
  await tollgate.importCustomers([anchored(2, 'acme', 'retail'), anchored(2, 'rivalco', 'wholesale')]);
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
  const event = tokensEvent('e-1', 'acme', '2026-01-01T13:05:00Z', '2600');
  const answer = await fetch(`${ingress}/events`, eventRequest(event));
  if (answer.status !== 202) throw new Error(`the event was answered with ${answer.status}`);
  for (let at = DECEMBER.end; at <= DECEMBER.end + 31 * HOUR_MS; at += HOUR_MS) await clock.advanceTo(at);
  const sample = { customer: 'acme', key: keys[0] ?? '', path: '/search' };
  const served = await serveMonth(
    { tollgate, clock, period: DECEMBER, sample, answers: new Map(), remark: null, goOn: null },
    { port: 0, speed: 1 },
  );
  writeFileSync(join(folder, 'outputs.json'), JSON.stringify(served.outputs));
  return {
    folder,
    tollgate,
    run: (...args: string[]) => run(folder, args),
    async close() {
      await served.close();
      await stopShops();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type ServedPeriod = Awaited<ReturnType<typeof servedPeriod>>;
export const STACK = ['--outputs', 'outputs.json'];

async function run(cwd: string, args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: Io = {
    ...{ stdout, stderr, stdin: new PassThrough(), env: {}, cwd, clock: { now: () => 0 }, exitCode: 0 },
    ...{ isTerminal: { stdout: false, stderr: false }, signal: new AbortController().signal },
  };
  await main([...args], io, [addExportCommand, addInvoiceCommand, addVerifyCommand, addReconcileCommand], '0');
  return { code: io.exitCode, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}
