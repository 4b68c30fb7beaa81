import { resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** `tollgate --help` loads the program and not what its commands work with: that comes when one of them runs. */
const ROOT = resolve(import.meta.dirname, '../..');

/** What is loaded before any argument is read: static imports and what they import in turn. */
function loadedAtStart({ inputs }: Metafile, entry: string): string[] {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    for (const { path, kind } of inputs[file]?.imports ?? []) if (kind === 'import-statement') visit(path);
  };
  visit(entry);
  return [...found];
}

test('before a command runs, no package but commander is loaded, and little of our own', async () => {
  const { metafile } = await build({
    ...{ absWorkingDir: ROOT, entryPoints: ['bin/tollgate.ts'], bundle: true, packages: 'external', write: false },
    ...{ format: 'esm', platform: 'node', splitting: true, outdir: 'dist/bin', metafile: true, logLevel: 'silent' },
    ...{ jsx: 'automatic', jsxImportSource: 'hono/jsx' },
  });
  const loaded = loadedAtStart(metafile, 'bin/tollgate.ts');
  expect(loaded).toContain('lib/cli/main.ts');
  expect(loaded.filter((path) => !path.includes('.ts') && !path.startsWith('node:'))).toEqual(['commander']);
  expect(loaded.filter((path) => path.startsWith('lib/') && !path.startsWith('lib/cli/')).sort()).toEqual([
    'lib/domain/input-error.ts',
  ]);
}, 60_000);
