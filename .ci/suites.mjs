// Runs each suite as its own process, adds up what they counted, and fails when any of them does.
// A suite whose tool is missing on this machine says so itself and counts as skipped, never as passed.
import { spawn } from 'node:child_process';

const CI = { ...process.env, CI: 'true', FORCE_COLOR: '0' };

/** @type {{ name: string, command: string, env?: Record<string, string>, counts: (output: string, code: number) => [passed: number, failed: number, skipped: number] }[]} */
const SUITES = [
  { name: 'test', command: 'npm test', counts: jestCounts },
  { name: 'check', command: 'npm run -s check', counts: oneCheck },
  { name: 'synth', command: 'npm run -s synth', counts: oneCheck },
  { name: 'package', command: 'npm run -s test:package', counts: closingLine },
  { name: 'main job', command: 'npm start -- --no-serve', counts: oneCheck },
  {
    name: 'seeds',
    command: 'npx jest --config jest.config.json test/e2e/promises',
    env: { TOLLGATE_SEEDS: '3,4,5' },
    counts: jestCounts,
  },
  { name: 'deploy', command: 'npm run -s test:deploy', counts: closingLine },
];

/** jest: "Tests:       1 failed, 2 skipped, 39 passed, 42 total". */
function jestCounts(output, code) {
  const line = output.split('\n').findLast((l) => l.startsWith('Tests:')) ?? '';
  const number = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  const counted = [number('passed'), number('failed'), number('skipped')];
  return code !== 0 && counted[1] === 0 ? [counted[0], 1, counted[2]] : counted;
}

/** Our own runners end with "N passed, M failed" and maybe ", K skipped". */
function closingLine(output, code) {
  const found = output
    .trimEnd()
    .split('\n')
    .map((l) => /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(l.trim()))
    .findLast(Boolean);
  if (!found) return [0, 1, 0];
  const counted = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  return code !== 0 && counted[1] === 0 ? [counted[0], 1, counted[2]] : counted;
}

/** A command that passes or fails as a whole. */
function oneCheck(_output, code) {
  return code === 0 ? [1, 0, 0] : [0, 1, 0];
}

function run(command, env) {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, env: { ...CI, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        process.stdout.write(chunk);
      });
    }
    child.on('close', (code) => resolve({ output, code: code ?? 1 }));
  });
}

const total = [0, 0, 0];
const summary = [];
for (const { name, command, env, counts } of SUITES) {
  console.log(`\n=== ${name}: ${command}`);
  const started = performance.now();
  const { output, code } = await run(command, env);
  const counted = counts(output, code);
  counted.forEach((n, i) => {
    total[i] += n;
  });
  summary.push(
    `${name.padEnd(9)} ${counted[0]} passed, ${counted[1]} failed, ${counted[2]} skipped in ${Math.round((performance.now() - started) / 1000)} s`,
  );
}
console.log(`\n${summary.join('\n')}\n`);
console.log(`${total[0]} passed, ${total[1]} failed${total[2] > 0 ? `, ${total[2]} skipped` : ''}`);
process.exitCode = total[1] === 0 && total[0] > 0 ? 0 : 1;
