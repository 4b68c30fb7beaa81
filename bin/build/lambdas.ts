import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

export interface Bundle {
  readonly name: string;
  readonly bytes: number;
}

/**
 * How a function is bundled: one minified ES module with everything in it. `module` before `main` takes the SDK's ES
 * modules, of which half can be dropped; the banner gives `require` to the packages that only come as CommonJS.
 */
export const LAMBDA_OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'external',
  logLevel: 'warning',
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
} as const satisfies BuildOptions;

/**
 * Bundles every folder under `lambdas/` into `<outFolder>/<name>/index.mjs`. The same sources give the same bytes, so a
 * deployment only updates the functions that changed. Source maps go to `<mapFolder>`: nobody waits for them at a cold start.
 *
 * @returns names and sizes, sorted by name
 * @throws Error when there is nothing to bundle, or when one of them does not build
 */
export async function bundleLambdas(root: string, outFolder: string, mapFolder: string): Promise<Bundle[]> {
  const folders = await readdir(join(root, 'lambdas'), { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (names.length === 0) throw new Error(`no functions under ${join(root, 'lambdas')}`);
  await rm(outFolder, { recursive: true, force: true });
  return Promise.all(names.sort().map((name) => bundle(root, name, outFolder, mapFolder)));
}

async function bundle(root: string, name: string, outFolder: string, mapFolder: string): Promise<Bundle> {
  const outfile = join(outFolder, name, 'index.mjs');
  const { outputFiles } = await build({
    ...LAMBDA_OPTIONS,
    absWorkingDir: root,
    entryPoints: [`lambdas/${name}/index.ts`],
    outfile,
    sourcemap: 'external',
    sourcesContent: false,
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    const target = path.endsWith('.map') ? join(mapFolder, `${name}.mjs.map`) : path;
    if (target.endsWith('.LEGAL.txt') && contents.length === 0) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, contents);
  }
  return { name, bytes: (await stat(outfile)).size };
}
