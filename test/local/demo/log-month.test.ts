import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');

test('a log from elsewhere is lived: each line is accounted for, each caller decided and invoiced', () => {
  const log = join(ROOT, 'docs/examples/access.log');
  const args = [
    '--import',
    'tsx',
    'bin/tollgate.ts',
    'dev',
    '--no-serve',
    '--json',
    '--log',
    log,
    '--format',
    'combined',
  ];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(status).toBe(0);
  // Five lines, one of them a 503: three callers, all far below the free card's allowance.
  expect(JSON.parse(stdout)).toMatchObject({
    month: '2026-10',
    customers: 3,
    lines: { read: 5, counted: 4, notBillable: 1, duplicate: 0, malformed: 0 },
    hoursClosed: 744,
    undecided: [],
    invoices: { NOTHING_DUE: 3 },
  });
}, 90_000);
