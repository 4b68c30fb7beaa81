import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PlanWorld } from '../cli/plan-world.ts';
import { shippedRules } from '../domain/rules/shipped-rules.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const APACHE_LOG = resolve(ROOT, process.env.TOLLGATE_SHARED ?? '../shared', 'data/apache_logs.log');

/** The commands of the page's first block, exactly as a reader would copy them. */
function documented(): string[] {
  const page = readFileSync(join(ROOT, 'docs/pricing-your-own-log.md'), 'utf8');
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
  return block.trim().split('\n');
}

/** A log of three callers for when the real one is not there. */
function smallLog(): string {
  return Array.from({ length: 3_000 }, (_, i) => {
    const minute = String(i % 60).padStart(2, '0');
    const day = String(1 + (i % 28)).padStart(2, '0');
    const status = i % 50 === 0 ? 500 : 200;
    return `192.0.2.${i % 3} - - [${day}/May/2015:10:${minute}:00 +0000] "GET /search/${i} HTTP/1.1" ${status} 512 "-" "curl/8"\n`;
  }).join('');
}

let world: PlanWorld;
beforeAll(() => {
  world = new PlanWorld();
  world.rules('rules', shippedRules());
  cpSync(join(ROOT, 'rules/schema'), join(world.folder, 'rules/schema'), { recursive: true });
  if (existsSync(APACHE_LOG)) copyFileSync(APACHE_LOG, join(world.folder, 'access.log'));
  else world.write('access.log', smallLog());
  const tsx = join(ROOT, 'node_modules/tsx/dist/loader.mjs');
  world.write(
    'bin/tollgate',
    `#!/bin/sh\nexec "${process.execPath}" --import "${tsx}" "${ROOT}/test/action/plan-command.mts" "$@"\n`,
  );
  chmodSync(join(world.folder, 'bin/tollgate'), 0o755);
});
afterAll(() => world.remove());

function run(command: string): { status: number | null; stderr: string } {
  const env = { ...process.env, PATH: `${join(world.folder, 'bin')}:${process.env.PATH}` };
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: world.folder, env, encoding: 'utf8' });
  return { status, stderr };
}

/** Route groups that the free card prices apart. */
const OWN_CHARGE: readonly (string | null)[] = ['status', 'payments'];

test('the three commands of the page price a log, and a changed price shows', () => {
  const commands = documented();
  expect(commands).toHaveLength(3);
  for (const command of commands) expect({ command, ...run(command) }).toMatchObject({ command, status: 0 });
  const page = readFileSync(join(world.folder, 'plan.html'), 'utf8');
  expect(page).toContain('Usage of 2015-05');
  expect(page).toContain('No bill changes');

  const card = join(world.folder, 'my-rules/rate-cards/free/2025-01-01.json');
  const json = JSON.parse(readFileSync(card, 'utf8'));
  json.charges[0].included = '100';
  writeFileSync(card, JSON.stringify(json));
  const plan = commands[2] as string;
  // From hardly anything to something is more than the guardrail on revenue lets through.
  expect(run(plan.replace('html --out plan.html', 'json --out plan.json'))).toEqual({ status: 3, stderr: '' });
  const report = JSON.parse(readFileSync(join(world.folder, 'plan.json'), 'utf8'));
  const usage = JSON.parse(readFileSync(join(world.folder, 'usage.json'), 'utf8'));
  expect(report.summary).toMatchObject({
    customers: new Set(usage.records.map(({ customer }: { customer: string }) => customer)).size,
    leftOut: 0,
  });
  // By hand: every call of the free card beyond a hundred costs a tenth of a cent.
  const free = report.customers.filter(
    ({ after }: { after: { rateCard: string } }) => after.rateCard === 'free@2025-01-01',
  );
  const calls = new Map<string, number>();
  for (const { customer, meter, group, quantity } of usage.records) {
    if (meter === 'api-calls' && !OWN_CHARGE.includes(group))
      calls.set(customer, (calls.get(customer) ?? 0) + Number(quantity));
  }
  for (const { id, after } of free) {
    const beyond = Math.max(0, (calls.get(id) ?? 0) - 100);
    // Half-even to cents: no caller here lands on a half but those whose tenth is 5.
    const cents =
      Math.floor(beyond / 10) + (beyond % 10 > 5 || (beyond % 10 === 5 && Math.floor(beyond / 10) % 2 === 1) ? 1 : 0);
    expect([id, after.total]).toEqual([id, (cents / 100).toFixed(2)]);
  }
  expect(free.length).toBeGreaterThan(0);
}, 60_000);

test('the raw log says the same as the metered one', () => {
  const answers = ['--usage usage.json', '--usage access.log --log-format combined'].map((usage, i) => {
    const { status, stderr } = run(
      `tollgate plan --base rules --head my-rules ${usage} --format json --out raw${i}.json`,
    );
    expect({ stderr, done: status === 3 }).toEqual({ stderr: '', done: true });
    const { notices: _, ...report } = JSON.parse(readFileSync(join(world.folder, `raw${i}.json`), 'utf8'));
    return report;
  });
  expect(answers[1]).toEqual(answers[0]);
}, 60_000);
