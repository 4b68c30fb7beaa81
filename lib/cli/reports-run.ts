import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { interFonts } from '../adapters/report-fonts/inter.ts';
import { parsedOnce } from '../app/invoice-customer/parsed-once.ts';
import { type MakeReport, type ReportPorts, reportMaker } from '../app/make-report/make-report.ts';
import type { Directory } from '../app/ports/directory.ts';
import { InputError } from '../domain/input-error.ts';
import { cardRater } from '../domain/invoicing/rater.ts';
import type { UsageReport } from '../domain/reporting/report.ts';
import { parseMonth } from '../domain/time/time.ts';
import { renderPdf } from '../portal/report/pdf/render-pdf.ts';
import { renderCsv } from '../portal/report/render-csv.ts';
import { renderHtml } from '../portal/report/render-html.tsx';
import { renderJson } from '../portal/report/render-json.ts';
import { connect } from './connect.ts';
import { type Io, progress } from './io.ts';
import type { ReportFlags } from './reports.ts';

export interface ReportStores {
  readonly ports: ReportPorts;
  readonly customers: Directory['customers'];
}

/** @throws InputError for flags, a stack, a customer or a period that is not there, an --out that cannot be written */
export async function runReports(flags: ReportFlags, io: Io, open: typeof openStack = openStack): Promise<void> {
  checkFlags(flags, io);
  const { ports, customers } = await open(flags, io);
  const make = reportMaker(ports);
  if (flags.all) await writeAll(flags, io, make, customers());
  else await writeOne(flags, io, make);
}

async function openStack(flags: ReportFlags, io: Io): Promise<ReportStores> {
  const { stores, runtime } = await connect(flags, io);
  const ports = { ...stores, clock: runtime.clock, rater: cardRater(), parseRuleset: parsedOnce() };
  return { ports, customers: () => stores.directory.customers() };
}

function checkFlags({ customer, all, period, format, out }: ReportFlags, io: Io): void {
  parseMonth(period);
  const wrong = (path: string, message: string, hint: string) =>
    new InputError({ code: 'wrong-flags', path, message, hint });
  if ((customer === undefined) === (all === undefined)) {
    throw wrong('--customer', 'name one customer, or ask for --all', 'one of the two');
  }
  if (all && out === undefined) throw wrong('--out', 'is missing', 'a folder for the files of --all');
  if (format === 'pdf' && out === undefined && io.isTerminal.stdout) {
    throw wrong('--out', 'a PDF is no text for a terminal', 'name a file, or pipe it');
  }
}

async function writeOne(
  { customer = '', period, format, paper, out }: ReportFlags,
  io: Io,
  make: MakeReport,
): Promise<void> {
  const report = await make(customer, period);
  if (report === 'unknown-customer') {
    throw new InputError({
      code: 'unknown-customer',
      path: '--customer',
      message: `there is no customer ${JSON.stringify(customer)}`,
    });
  }
  const content = await render(report, format, paper);
  if (out === undefined) io.stdout.write(content);
  else await writeWhole(resolve(io.cwd, out), content, out);
}

/** One after the other, so that memory holds one report whatever their number. */
async function writeAll(flags: ReportFlags, io: Io, make: MakeReport, customers: AsyncIterable<string>): Promise<void> {
  const { period, format, paper, out = '.' } = flags;
  const folder = resolve(io.cwd, out);
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw cannotWrite(out, error);
  });
  const bar = progress(io, 'Reports:');
  const counts = { written: 0, skipped: 0, failed: 0 };
  for await (const customer of customers) {
    io.signal.throwIfAborted();
    const report = await reportOrReason(make, customer, period);
    if (typeof report === 'string') counts.skipped++;
    else if (report instanceof Error) {
      counts.failed++;
      io.stderr.write(`error: ${customer}: ${report.message}\n`);
    } else {
      const name = `${encodeURIComponent(customer)}-${period}.${format}`;
      await writeWhole(join(folder, name), await render(report, format, paper), join(out, name));
      counts.written++;
    }
    bar.update(counts.written + counts.skipped + counts.failed);
  }
  bar.end();
  const { written, skipped, failed } = counts;
  const besides = [skipped > 0 ? `${skipped} without this period` : '', failed > 0 ? `${failed} failed` : ''];
  io.stdout.write(
    `${[`${written} ${written === 1 ? 'report' : 'reports'} in ${out}`, ...besides.filter(Boolean)].join(', ')}\n`,
  );
  if (failed > 0) io.exitCode = 1;
}

/** A customer that came later has no such period: that is no fault. Anything else that goes wrong stays with this customer. */
async function reportOrReason(
  make: MakeReport,
  customer: string,
  period: string,
): Promise<UsageReport | string | Error> {
  try {
    return await make(customer, period);
  } catch (error) {
    if (error instanceof InputError && error.code === 'no-such-period') return error.message;
    if (error instanceof Error && error.name !== 'AbortError') return error;
    throw error;
  }
}

async function render(
  report: UsageReport,
  format: ReportFlags['format'],
  paper: ReportFlags['paper'],
): Promise<string | Uint8Array> {
  switch (format) {
    case 'html':
      return renderHtml(report);
    case 'csv':
      return renderCsv(report);
    case 'json':
      return renderJson(report);
    case 'pdf':
      return renderPdf(report, { fonts: interFonts(), size: paper === 'letter' ? 'LETTER' : 'A4' });
  }
}

/** Appears whole or not at all. @throws InputError `cannot-write` */
async function writeWhole(path: string, content: string | Uint8Array, shown: string): Promise<void> {
  const beside = `${path}.${process.pid}.part`;
  try {
    await writeFile(beside, content);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw cannotWrite(shown, error);
  }
}

function cannotWrite(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such folder',
    EACCES: 'no permission to write it',
    EEXIST: 'it is a file, not a folder',
    ENOTDIR: 'it is not in a folder',
  };
  return new InputError({ code: 'cannot-write', path, message: reasons[code] ?? message });
}
