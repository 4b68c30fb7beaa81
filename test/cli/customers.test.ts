import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { memoryDirectory } from '../../lib/adapters/memory/directory.ts';
import { memoryAccessQueue, memoryEvaluationQueue } from '../../lib/adapters/memory/queues.ts';
import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import type { StackFlags } from '../../lib/cli/connect-options.ts';
import { addCustomersCommand } from '../../lib/cli/customers.ts';
import {
  type FindStores,
  runCreateKey,
  runImport,
  runList,
  runRevokeKey,
  runShow,
} from '../../lib/cli/customers-run.ts';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { withBillingAddress } from '../../lib/domain/entitlement/billing-address.ts';
import { hashKey } from '../../lib/domain/entitlement/keys.ts';
import { SeededRandom } from '../../lib/local/cloud/time/seeded-random.ts';
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

function terminal() {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    new PassThrough().on('data', (chunk) => {
      written[name] += chunk;
    });
  const io: Io = {
    ...{ stdout: stream('stdout'), stderr: stream('stderr'), stdin: new PassThrough(), env: {}, cwd: folder },
    isTerminal: { stdout: false, stderr: false },
    clock: { now: () => 1_767_225_600_000 },
    signal: new AbortController().signal,
    exitCode: 0,
  };
  return { io, written };
}
function stores() {
  const [directory, queue, evaluations] = [memoryDirectory(), memoryAccessQueue(), memoryEvaluationQueue()];
  const clock = { now: () => 1_767_225_600_000 };
  const random = new SeededRandom('keys');
  const asked: StackFlags[] = [];
  const found: FindStores = async ({ outputs, stack }) => {
    asked.push({ ...(outputs ? { outputs } : {}), ...(stack ? { stack } : {}) });
    return { directory, queue, evaluations, clock, random };
  };
  return { directory, queue, evaluations, asked, found };
}
const KEY = `sha256:${hashKey('issued-before')}`;
const file = (customers: object[]) => {
  writeFileSync(join(folder, 'customers.json'), JSON.stringify({ customers }));
  return { file: 'customers.json', rules: 'rules' };
};

test('import registers customers and their keys, and says what it did', async () => {
  const { io, written } = terminal();
  const { found, directory, evaluations, asked } = stores();
  const flags = file([{ id: 'acme', createdAt: '2026-01-01', keys: [KEY], facts: { companySize: 7 } }]);
  await runImport({ ...flags, outputs: 'outputs.json' }, io, found);
  expect(written.stdout).toBe('1 created, 0 updated, 0 unchanged; 1 keys imported\n');
  expect(io.exitCode).toBe(0);
  expect(asked).toEqual([{ outputs: 'outputs.json' }]);
  expect((await directory.profile('acme'))?.customer.facts).toEqual({ companySize: 7 });
  expect((await directory.snapshot(hashKey('issued-before')))?.customer).toBe('acme');
  expect(evaluations.sent[0]?.command).toEqual({ task: 'evaluate', customers: ['acme'] });
});

test('a billing address in the file holds at once; said again, it leaves what the customer has confirmed since', async () => {
  const { io } = terminal();
  const { found, directory } = stores();
  const emailOf = async () => (await directory.profile('acme'))?.billing.email;
  const importing = (email: string | null, name = 'Acme') =>
    runImport({ ...file([{ id: 'acme', name, overrides: { billing: { email } } }]) }, io, found);
  await importing('Bills@acme.example');
  expect(await emailOf()).toBe('bills@acme.example');
  await updateProfile(directory, 'acme', (profile) => withBillingAddress(profile, 'own@acme.example'));
  await importing('Bills@acme.example', 'Acme GmbH');
  expect(await emailOf()).toBe('own@acme.example');
  await importing('new@acme.example');
  expect(await emailOf()).toBe('new@acme.example');
  await importing(null);
  expect(await emailOf()).toBe('new@acme.example');
});

test('a CSV file works too, with the types of facts.json', async () => {
  const { io, written } = terminal();
  const { found, directory } = stores();
  writeFileSync(join(folder, 'c.csv'), 'id,name,createdAt,companySize\nacme,Acme,2026-01-01,250\n');
  await runImport({ file: 'c.csv', rules: 'rules', json: true }, io, found);
  expect(JSON.parse(written.stdout)).toEqual({
    ...{ created: 1, updated: 0, unchanged: 0, keysImported: 0 },
    ...{ keysTaken: [], erased: [] },
  });
  expect((await directory.profile('acme'))?.customer.facts).toEqual({ companySize: 250 });
});

test('a key of another customer is an error by name, and the rest is done', async () => {
  const { io, written } = terminal();
  const { found, directory } = stores();
  await runImport(
    {
      ...file([
        { id: 'a', keys: [KEY] },
        { id: 'b', keys: [KEY] },
      ]),
    },
    io,
    found,
  );
  expect(io.exitCode).toBe(1);
  expect(written.stderr).toBe(`error: ${KEY} of b belongs to another customer already and stays there\n`);
  expect(await directory.profile('b')).toBeDefined();
});

