import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRulesFolder, rulesCommit } from '../../lib/constructs/rules-folder.ts';
import { scratchFolder } from './synthesis.ts';

const card = (id: string, effectiveFrom: string, ratePerSecond: number, more: object = {}) =>
  JSON.stringify({ id, name: id, effectiveFrom, usagePlan: { ratePerSecond, burst: 20, ...more } });

test('a plan for each card, with the limits of its newest version, sorted by id', () => {
  const quota = { quota: { calls: 1000, per: 'month' } };
  const folder = scratchFolder({
    'rate-cards/pro/2026-01-01.json': card('pro', '2026-01-01', 50, quota),
    'rate-cards/pro/2025-01-01.json': card('pro', '2025-01-01', 10),
    'rate-cards/free/2025-01-01.json': JSON.stringify({ id: 'free', name: 'Free', effectiveFrom: '2025-01-01' }),
  });
  expect(readRulesFolder(folder).plans).toEqual([
    { id: 'free', name: 'Free' },
    { id: 'pro', name: 'pro', limits: { ratePerSecond: 50, burst: 20, quota: { calls: 1000, per: 'month' } } },
  ]);
});

test('the hash changes with a rule, and not with a schema or an example', () => {
  const rules = { 'meters.json': '{}', 'rate-cards/free/2025-01-01.json': card('free', '2025-01-01', 1) };
  const { hash, files } = readRulesFolder(scratchFolder(rules));
  const beside = { 'schema/meters.schema.json': '{', 'examples/aws.json': '{}', 'README.md': '#' };
  expect(readRulesFolder(scratchFolder({ ...rules, ...beside }))).toMatchObject({ hash, files });
  expect(readRulesFolder(scratchFolder({ ...rules, 'meters.json': '{ }' })).hash).not.toBe(hash);
  expect(Object.keys(files)).toEqual(['meters.json', 'rate-cards/free/2025-01-01.json']);
});

const oneCard = (text: string) => ({ 'rate-cards/a/1.json': text });
test.each([
  ['a folder without a card', { 'meters.json': '{}' }, /holds no rate card/],
  ['a file that is not JSON', { 'meters.json': '{,' }, /rules\/meters\.json is not JSON: .*tollgate validate/],
  ['a card that is a list', oneCard('[]'), /rules\/rate-cards\/a\/1\.json : a rate card is an object/],
  ['a card without an id', oneCard('{}'), /1\.json \/id: a text is required/],
  ['an id that cannot stand in a name', oneCard(card('a b', '2025-01-01', 1)), /\/id: letters, digits/],
  ['a rate of 0', oneCard(card('a', '2025-01-01', 0)), /\/usagePlan\/ratePerSecond: a number above 0/],
  [
    'limits that are a text',
    oneCard('{"id":"a","name":"a","effectiveFrom":"x","usagePlan":"5"}'),
    /\/usagePlan: an object/,
  ],
  ['a quota that is a number', oneCard(card('a', '2025-01-01', 1, { quota: 5 })), /\/usagePlan\/quota: an object/],
  [
    'a quota a year',
    oneCard(card('a', '2025-01-01', 1, { quota: { calls: 1, per: 'year' } })),
    /\/per: one of day, week/,
  ],
])('%s is refused by name', (_why, files, message) => {
  expect(() => readRulesFolder(scratchFolder(files))).toThrow(message);
});

test('a folder that is not there is refused, with the path that was looked at', () => {
  expect(() => readRulesFolder('/nowhere/rules')).toThrow(/There is no rules folder at .*nowhere.*rules/);
});

describe('the commit of the rules', () => {
  const git = (cwd: string, ...args: string[]) => {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...who, ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  };

  test('is the last one that changed them, whatever else was committed since', () => {
    const folder = scratchFolder({ 'rules/meters.json': '{}' });
    const rules = join(folder, 'rules');
    git(folder, 'init');
    expect(rulesCommit(rules)).toBe('uncommitted');
    git(folder, 'add', '.');
    git(folder, 'commit', '-m', 'rules');
    const commit = git(folder, 'rev-parse', 'HEAD');
    writeFileSync(join(folder, 'code.ts'), '');
    git(folder, 'add', '.');
    git(folder, 'commit', '-m', 'code');
    expect(rulesCommit(rules)).toBe(commit);
    writeFileSync(join(rules, 'meters.json'), '{ }');
    expect(rulesCommit(rules)).toBe('uncommitted');
  });

  test('is `uncommitted` outside of git', () => {
    expect(rulesCommit('/')).toBe('uncommitted');
  });
});
