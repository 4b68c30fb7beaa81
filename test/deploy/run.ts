import { dirname } from 'node:path';
import { checks } from './checks.ts';
import { type Emulator, installEmulator, startEmulator, Unavailable } from './emulator.ts';
import { endAllOnExit, finish } from './processes.ts';
import { bootstrap, deploy, destroy, type Outputs } from './stack.ts';

/**
 * `npm run test:deploy`: the real template, deployed by the real CDK CLI into an emulator of AWS, and used. Ends what it
 * started, also on Ctrl-C, and closes with "N passed, M failed, K skipped".
 */
const root = dirname(dirname(import.meta.dirname));
const counts = { passed: 0, failed: 0, skipped: 0 };

async function check<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
  const started = performance.now();
  try {
    const result = await run();
    counts.passed += 1;
    console.log(`  ✓ ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    counts.failed += 1;
    console.log(`  ✕ ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    return undefined;
  }
}

async function all(emulator: Emulator): Promise<void> {
  await check('cdk bootstrap', () => bootstrap(root, emulator));
  const outputs = await check<Outputs>('cdk deploy', () => deploy(root, emulator));
  if (outputs !== undefined) for (const { name, run } of checks(emulator, outputs)) await check(name, run);
  await check('cdk destroy', () => destroy(root, emulator));
  if (counts.failed > 0) console.log(`\nthe end of the emulator's log:\n${emulator.log().slice(-6000)}`);
}

endAllOnExit();
try {
  const bin = await installEmulator(root);
  const build = ['--import', 'tsx', 'bin/build.ts', '--if-needed'];
  await finish(process.execPath, build, { cwd: root, env: process.env, seconds: 120 });
  await all(await startEmulator(root, bin));
} catch (error) {
  if (error instanceof Unavailable) {
    counts.skipped += 1;
    console.log(`  - skipped: the deployment test needs ${error.message}`);
  } else {
    counts.failed += 1;
    console.log(`  ✕ ${error instanceof Error ? error.stack : String(error)}`);
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
