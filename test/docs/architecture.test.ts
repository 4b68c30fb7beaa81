import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/architecture.md names every function and every variable of their environment, and none that is gone. */
const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
const section = (heading: string): string => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

test('a row for each function', () => {
  const rows = [...section('Functions').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  const functions = readdirSync(join(ROOT, 'lambdas'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect([...rows].sort()).toEqual(functions.map(({ name }) => name).sort());
});

test('every variable that a function reads', () => {
  const files = ['lambdas', 'lib/app', 'lib/adapters'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(ROOT, folder, path), 'utf8')),
  );
  const read = files.flatMap((text) => [...text.matchAll(/\benv\('([A-Z_]+)'\)|requireEnv\(\w+, '([A-Z_]+)'\)/g)]);
  const names = [...new Set(read.map(([, short, long]) => short ?? long ?? ''))].sort();
  expect(names).toContain('USAGE_TABLE');
  expect(names.filter((name) => !section('Functions').includes(`\`${name}\``))).toEqual([]);
});

test('docs/customer-data.md says of everything that is stored what becomes of it', () => {
  const said = readFileSync(join(ROOT, 'docs/customer-data.md'), 'utf8').split('\n## Item by item\n')[1] ?? '';
  const rows = [...said.matchAll(/^\| (.+?) \| .+ \| .+ \|$/gm)].map(([, where]) => where);
  const buckets = [...section('Buckets').matchAll(/^\| ((?:ledger|records) `[^|]+`) \|/gm)].map(([, where]) => where);
  const tables = [...section('Tables').matchAll(/^\| (\w+) \| (`[^|]+`) \|/gm)].map(
    ([, table, pk]) => `${table} ${pk}`,
  );
  expect([buckets.length > 5, tables.length > 20]).toEqual([true, true]);
  expect(rows.filter((where) => where !== 'where' && where !== '---').sort()).toEqual(
    [...new Set([...buckets, ...tables])].sort(),
  );
});
