import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);

/** What `import { Monetization } from 'tollgate'` finds: ES modules with declarations, and one file for `require`. */
export async function compileLibrary(root: string): Promise<void> {
  await compileModules(root);
  await Promise.all([
    finishDeclarations(join(root, 'dist', 'lib')),
    build({
      absWorkingDir: root,
      entryPoints: ['lib/index.ts'],
      outfile: 'dist/lib/index.cjs',
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      packages: 'external',
      // CommonJS has its own name for the folder of a file.
      define: { 'import.meta.dirname': '__dirname' },
      logLevel: 'warning',
    }),
  ]);
}

async function compileModules(root: string): Promise<void> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await run(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root });
  } catch (error) {
    throw new Error(`the library does not compile:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
}

/**
 * Imports in declarations end as the files do (the compiler leaves `.ts` there). TypeScript takes `.d.ts` in a package of ES
 * modules for ES modules, so a CommonJS app reads the same types from `.d.cts`.
 */
async function finishDeclarations(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, encoding: 'utf8' });
  const declarations = entries.filter((path) => path.endsWith('.d.ts'));
  if (declarations.length === 0) throw new Error(`no declarations in ${folder}`);
  for (const path of declarations) {
    const text = await readFile(join(folder, path), 'utf8');
    const ending = (extension: string) =>
      text.replace(/((?:from |import\()['"]\.[^'"]*)\.ts(['"])/g, `$1.${extension}$2`);
    await writeFile(join(folder, path), ending('js'));
    await writeFile(join(folder, path.replace(/\.d\.ts$/, '.d.cts')), ending('cjs'));
  }
}
