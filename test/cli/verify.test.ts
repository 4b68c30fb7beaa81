import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addVerifyCommand } from '../../lib/cli/verify.ts';
import { gzipped, twoPeriods } from '../app/export-bundle/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: Io = {
    ...{ stdout, stderr, stdin: new PassThrough(), env: {}, cwd: folder, clock: { now: () => 0 }, exitCode: 0 },
    ...{ isTerminal: { stdout: false, stderr: false }, signal: new AbortController().signal },
  };
  await main(['verify', ...args], io, [addVerifyCommand], '0');
  return { code: io.exitCode, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

beforeAll(async () => {
  const { second } = await twoPeriods();
  const bytes = gzipped(await second.bundle());
  writeFileSync(join(folder, 'good.gz'), bytes);
  const text = gunzipSync(bytes).toString().replace('"id":"a31"', '"id":"a3l"');
  writeFileSync(join(folder, 'bad.gz'), gzipSync(text));
  writeFileSync(join(folder, 'plain.ndjson'), gunzipSync(bytes));
  writeFileSync(join(folder, 'cut.gz'), bytes.subarray(0, bytes.length / 2));
  writeFileSync(join(folder, 'other.json'), '{"version": 1}');
});

test('a good bundle is verified, gzipped or not, exit 0', async () => {
  const { code, out } = await run('good.gz', 'plain.ndjson');
  expect(code).toBe(0);
  expect(out).toMatch(/^good\.gz: verified\n {2}acme, 2026-01-15T12:00:00Z to 2026-01-15T14:00:00Z: [\d.]+ USD\n/);
  expect(out).toMatch(/plain\.ndjson: verified/);
});

test('one with another byte names the input, exit 3', async () => {
  const { code, out } = await run('bad.gz');
  expect(code).toBe(3);
  expect(out).toMatch(/NOT verified/);
  expect(out).toMatch(/lines of 2026-01-15T13:00:00Z in usage\/2026\/01\/15\/13\/object-0004\.gz/);
});

test('--json gives an object a file', async () => {
  const { out } = await run('good.gz', 'bad.gz', '--json');
  const answers = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers).toMatchObject([
    { file: 'good.gz', verified: true, customer: 'acme', differences: [] },
    { file: 'bad.gz', verified: false, differences: [{ input: expect.stringMatching(/^lines of /) }] },
  ]);
});

test.each([
  { file: 'none.gz', message: /none\.gz: there is no such file/ },
  { file: 'other.json', message: /other\.json: its first line is not the head of a bundle/ },
  { file: 'cut.gz', message: /cut\.gz: its compression is damaged/ },
])('$file is bad input, exit 1', async ({ file, message }) => {
  const { code, err } = await run(file);
  expect([code, err]).toEqual([1, expect.stringMatching(message)]);
});
