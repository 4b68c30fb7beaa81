import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Rules of the house that a reader should be able to trust. Each fails on zero files found, so that none can pass by looking nowhere. */
const ROOT = resolve(import.meta.dirname, '..');

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const withoutComments = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\//g, (c) => c.replace(/[^\n]/g, ' ')).replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

/** Relative imports of a file, as paths from the root. */
function imports(file: string): string[] {
  const found = [...withoutComments(read(file)).matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)];
  return found.map(([, path]) =>
    relative(ROOT, resolve(ROOT, dirname(file), path as string))
      .split(sep)
      .join('/'),
  );
}

/** What a folder may import besides itself. */
const MAY_IMPORT: Record<string, string[]> = {
  'lib/domain/': [],
  'lib/app/': ['lib/domain/'],
  'lib/adapters/': ['lib/app/', 'lib/domain/'],
  'lib/constructs/': [],
  'lib/portal/': ['lib/domain/'],
  'lambdas/': ['lib/adapters/', 'lib/app/', 'lib/domain/', 'lib/portal/'],
  'lib/cli/': ['lib/adapters/', 'lib/app/', 'lib/domain/', 'lib/local/', 'lib/portal/'],
  'lib/local/': ['lambdas/', 'lib/adapters/', 'lib/app/', 'lib/domain/', 'lib/constructs/', 'lib/portal/'],
};

const existing = Object.entries(MAY_IMPORT).filter(([folder]) => {
  try {
    return readdirSync(join(ROOT, folder)).length > 0;
  } catch {
    return false;
  }
});

test.each(existing)('%s imports only what the architecture allows', (folder, allowed) => {
  const files = sources(folder);
  expect(files.length).toBeGreaterThan(0);
  const wrong = files.flatMap((file) =>
    imports(file)
      .filter((path) => ![folder, ...allowed].some((prefix) => path.startsWith(prefix)))
      .map((path) => `${file} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test('adapters do not import each other: only lib/adapters/aws is shared', () => {
  const files = sources('lib/adapters');
  expect(files.length).toBeGreaterThan(0);
  const room = (path: string) => path.split('/')[2];
  const wrong = files.flatMap((file) =>
    imports(file)
      .filter((path) => path.startsWith('lib/adapters/') && room(path) !== room(file) && room(path) !== 'aws')
      .map((path) => `${file} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test('the domain has no clock, no randomness, no I/O and no floats for money', () => {
  const files = sources('lib/domain');
  expect(files.length).toBeGreaterThan(0);
  const banned = /Date\.now|new Date\(|Math\.random|parseFloat|process\.|from 'node:(?!crypto)|performance\.now/;
  const wrong = files.flatMap((file) =>
    withoutComments(read(file))
      .split('\n')
      .flatMap((line, i) => (banned.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(wrong).toEqual([]);
});

test('handlers are 40 lines at most', () => {
  const handlers = sources('lambdas').filter((file) => file.endsWith('/handler.ts'));
  expect(handlers.length).toBeGreaterThan(0);
  expect(handlers.filter((file) => read(file).trimEnd().split('\n').length > 40)).toEqual([]);
});

test('functions fit on a screen: 70 lines at most', () => {
  const files = ['bin', 'lib', 'lambdas'].flatMap(sources);
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(longFunctions)).toEqual([]);
});

/** Formatted code closes a function at the indentation it opened at, so indentation finds where each one ends. */
function longFunctions(file: string): string[] {
  const lines = read(file).split('\n');
  const opens =
    /^(\s*)(?:export |default |async |static |private |protected |public |override |get |set )*(?:function\b.*|(?:const|let) \w+.*=>|(?!if\b|for\b|while\b|switch\b|catch\b|return\b)\w+\(.*\).*)\{$/;
  return lines.flatMap((line, start) => {
    const [, indent] = opens.exec(line) ?? [];
    if (indent === undefined) return [];
    const length = lines.slice(start + 1).findIndex((l) => l.startsWith(`${indent}}`)) + 2;
    return length > 70 ? [`${file}:${start + 1} is ${length} lines`] : [];
  });
}

test('no vague rooms: nothing is called utils, helpers, manager or common', () => {
  const files = ['bin', 'lib', 'lambdas', 'test'].flatMap(sources);
  expect(files.filter((file) => /\b(utils?|helpers?|managers?|common|misc)\b/i.test(file))).toEqual([]);
});
