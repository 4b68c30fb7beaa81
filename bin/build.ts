import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleCli } from './build/cli.ts';
import { type Bundle, bundleLambdas } from './build/lambdas.ts';
import { compileLibrary } from './build/library.ts';
import { sourceStamp } from './build/stamp.ts';

/**
 * `npm run build`: `dist/` with the library (`lib/`), the command (`bin/`) and the functions (`lambdas/`).
 * With `--if-needed` it does nothing when `dist/` was built from the same sources: what `cdk synth` and `cdk deploy` run first.
 */
const root = dirname(import.meta.dirname);
const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp');

const stamp = await sourceStamp(root);
const built = await readFile(stampFile, 'utf8').catch(() => '');
if (!process.argv.includes('--if-needed') || built !== stamp) await buildAll();

async function buildAll(): Promise<void> {
  const started = performance.now();
  await rm(dist, { recursive: true, force: true });
  const [bundles] = await Promise.all([
    bundleLambdas(root, join(dist, 'lambdas'), join(dist, 'maps')),
    compileLibrary(root),
    bundleCli(root),
  ]);
  await writeFile(stampFile, stamp);
  process.stderr.write(`${table(bundles)}\nbuilt dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

function table(bundles: readonly Bundle[]): string {
  const width = Math.max(...bundles.map(({ name }) => name.length));
  return bundles
    .map(({ name, bytes }) => `${name.padEnd(width)}  ${(bytes / 1024).toFixed(0).padStart(5)} KiB`)
    .join('\n');
}