test('--dry-run reads and checks, and touches nothing', async () => {
  const { io, written } = terminal();
  const { found, asked } = stores();
  await runImport({ ...file([{ id: 'a', keys: [KEY] }]), dryRun: true }, io, found);
  expect(written.stdout).toBe('1 customers, 1 keys: nothing written\n');
  await expect(runImport({ ...file([{ id: 'a b' }]), dryRun: true }, io, found)).rejects.toMatchObject({
    code: 'unsafe-customer-id',
  });
  expect(asked).toEqual([]);
});

test.each([
  { args: ['customers', 'import', 'none.json', '--dry-run'], message: /^error: .*none\.json: no such file/ },
  { args: ['customers', 'import', 'ok.json'], message: /^error: --outputs: there is no .*tollgate dev/ },
  { args: ['customers', 'create-key', 'acme', '--name', 'n'], message: /^error: --outputs: there is no/ },
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
  const { found, directory } = stores();
  await runImport({ ...file([{ id: 'acme' }]), json: true }, io, found);
  const { io: second, written: shown } = terminal();
  await runCreateKey({ customer: 'acme', name: 'production', test: true }, second, found);
  expect(shown.stdout).toMatch(/^tg_test_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}\n$/);
  expect(await directory.snapshot(hashKey(shown.stdout.trim()))).toMatchObject({ customer: 'acme', mode: 'test' });
  await expect(runCreateKey({ customer: 'nobody', name: 'x' }, second, found)).rejects.toMatchObject({
    code: 'unknown-customer',
  });
  expect(written.stderr + shown.stderr).not.toContain(shown.stdout.trim());
});

describe('a customer with keys', () => {
  async function withKeys(names: readonly string[]) {
    const world = stores();
    await runImport({ ...file([{ id: 'acme', name: 'Acme', keys: [] }]), json: true }, terminal().io, world.found);
    const keys: string[] = [];
    for (const name of names) {
      const { io, written } = terminal();
      await runCreateKey({ customer: 'acme', name }, io, world.found);
      keys.push(written.stdout.trim());
    }
    return { ...world, keys };
  }

  test('list has a line for each', async () => {
    const { found } = await withKeys([]);
    const { io, written } = terminal();
    await runList({}, io, found);
    expect(written.stdout).toBe('acme  active  -  Acme\n');
  });

  test('show says where it stands and names its keys, none of them in clear, nor the internal one', async () => {
    const { found, directory, keys } = await withKeys(['production']);
    const profile = await directory.profile('acme');
    if (!profile) throw new Error('acme is registered');
    const current = { value: 'internal-value', apiKeyId: 'k1', usagePlan: 'plan-1', earlierUse: {} };
    const access = { ...profile.access, rateCard: 'growth@2026-01-01', current };
    await directory.save({ ...profile, access, version: profile.version + 1 });
    const [key = ''] = keys;
    for (const json of [undefined, true] as const) {
      const { io, written } = terminal();
      await runShow({ customer: 'acme', ...(json ? { json } : {}) }, io, found);
      for (const part of ['growth@2026-01-01', 'plan-1', 'production', hashKey(key).slice(0, 12), key.slice(-4)]) {
        expect(written.stdout).toContain(part);
      }
      expect(written.stdout).not.toContain('internal-value');
      expect(written.stdout).not.toContain(key);
    }
  });

  test.each([
    { by: 'its name', of: () => 'production' },
    { by: 'the start of its hash', of: (key: string) => hashKey(key).slice(0, 8) },
    { by: 'its hash as a customers file has it', of: (key: string) => `sha256:${hashKey(key)}` },
    { by: 'itself', of: (key: string) => key },
  ])('revoke-key stops a key named by $by, and asks for a flush', async ({ of }) => {
    const { found, directory, queue, keys } = await withKeys(['production', 'other']);
    const [key = '', other = ''] = keys;
    const { io, written } = terminal();
    await runRevokeKey({ customer: 'acme', key: of(key) }, io, found);
    expect(written.stdout).toBe(`production (${hashKey(key).slice(0, 12)}) of acme is revoked\n`);
    expect((await directory.snapshot(hashKey(key)))?.keyState).toBe('revoked');
    expect((await directory.snapshot(hashKey(other)))?.keyState).toBe('active');
    expect(queue.sent).toEqual([{ do: 'flush', since: 1_767_225_600_000 }]);
  });

  test('revoke-key refuses what it cannot tell apart, or does not know, and never repeats what was given', async () => {
    const { found, queue, keys } = await withKeys(['twin', 'twin']);
    const revoke = (customer: string, key: string) => runRevokeKey({ customer, key }, terminal().io, found);
    await expect(revoke('acme', 'twin')).rejects.toMatchObject({ code: 'ambiguous-key' });
    await expect(revoke('acme', 'tg_live_unknown')).rejects.toMatchObject({
      code: 'unknown-key',
      message: expect.not.stringContaining('tg_live_unknown'),
    });
    await expect(revoke('nobody', 'twin')).rejects.toMatchObject({ code: 'unknown-customer' });
    expect(queue.sent).toEqual([]);
    await revoke('acme', keys[0] ?? '');
    await revoke('acme', 'twin');
    expect(queue.sent).toHaveLength(2);
  });
});

test('--help has an example', async () => {
  const { io, written } = terminal();
  await main(['customers', 'import', '--help'], io, [addCustomersCommand], '0');
  expect(written.stdout).toContain('$ tollgate customers import customers.json --dry-run');
  expect(io.exitCode).toBe(0);
});
