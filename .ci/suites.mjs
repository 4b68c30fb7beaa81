// Runs each suite as its own process, adds up what they counted, and fails when any of them does.
// A suite whose tool is missing on this machine says so itself and counts as skipped, never as passed.
import { spawn } from 'node:child_process';
import { closingLine, jestCounts, oneCheck } from './counts.mjs';

const CI = { ...process.env, CI: 'true', FORCE_COLOR: '0' };

/** @type {{ name: string, command: string, env?: Record<string, string>, counts: (output: string, code: number) => [passed: number, failed: number, skipped: number] }[]} */
const SUITES = [
  { name: 'test', command: 'npm test', counts: jestCounts },
  { name: 'year', command: 'npm run -s test:year', counts: jestCounts },
  { name: 'check', command: 'npm run -s check', counts: oneCheck },
  { name: 'synth', command: 'npm run -s synth', counts: oneCheck },
  { name: 'package', command: 'npm run -s test:package', counts: closingLine },
  { name: 'main job', command: 'npm start -- --no-serve', counts: oneCheck },
  {
    name: 'seeds',
    command: 'npx jest --config jest.config.json test/e2e/promises test/app/books/books.test.ts',
    env: { TOLLGATE_SEEDS: '2,3,4', TOLLGATE_BOOKS: '60,2026' },
    counts: jestCounts,
  },
  { name: 'node 22', command: 'node .ci/other-node.mjs 22', counts: closingLine },
  { name: 'node 24', command: 'node .ci/other-node.mjs 24', counts: closingLine },
  { name: 'deploy', command: 'npm run -s test:deploy', counts: closingLine },
  { name: 'stripe', command: 'npm run -s test:stripe', counts: closingLine },
  { name: 'browser', command: 'npm run -s test:browser', counts: closingLine },
  { name: 'pdf', command: 'npm run -s test:pdf', counts: closingLine },
];

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
