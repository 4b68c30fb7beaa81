import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import type { Io } from '../../lib/cli/io.ts';
import { runValidate } from '../../lib/cli/validate-run.ts';
import { shippedRules } from '../domain/rules/shipped-rules.ts';
import type { BenchResult } from './result.ts';

const CARDS = 200;
const ROUNDS = 5;

/** `tollgate validate` on the shipped rules with the growth card in 200 versions: the first run of a process, and later ones. */
export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bench-validate-'));
  try {
    writeRules(join(folder, 'rules'));
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) seconds.push(await cpuOf(folder));
    const [first = 0] = seconds;
    const later = seconds.slice(1).sort((a, b) => a - b)[ROUNDS >> 1] as number;
    const name = `validate, ${CARDS} rate cards`;
    return [
      { name: `${name}, first run`, value: first, unit: 'CPU-seconds', goal: '< 1 s after start', met: first < 1 },
      { name: `${name}, later runs`, value: later, unit: 'CPU-seconds' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeRules(folder: string): void {
  const files = shippedRules();
  const card = JSON.parse(files['rate-cards/growth/2026-01-01.json'] ?? '');
  const others = Object.keys(files).filter((path) => path.startsWith('rate-cards/')).length;
  const versions = Array.from({ length: CARDS - others }, (_, n): [string, string] => {
    const effectiveFrom = `20${30 + Math.floor(n / 12)}-${String(1 + (n % 12)).padStart(2, '0')}-01`;
    return [`rate-cards/growth/${effectiveFrom}.json`, JSON.stringify({ ...card, effectiveFrom }, null, 2)];
  });
  for (const [path, text] of [...Object.entries(files), ...versions]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function cpuOf(cwd: string): Promise<number> {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const io: Io = {
    ...{ stdout: nowhere(), stderr: nowhere(), stdin: process.stdin, env: {}, cwd, exitCode: 0 },
    ...{ isTerminal: { stdout: false, stderr: false }, clock: { now: () => 0 }, signal: new AbortController().signal },
  };
  const start = process.cpuUsage();
  await runValidate('rules', { json: true }, io);
  const { user, system } = process.cpuUsage(start);
  if (io.exitCode !== 0) throw new Error('the rules of the benchmark are not valid');
  return (user + system) / 1e6;
}
