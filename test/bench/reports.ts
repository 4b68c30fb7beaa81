import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { interFonts } from '../../lib/adapters/report-fonts/inter.ts';
import type { InvoiceHead, InvoiceRecord } from '../../lib/app/ports/invoices.ts';
import { type ReportStores, runReports } from '../../lib/cli/reports-run.ts';
import type { InvoiceKey } from '../../lib/domain/invoicing/invoice.ts';
import { usageReport } from '../../lib/domain/reporting/usage-report.ts';
import type { Hour, Period } from '../../lib/domain/time/time.ts';
import { renderPdf } from '../../lib/portal/report/pdf/render-pdf.ts';
import { renderHtml } from '../../lib/portal/report/render-html.tsx';
import { reportStores } from '../app/make-report/report-stores.ts';
import { calls, decisionOf, officeHours, reportInput } from '../domain/reporting/report-world.ts';
import type { BenchResult } from './result.ts';

const GROUPS = ['search', 'payments', 'status', 'bulk'];
const A_MILLION = 1_000_000;
const HOURS = 744;
const REPORTS = 1_000;
/** By then everything is compiled, and every cache is as large as it gets. */
const SETTLED = 200;
/** Of what is alive: a report that stayed would be a megabyte of rows, eight hundred of them. */
const HEAP_GROWTH_MIB_MAX = 8;
/** Of the process: what was freed is not always given back at once. */
const RSS_GROWTH_MIB_MAX = 64;

/** One report of a customer with a million calls, and `tollgate reports --all` over a thousand customers, as pages and as PDFs. */
export async function run(): Promise<BenchResult[]> {
  return [...(await oneLarge()), ...(await aThousand('html')), ...(await aThousand('pdf'))];
}

/** The first in its process, as a person waits for it who asks for one: code that is not yet compiled included. */
async function oneLarge(): Promise<BenchResult[]> {
  const each = Math.ceil(A_MILLION / HOURS / GROUPS.length);
  const business = decisionOf({ rateCard: 'business@2025-01-01', discounts: [] });
  const input = reportInput({ use: () => GROUPS.map((group) => calls(each, group)), decisions: [business] });
  const [started, usage] = [performance.now(), process.cpuUsage()];
  const report = usageReport(input);
  renderHtml(report);
  await renderPdf(report, { fonts: interFonts() });
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(usage);
  const name = 'report, a million calls, HTML and PDF';
  return [
    { name, value: rounded(seconds), unit: 's', goal: '< 2 s', met: seconds < 2 },
    { name: `${name}, processor time`, value: rounded((user + system) / 1_000_000), unit: 's' },
  ];
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/**
 * One run, measured when it asks for the next customer: what is alive after a forced collection, and what the process
 * holds. What is not given back adds up between the two hundredth report and the last.
 */
async function aThousand(format: 'html' | 'pdf'): Promise<BenchResult[]> {
  const stores = await storesOf(REPORTS);
  const memory: Memory[] = [];
  async function* customers() {
    let asked = 0;
    for await (const customer of stores.customers()) {
      if (asked === SETTLED) memory.push(memoryNow());
      asked += 1;
      yield customer;
    }
    memory.push(memoryNow());
  }
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-'));
  const started = performance.now();
  try {
    const { io, said } = ioIn(folder, stores);
    const flags = { period: '2026-10', format, paper: 'a4', out: '.', all: true } as const;
    await runReports(flags, io, async () => ({ ...stores, customers }));
    if (said() !== `${REPORTS} reports in .\n`) throw new Error(`the run said: ${said()}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = (performance.now() - started) / 1_000;
  const [settled, last] = memory;
  if (settled === undefined || last === undefined) throw new Error('memory was measured twice');
  const name = `reports, ${REPORTS} of ${format} in one run`;
  return [
    { name, value: rounded(seconds), unit: 's' },
    { name: `${name}, memory of the process at the end`, value: rounded(last.rss), unit: 'MiB' },
    growth(`${name}, alive beyond the first ${SETTLED}`, last.alive - settled.alive, HEAP_GROWTH_MIB_MAX),
    growth(`${name}, memory beyond the first ${SETTLED}`, last.rss - settled.rss, RSS_GROWTH_MIB_MAX),
  ];
}

const growth = (name: string, mib: number, most: number): BenchResult => ({
  ...{ name, value: rounded(mib), unit: 'MiB', goal: `<= ${most} MiB`, met: mib <= most },
});

interface Memory {
  /** Objects and the buffers that they hold, after a collection. */
  readonly alive: number;
  readonly rss: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function memoryNow(): Memory {
  // Twice: buffers go when what held them has gone.
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { alive: (heapUsed + external) / 2 ** 20, rss: rss / 2 ** 20 };
}

/** The stores of one customer under a thousand names: every read makes new objects, as a store does. */
async function storesOf(count: number): Promise<ReportStores> {
  const { ports } = await reportStores({ use: officeHours });
  const { directory, usage, provisional, decisions, invoices, corrections } = ports;
  const renamed = <T extends object>(found: readonly T[], customer: string): T[] =>
    found.map((one) => ({ ...structuredClone(one), customer }));
  const ofAcme = (key: InvoiceKey): InvoiceKey => ({ ...key, customer: 'acme' });
  const invoiceOf = <T extends InvoiceHead | InvoiceRecord>(record: T, customer: string): T => {
    const copy = structuredClone(record);
    return { ...copy, key: { ...copy.key, customer }, invoice: copy.invoice && { ...copy.invoice, customer } };
  };
  return {
    ports: {
      ...ports,
      directory: {
        async profile(id) {
          const profile = await directory.profile('acme');
          return profile && { ...profile, customer: { ...profile.customer, id, name: `Customer ${id}` } };
        },
      },
      usage: {
        ...usage,
        closedHours: async (id, period: Period) => renamed(await usage.closedHours('acme', period), id),
      },
      provisional: { provisional: async (id, period) => renamed(await provisional.provisional('acme', period), id) },
      decisions: { during: async (id, from: Hour, to: Hour) => renamed(await decisions.during('acme', from, to), id) },
      invoices: {
        headsOf: async (id) => (await invoices.headsOf('acme')).map((head) => invoiceOf(head, id)),
        async get(key) {
          const record = await invoices.get(ofAcme(key));
          return record && invoiceOf(record, key.customer);
        },
      },
      corrections: { ofCustomer: async () => corrections.ofCustomer('acme') },
    },
    async *customers() {
      for (let n = 0; n < count; n++) yield `customer-${n}`;
    },
  };
}

function ioIn(cwd: string, { ports: { clock } }: ReportStores) {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const io = {
    ...{ stdout, stderr: process.stderr, stdin: process.stdin, env: {}, cwd, exitCode: 0, clock },
    isTerminal: { stdout: false, stderr: false },
    signal: new AbortController().signal,
  };
  return { io, said: () => text };
}
