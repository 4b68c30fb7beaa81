import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readRulesAtRef, readRulesFrom } from '../../../lib/adapters/rules-folder/read-rules-at-ref.ts';
import { readRulesFolder } from '../../../lib/adapters/rules-folder/read-rules-folder.ts';
import { shippedRules } from '../../domain/rules/shipped-rules.ts';

const RULES = resolve(import.meta.dirname, '../../../rules');
let repository = '';
const git = (...args: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'core.autocrlf=false', ...args],
    { cwd: repository, encoding: 'utf8' },
  ).trim();

beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'tollgate-rules-'));
  git('init', '--quiet', '--initial-branch=main');
  mkdirSync(join(repository, 'api'));
  cpSync(RULES, join(repository, 'api', 'rules'), { recursive: true });
  git('add', '.');
  git('commit', '--quiet', '-m', 'rules');
  writeFileSync(join(repository, 'api', 'rules', 'tiers.json'), 'ä changed\n');
});
afterAll(() => rmSync(repository, { recursive: true, force: true }));

test('a folder: every rules file by its path, without schemas and documentation', async () => {
  expect(await readRulesFolder(RULES)).toEqual(shippedRules());
});

test('a byte order mark is no part of the JSON', async () => {
  const marked = mkdtempSync(join(tmpdir(), 'tollgate-marked-'));
  try {
    writeFileSync(join(marked, 'tiers.json'), '\uFEFF{}');
    expect(await readRulesFolder(marked)).toEqual({ 'tiers.json': '{}' });
  } finally {
    rmSync(marked, { recursive: true, force: true });
  }
});

test('a folder that is not there', async () => {
  await expect(readRulesFolder(join(repository, 'nowhere'), 'nowhere')).rejects.toMatchObject({
    code: 'no-such-folder',
    path: 'nowhere',
  });
});

test('a git ref: what was committed, whatever lies in the folder now', async () => {
  const { commit, files } = await readRulesAtRef('main', { cwd: join(repository, 'api'), folder: 'rules' });
  expect(commit).toBe(git('rev-parse', 'main'));
  expect(files).toEqual(shippedRules());
  expect((await readRulesAtRef('HEAD', { cwd: repository, folder: 'api/rules' })).files).toEqual(files);
});

test.each([
  ['nowhere', 'api/rules', 'no-such-ref'],
  ['--help', 'api/rules', 'no-such-ref'],
  ['main', 'rules', 'no-such-folder'],
])('a ref that has none: %s:%s', async (ref, folder, code) => {
  await expect(readRulesAtRef(ref, { cwd: repository, folder })).rejects.toMatchObject({ code });
});

test('a folder or a ref, whichever the name is', async () => {
  const options = { cwd: repository, folder: 'api/rules', resolve: (path: string) => resolve(repository, path) };
  expect((await readRulesFrom('api/rules', options)).files['tiers.json']).toBe('ä changed\n');
  expect((await readRulesFrom('main', options)).files).toEqual(shippedRules());
});
