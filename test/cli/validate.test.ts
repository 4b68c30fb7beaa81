import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { tollgate } from './rules-cli.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const golden = (name: string) => readFileSync(join(ROOT, 'test/golden/rules', name), 'utf8');
const schema = new Ajv2020().compile(
  JSON.parse(readFileSync(join(ROOT, 'docs/schema/validation.schema.json'), 'utf8')),
);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-validate-'));
  cpSync(join(ROOT, 'rules'), join(folder, 'rules'), { recursive: true });
  cpSync(join(ROOT, 'rules'), join(folder, 'broken'), { recursive: true });
  const tiers = join(folder, 'broken', 'tiers.json');
  const text = readFileSync(tiers, 'utf8')
    .replace('"operator": "contains"', '"operator": "contans"')
    .replace('"priority": 80', '"prioritty": 80')
    .replace('"otherwise": { "rateCard": "free" }', '"otherwise": { "rateCard": "fre" }');
  writeFileSync(tiers, text);
  writeFileSync(join(folder, 'broken', 'rate-cards', 'free', '2025-01-01.json'), '{ "id": }\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('valid rules: one line, exit 0', async () => {
  expect(await tollgate(folder, ['validate'])).toEqual({
    out: 'rules is valid: 0 errors, 0 warnings\n',
    err: '',
    code: 0,
  });
});

test('all faults by file and line, exit 1', async () => {
  const { out, code } = await tollgate(folder, ['validate', 'broken']);
  expect(out).toBe(golden('validate.txt'));
  expect(code).toBe(1);
});

test('the same as JSON, as its schema says', async () => {
  const { out, code } = await tollgate(folder, ['validate', 'broken', '--json']);
  expect(out).toBe(golden('validate.json'));
  schema(JSON.parse(out));
  expect(schema.errors).toBeNull();
  expect(code).toBe(1);
});

test('against the rules in force', async () => {
  const card = join(folder, 'rules', 'rate-cards', 'growth', '2026-01-01.json');
  const text = readFileSync(card, 'utf8');
  cpSync(join(folder, 'rules'), join(folder, 'published'), { recursive: true });
  writeFileSync(card, text.replace('49.00', '59.00'));
  const { out, code } = await tollgate(folder, ['validate', 'rules', '--published', 'published']);
  writeFileSync(card, text);
  expect(out).toContain('growth@2026-01-01 is in force and does not change, not by a byte');
  expect(code).toBe(1);
});

test.each([
  [
    ['validate', 'nowhere'],
    'error: nowhere: there is no such folder (name the folder that holds meters.json and tiers.json)\n',
  ],
  [['validate', '--published', 'nowhere'], expect.stringContaining('error: nowhere: neither a folder nor a git ref')],
])('%j cannot be read: one line, exit 1', async (args, err) => {
  expect(await tollgate(folder, args)).toEqual({ out: '', err, code: 1 });
});
