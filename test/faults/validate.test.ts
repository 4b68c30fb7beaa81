import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tollgate } from '../cli/rules-cli.ts';

const RULES = resolve(import.meta.dirname, '../../rules');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-faults-'));
  cpSync(RULES, join(folder, 'rules'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Rule {
  conditions: object;
  [key: string]: unknown;
}
type File = { rules: Rule[]; charges: { price: Record<string, unknown> }[] };
const firstRule = (content: File) => content.rules[0] as Rule;

/** Each fault is put into a copy of the shipped rules, which are valid. */
test.each([
  {
    ...{ why: 'an unknown key', file: 'tiers.json', pointer: '/rules/0/prioritty' },
    harm: (content: File) => Object.assign(firstRule(content), { prioritty: 1 }),
    says: 'priority',
  },
  {
    ...{ why: 'a bad operator', file: 'segments.json', pointer: '/rules/0/conditions/all/0/operator' },
    harm: (content: File) =>
      Object.assign(firstRule(content), {
        conditions: { all: [{ fact: 'industry', operator: 'equals', value: 'fintech' }] },
      }),
    says: 'equal',
  },
  {
    ...{ why: 'an empty any', file: 'segments.json', pointer: '/rules/0/conditions/any' },
    harm: (content: File) => Object.assign(firstRule(content), { conditions: { any: [] } }),
    says: 'any',
  },
  {
    ...{ why: 'a fact that nothing provides', file: 'segments.json', pointer: '/rules/0/conditions/all/0/fact' },
    harm: (content: File) =>
      Object.assign(firstRule(content), { conditions: { all: [{ fact: 'industri', operator: 'equal', value: 'x' }] } }),
    says: 'industry',
  },
  {
    why: 'a money amount as a number',
    ...{ file: 'rate-cards/growth/2026-01-01.json', pointer: '/charges/0/price/amount' },
    harm: (content: File) => Object.assign(content.charges[0]?.price ?? {}, { amount: 49 }),
    says: '"49',
  },
])('tollgate validate names $why: file, pointer, what to do, exit 1', async ({ file, pointer, harm, says }) => {
  const path = join(folder, 'rules', file);
  const content = JSON.parse(readFileSync(path, 'utf8'));
  harm(content);
  writeFileSync(path, JSON.stringify(content, null, 2));
  const { out, code } = await tollgate(folder, ['validate', '--json']);
  expect(code).toBe(1);
  const { ok, errors } = JSON.parse(out);
  expect(ok).toBe(false);
  const found = errors.filter((error: { pointer: string }) => error.pointer === pointer);
  expect(found).toHaveLength(1);
  expect(found[0].file).toBe(`rules/${file}`);
  expect(`${found[0].message} ${found[0].hint}`).toContain(says);
});
