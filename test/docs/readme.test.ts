import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { summaryText } from '../../lib/local/demo/summary-text.ts';
import { type Command, commandsIn, planOf, scriptsOf } from './readme-commands.ts';

/** Every command of the README is known, and those that can run here do: a reader's first minute must not be an error. */
const ROOT = resolve(import.meta.dirname, '../..');
const readme = existsSync(join(ROOT, 'README.md')) ? readFileSync(join(ROOT, 'README.md'), 'utf8') : '';
const scripts = scriptsOf(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const commands = commandsIn(readme);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-readme-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the README has commands, and they are the two that it promises among others', () => {
  const lines = commands.map(({ line }) => line);
  expect(lines).toContain('npm start');
  expect(lines).toContain('npm test');
});

test.each(commands)(
  'README.md:$at $line',
  (command: Command) => {
    const plan = planOf(command.line, scripts);
    expect(plan).not.toMatchObject({ kind: 'unknown' });
    if (plan.kind !== 'run') return;
    const { stdout, stderr, status } = spawnSync('bash', ['-c', `set -o pipefail; ${plan.shell}`], {
      ...{ cwd: ROOT, encoding: 'utf8', timeout: 60_000 },
      env: { ...process.env, NO_COLOR: '1', OUT: folder },
    });
    expect({ status, stderr }).toEqual({ status: command.exit, stderr: expect.not.stringMatching(/^error:/m) });
    expect(stdout).not.toBe('');
  },
  90_000,
);

test('what npm start is given there, it knows', () => {
  const given = commands.flatMap(({ line }) =>
    line.startsWith('npm start -- ') ? (line.match(/--\w[\w-]*/g) ?? []) : [],
  );
  const args = ['--import', 'tsx', 'bin/tollgate.ts', 'dev', '--help'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  for (const flag of given) expect(stdout).toContain(`  ${flag}`);
}, 60_000);

test('the summary that it shows is one that npm start prints, and its numbers add up', () => {
  const [, shown = ''] = /```text\n(\S+, closed and invoiced\n[^`]*)```/.exec(readme) ?? [];
  const counted = { read: 10, counted: 7, notBillable: 1, duplicate: 1, malformed: 1 };
  const printed = summaryText({
    ...{ month: '2026-10', remark: null, customers: 30, answers: { 200: 1 }, lines: counted, hoursClosed: 744 },
    ...{ adjustments: 0, ledgerObjects: 1, quarantined: 0, segments: {}, rateCards: {}, undecided: [], invoices: {} },
    ...{ revenue: {}, largest: null },
  });
  const labels = (text: string) => text.split('\n').map((line) => line.slice(0, 16).trimEnd());
  const known = labels(printed);
  expect(labels(shown).filter((label) => !known.includes(label))).toEqual([]);
  expect(labels(shown)).toHaveLength(9);
  const [read, ...parts] = (/log lines +(.*)/.exec(shown)?.[1] ?? '').match(/[\d,]+/g) ?? [];
  const number = (text = '') => Number(text.replaceAll(',', ''));
  expect(parts.reduce((sum, part) => sum + number(part), 0)).toBe(number(read));
});

describe('what counts as a command', () => {
  test('lines of sh blocks, continued ones as one, without prompts, comments and blank lines', () => {
    const text = [
      '```sh',
      '# first',
      '$ npm start',
      '',
      'npm run -s tollgate -- \\',
      '  --help  # what there is',
      '```',
      '```json',
      '{}',
      '```',
    ];
    expect(commandsIn(text.join('\n'))).toEqual([
      { at: 3, line: 'npm start', exit: 0 },
      { at: 5, line: 'npm run -s tollgate -- --help', exit: 0 },
    ]);
  });

  test('an exit code is written behind it', () => {
    expect(commandsIn('```sh\ntollgate plan --base a --head b  # exits 2: bills change\n```')).toEqual([
      { at: 2, line: 'tollgate plan --base a --head b', exit: 2 },
    ]);
  });

  test('both of two that are joined', () => {
    expect(commandsIn('```sh\ngit clone https://example.com/x && cd x\n```').map(({ line }) => line)).toEqual([
      'git clone https://example.com/x',
      'cd x',
    ]);
  });

  test('none in a text without blocks', () => expect(commandsIn('run `npm start`')).toEqual([]));
});

describe('what becomes of a command', () => {
  test.each([
    { line: 'npm start', kind: 'script' },
    { line: 'npm start -- --log access.log --format combined', kind: 'script' },
    { line: 'npm test', kind: 'script' },
    { line: 'npm run synth', kind: 'script' },
    { line: 'npx cdk deploy', kind: 'named' },
    { line: 'npm install tollgate', kind: 'named' },
    { line: 'git clone https://example.com/tollgate.git', kind: 'named' },
    { line: 'cd tollgate', kind: 'named' },
    { line: 'npm run -s tollgate -- validate', kind: 'run' },
    { line: 'tollgate validate rules', kind: 'run' },
    { line: 'npx tollgate rate --rate-card a.json --usage b.json | head', kind: 'run' },
    { line: 'npm run no-such-script', kind: 'unknown' },
    { line: 'npm run -s tollgate -- no-such-command', kind: 'run' },
    { line: 'tolgate validate', kind: 'unknown' },
    { line: 'tollgate dev', kind: 'named' },
    { line: 'rm -rf /', kind: 'unknown' },
    { line: 'tollgate validate; rm -rf /', kind: 'unknown' },
  ])('$line: $kind', ({ line, kind }) => {
    expect(planOf(line, scripts)).toMatchObject({ kind });
  });
});
