import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { memoryDirectory } from '../../lib/adapters/memory/directory.ts';
import { memoryEvaluationQueue } from '../../lib/adapters/memory/queues.ts';
import { addCustomersCommand } from '../../lib/cli/customers.ts';
import { runCreateKey, runImport } from '../../lib/cli/customers-run.ts';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { hashKey } from '../../lib/domain/entitlement/keys.ts';
import { smallRules } from '../app/publish-rules/small-rules.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-customers-'));
  for (const [path, text] of Object.entries(smallRules())) {
    mkdirSync(dirname(join(folder, 'rules', path)), { recursive: true });
    writeFileSync(join(folder, 'rules', path), text);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

function terminal(env: Record<string, string> = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    new PassThrough().on('data', (chunk) => {
      written[name] += chunk;
    });
  const io: Io = {
    ...{ stdout: stream('stdout'), stderr: stream('stderr'), stdin: new PassThrough(), env, cwd: folder },
    isTerminal: { stdout: false, stderr: false },
    clock: { now: () => 1_767_225_600_000 },
    signal: new AbortController().signal,
    exitCode: 0,
  };
  return { io, written };
}
function stores() {
  const directory = memoryDirectory();
  const evaluations = memoryEvaluationQueue();
  const asked: string[] = [];
  const note = <T>(name: string, store: T): T => {
    asked.push(name);
    return store;
  };
  return {
    ...{ directory, evaluations, asked },
    made: {
      directory: (table: string) => note(table, directory),
      evaluations: (url: string) => note(url, evaluations),
    },
  };
}
const KEY = `sha256:${hashKey('issued-before')}`;
const file = (customers: object[]) => {
  writeFileSync(join(folder, 'customers.json'), JSON.stringify({ customers }));
  return { file: 'customers.json', rules: 'rules' };
};

test('import registers customers and their keys, and says what it did', async () => {
  const { io, written } = terminal({ DIRECTORY_TABLE: 'from-env' });
  const { made, directory, evaluations, asked } = stores();
  const flags = file([{ id: 'acme', createdAt: '2026-01-01', keys: [KEY], facts: { companySize: 7 } }]);
  await runImport({ ...flags, queue: 'https://queue' }, io, made);
  expect(written.stdout).toBe('1 created, 0 updated, 0 unchanged; 1 keys imported\n');
  expect(io.exitCode).toBe(0);
  expect(asked).toEqual(['from-env', 'https://queue']);
  expect((await directory.profile('acme'))?.customer.facts).toEqual({ companySize: 7 });
  expect((await directory.snapshot(hashKey('issued-before')))?.customer).toBe('acme');
  expect(evaluations.sent[0]?.command).toEqual({ task: 'evaluate', customers: ['acme'] });
});

test('a CSV file works too, with the types of facts.json', async () => {
  const { io, written } = terminal();
  const { made, directory } = stores();
  writeFileSync(join(folder, 'c.csv'), 'id,name,createdAt,companySize\nacme,Acme,2026-01-01,250\n');
  await runImport({ file: 'c.csv', rules: 'rules', table: 't', queue: 'q', json: true }, io, made);
  expect(JSON.parse(written.stdout)).toEqual({ created: 1, updated: 0, unchanged: 0, keysImported: 0, keysTaken: [] });
  expect((await directory.profile('acme'))?.customer.facts).toEqual({ companySize: 250 });
});

test('a key of another customer is an error by name, and the rest is done', async () => {
  const { io, written } = terminal();
  const { made, directory } = stores();
  await runImport(
    {
      ...file([
        { id: 'a', keys: [KEY] },
        { id: 'b', keys: [KEY] },
      ]),
      table: 't',
      queue: 'q',
    },
    io,
    made,
  );
  expect(io.exitCode).toBe(1);
  expect(written.stderr).toBe(`error: ${KEY} of b belongs to another customer already and stays there\n`);
  expect(await directory.profile('b')).toBeDefined();
});

test('--dry-run reads and checks, and touches nothing', async () => {
  const { io, written } = terminal();
  const { made, asked } = stores();
  await runImport({ ...file([{ id: 'a', keys: [KEY] }]), dryRun: true }, io, made);
  expect(written.stdout).toBe('1 customers, 1 keys: nothing written\n');
  await expect(runImport({ ...file([{ id: 'a b' }]), dryRun: true }, io, made)).rejects.toMatchObject({
    code: 'unsafe-customer-id',
  });
  expect(asked).toEqual([]);
});

test.each([
  { args: ['customers', 'import', 'none.json', '--dry-run'], message: /^error: .*none\.json: no such file/ },
  { args: ['customers', 'import', 'ok.json'], message: /^error: --table is missing .*DIRECTORY_TABLE/ },
  { args: ['customers', 'create-key', 'acme', '--name', 'n'], message: /^error: --table is missing/ },
  { args: ['customers', 'import'], message: /missing required argument/ },
])('$args: one line that says what to do, exit code 1', async ({ args, message }) => {
  writeFileSync(join(folder, 'ok.json'), '{"customers":[]}');
  const { io, written } = terminal();
  await main(args, io, [addCustomersCommand], '0');
  expect(written.stderr).toMatch(message);
  expect(io.exitCode).toBe(1);
});

test('create-key shows the key once, on stdout alone', async () => {
  const { io, written } = terminal();
  const { made, directory } = stores();
  await runImport({ ...file([{ id: 'acme' }]), table: 't', queue: 'q', json: true }, io, made);
  const { io: second, written: shown } = terminal();
  await runCreateKey({ customer: 'acme', name: 'production', test: true, table: 't' }, second, made);
  expect(shown.stdout).toMatch(/^tg_test_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}\n$/);
  expect(await directory.snapshot(hashKey(shown.stdout.trim()))).toMatchObject({ customer: 'acme', mode: 'test' });
  await expect(runCreateKey({ customer: 'nobody', name: 'x', table: 't' }, second, made)).rejects.toMatchObject({
    code: 'unknown-customer',
  });
  expect(written.stderr + shown.stderr).not.toContain(shown.stdout.trim());
});

test('--help has an example', async () => {
  const { io, written } = terminal();
  await main(['customers', 'import', '--help'], io, [addCustomersCommand], '0');
  expect(written.stdout).toContain('$ tollgate customers import customers.json --dry-run');
  expect(io.exitCode).toBe(0);
});
