import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import { runExport } from '../../lib/cli/customers-export-run.ts';
import { runImport } from '../../lib/cli/customers-run.ts';
import { runDecide } from '../../lib/cli/decide-run.ts';
import type { Io } from '../../lib/cli/io.ts';
import { parseCustomerList } from '../../lib/domain/segmentation/customer-list.ts';
import { formatTimestamp, hourOf, parseHour, parseTimestamp } from '../../lib/domain/time/time.ts';
import { type ShopWorld, shopWorld } from '../portal/shop-world.ts';

const RULES = resolve(import.meta.dirname, '../../rules');
let world: ShopWorld;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-export-'));
  world = await shopWorld();
});
afterEach(() => rmSync(folder, { recursive: true }));

function terminal() {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => new PassThrough().on('data', (chunk) => (written[name] += chunk));
  const io: Io = {
    ...{ stdout: stream('stdout'), stderr: stream('stderr'), stdin: new PassThrough(), env: {}, cwd: folder },
    ...{ isTerminal: { stdout: false, stderr: false }, clock: world.clock, exitCode: 0 },
    signal: new AbortController().signal,
  };
  return { io, written };
}
const exported = async (at?: string) => {
  const { io, written } = terminal();
  await runExport({ rules: RULES, ...(at === undefined ? {} : { at }) }, io, async () => world);
  return { list: parseCustomerList(JSON.parse(written.stdout)), ...written };
};

/** Of each kind one: by facts, by choice, protected by when it came, agreed otherwise. */
async function customers(): Promise<void> {
  const facts = {
    plain: {},
    startup: { startupProgramme: true, companySize: 12 },
    hospital: { industry: 'healthcare', companySize: 100 },
    chose: { industry: 'retail' },
    waits: { industry: 'retail' },
    gone: {},
  };
  for (const [id, known] of Object.entries(facts)) {
    await world.register(id, `The ${id}`);
    await world.state(id, known);
  }
  const choose = (id: string, card: string, from: string) =>
    updateProfile(world.directory, id, (profile) => ({
      ...profile,
      choices: [{ card, from: parseHour(from), chosenAt: parseTimestamp(from) - 1, by: 'Ann' }],
    }));
  await choose('chose', 'business', '2026-10-01T00:00:00Z');
  await choose('waits', 'growth', '2026-12-01T00:00:00Z');
  await updateProfile(world.directory, 'plain', (profile) => ({
    ...profile,
    customer: {
      ...profile.customer,
      createdAt: '2024-03-01',
      timeZone: 'Europe/Berlin',
      overrides: { netTermsDays: 30 },
    },
  }));
  await updateProfile(world.directory, 'gone', (profile) => ({ ...profile, status: 'closed' }));
}

test('what is exported decides as the stack has decided, for every customer', async () => {
  await customers();
  await world.nightly();
  const { io, written } = terminal();
  await runExport({ rules: RULES, out: 'customers.json' }, io, async () => world);
  expect(written).toEqual({ stdout: '', stderr: '5 customers in customers.json; 1 who left are not among them\n' });
  const decided = terminal();
  await runDecide(
    { customers: 'customers.json', rules: RULES, at: formatTimestamp(world.time.now), engine: 'compiled', json: true },
    decided.io,
  );
  const lines = decided.written.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ customer }) => customer)).toEqual(['chose', 'hospital', 'plain', 'startup', 'waits']);
  for (const { customer, ...said } of lines) {
    const stored = await world.decisions.inForceAt(customer, hourOf(world.time.now));
    expect([customer, said]).toEqual([
      customer,
      {
        ...{ segments: stored?.segments, tierRule: stored?.tierRule, rateCard: stored?.rateCard },
        ...{ reservedCapacity: stored?.reservedCapacity, protection: stored?.protection, undecided: null },
      },
    ]);
  }
  expect(lines.find(({ customer }) => customer === 'chose').tierRule).toBe('business-chosen');
});

test('it is a customers file with all that was agreed, and the same bytes every time', async () => {
  await customers();
  const first = await exported();
  expect((await exported()).stdout).toBe(first.stdout);
  expect(first.list.find(({ id }) => id === 'plain')).toEqual({
    ...{ id: 'plain', name: 'The plain', createdAt: '2024-03-01', keys: [], facts: {} },
    ...{ overrides: { netTermsDays: 30 }, timeZone: 'Europe/Berlin' },
  });
});

test('a choice that has not begun is seen from its day on', async () => {
  await customers();
  const chosen = async (at?: string) => (await exported(at)).list.find(({ id }) => id === 'waits')?.facts.chosenCard;
  expect([await chosen(), await chosen('2026-11-30'), await chosen('2026-12-01')]).toEqual([
    undefined,
    undefined,
    'growth',
  ]);
  await expect(exported('soon')).rejects.toMatchObject({ path: '--at' });
});

test('imported again it changes nothing: what a customer chose stays its own to undo', async () => {
  await customers();
  await updateProfile(world.directory, 'gone', (profile) => ({ ...profile, status: 'active' }));
  const before = await world.directory.profile('chose');
  const { io, written } = terminal();
  writeFileSync(join(folder, 'customers.json'), (await exported()).stdout);
  await runImport({ file: 'customers.json', rules: RULES }, io, async () => world);
  expect(written.stdout).toBe('0 created, 0 updated, 6 unchanged; 0 keys imported\n');
  expect(await world.directory.profile('chose')).toEqual(before);
  expect(readFileSync(join(folder, 'customers.json'), 'utf8')).toContain('"chosenCard": "business"');
});

test('of a customer that never chose in the portal the file may say what it chose elsewhere', async () => {
  const file = { customers: [{ id: 'moved', facts: { chosenCard: 'growth' } }] };
  writeFileSync(join(folder, 'customers.json'), JSON.stringify(file));
  await runImport({ file: 'customers.json', rules: RULES }, terminal().io, async () => world);
  await world.nightly();
  expect((await world.decisions.latest('moved'))?.tierRule).toBe('growth-chosen');
});
