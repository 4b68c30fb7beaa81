import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleCli } from '../../bin/build/cli.ts';
import { bundleLambdas } from '../../bin/build/lambdas.ts';
import type { BenchResult } from './result.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ROUNDS = 11;
const HELP_MS_MAX = 150;

/** What the build makes: size of each function's bundle, and how long the built command takes to say what it can do. */
export async function run(): Promise<BenchResult[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'tollgate-bundles-'));
  try {
    const bundles = await bundleLambdas(ROOT, join(scratch, 'lambdas'), join(scratch, 'maps'));
    const sizes = bundles.map(({ name, bytes }) => ({
      name: `bundle: ${name}`,
      value: Math.round(bytes / 1024),
      unit: 'KiB minified',
    }));
    return [...sizes, ...(await helpTime())];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Median of rounds in turn with Node's own start, which is most of it. */
async function helpTime(): Promise<BenchResult[]> {
  // As deep in the project as dist/bin, so that it finds its packages and its version.
  const folder = join(ROOT, '.tollgate', 'bench-cli');
  await bundleCli(ROOT, folder);
  const command = join(folder, 'tollgate.js');
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(timed(command, '--help'));
    bare.push(timed('-e', '0'));
  }
  const help = median(ours);
  return [
    { name: 'tollgate --help: bare Node', value: Math.round(median(bare)), unit: 'ms' },
    {
      name: 'tollgate --help',
      value: Math.round(help),
      unit: 'ms',
      ratio: Number((help / median(bare)).toFixed(2)),
      goal: `< ${HELP_MS_MAX} ms`,
      met: help < HELP_MS_MAX,
    },
  ];
}

function timed(...args: string[]): number {
  const started = performance.now();
  execFileSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - started;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
