import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { main } from '../../lib/cli/main.ts';
import { addReportsCommand, type ReportFlags } from '../../lib/cli/reports.ts';
import { runReports } from '../../lib/cli/reports-run.ts';
import { InputError } from '../../lib/domain/input-error.ts';
import { reportStores } from '../app/make-report/report-stores.ts';

let folder: string;
let stores: Awaited<ReturnType<typeof reportStores>>;
beforeAll(async () => {
  stores = await reportStores({}, ['acme', 'globex', 'initech']);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-reports-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function ioOf(terminal = false) {
  const written = { out: [] as Buffer[], err: '' };
  const sink = (take: (chunk: Buffer) => void) =>
    new Writable({
      write(chunk, _encoding, done) {
        take(Buffer.from(chunk));
        done();
      },
    });
  const stdout = sink((chunk) => void written.out.push(chunk));
  const stderr = sink((chunk) => {
    written.err += chunk.toString();
  });
  const io = {
    ...{ stdout, stderr, stdin: process.stdin, env: {}, cwd: folder, exitCode: 0 },
    isTerminal: { stdout: terminal, stderr: false },
    clock: stores.ports.clock,
    signal: new AbortController().signal,
  };
  return { io, written, text: () => Buffer.concat(written.out).toString('utf8') };
}
const FLAGS: ReportFlags = { period: '2026-10', format: 'html', paper: 'a4' };

describe('one customer', () => {
  test.each([
    ['html', /^<!doctype html>/],
    ['pdf', /^%PDF-1\.7/],
    ['csv', /^customer,name,/],
    ['json', /^\{\n {2}"version": 1/],
  ] as const)('%s on standard output', async (format, beginning) => {
    const { io, text } = ioOf();
    await runReports({ ...FLAGS, customer: 'acme', format }, io, async () => stores);
    expect(text()).toMatch(beginning);
  });
  test('in a file, whole, and nothing besides', async () => {
    const { io, text } = ioOf();
    await runReports({ ...FLAGS, customer: 'acme', format: 'json', out: 'acme.json' }, io, async () => stores);
    expect(readdirSync(folder)).toEqual(['acme.json']);
    expect(JSON.parse(readFileSync(join(folder, 'acme.json'), 'utf8')).customer.id).toBe('acme');
    expect(text()).toBe('');
  });
});

describe('every customer', () => {
  test('a file each', async () => {
    const { io, text } = ioOf();
    await runReports({ ...FLAGS, all: true, format: 'csv', out: 'reports' }, io, async () => stores);
    expect(readdirSync(join(folder, 'reports')).sort()).toEqual([
      'acme-2026-10.csv',
      'globex-2026-10.csv',
      'initech-2026-10.csv',
    ]);
    expect(text()).toBe('3 reports in reports\n');
  });
  test('one that cannot be made is named and leaves the others alone', async () => {
    const { io, written, text } = ioOf();
    const decisions = {
      during: async (customer: string, ...rest: [never, never]) => {
        if (customer === 'globex') throw new Error('the table did not answer');
        return stores.ports.decisions.during(customer, ...rest);
      },
    };
    await runReports({ ...FLAGS, all: true, format: 'json', out: 'r' }, io, async () => ({
      ...stores,
      ports: { ...stores.ports, decisions },
    }));
    expect(readdirSync(join(folder, 'r'))).toHaveLength(2);
    expect([written.err, text(), io.exitCode]).toEqual([
      'error: globex: the table did not answer\n',
      '2 reports in r, 1 failed\n',
      1,
    ]);
  });
  test('those without the period are counted, and no fault', async () => {
    const late = await reportStores({}, ['acme'], Date.UTC(2026, 9, 5));
    const { io, text } = ioOf();
    await runReports({ ...FLAGS, all: true, period: '2026-09', out: 'r' }, io, async () => late);
    expect([text(), io.exitCode]).toEqual(['0 reports in r, 1 without this period\n', 0]);
  });
});

describe('what cannot be done says so in one line', () => {
  test.each<[string, Partial<ReportFlags>, string]>([
    ['an unknown customer', { customer: 'nobody' }, 'there is no customer "nobody"'],
    ['neither a customer nor all', {}, 'name one customer, or ask for --all'],
    ['both', { customer: 'acme', all: true, out: 'x' }, 'name one customer, or ask for --all'],
    ['all without a folder', { all: true }, 'is missing'],
    ['no month', { customer: 'acme', period: 'October' }, 'is not a month'],
    ['a month to come', { customer: 'acme', period: '2027-01' }, 'has not begun'],
    ['a folder that is not there', { customer: 'acme', out: 'no/such/file.html' }, 'there is no such folder'],
    ['a file where a folder should be', { all: true, out: 'taken' }, 'it is a file, not a folder'],
  ])('%s', async (_, flags, message) => {
    writeFileSync(join(folder, 'taken'), '');
    const { io } = ioOf();
    const run = runReports({ ...FLAGS, ...flags }, io, async () => stores);
    await expect(run).rejects.toThrow(InputError);
    await expect(run).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(['taken']);
  });
  test('a PDF is not written to a terminal', async () => {
    const run = runReports({ ...FLAGS, customer: 'acme', format: 'pdf' }, ioOf(true).io, async () => stores);
    await expect(run).rejects.toThrow('a PDF is no text for a terminal');
  });
  test('through the command: no stack at hand, an unknown format', async () => {
    const { io, written } = ioOf();
    await main(['reports', '--customer', 'acme', '--period', '2026-10'], io, [addReportsCommand], '0.0.0');
    expect([io.exitCode, written.err]).toEqual([1, expect.stringMatching(/^error: --outputs: /)]);
    await main(
      ['reports', '--customer', 'acme', '--period', '2026-10', '--format', 'doc'],
      io,
      [addReportsCommand],
      '0.0.0',
    );
    expect(written.err).toContain('Allowed choices are html, pdf, csv, json');
  });
});
