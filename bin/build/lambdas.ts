import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { INTER_FILES } from '../../lib/adapters/report-fonts/inter.ts';

export interface Bundle {
  readonly name: string;
  /** What a cold start loads. */
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
 * Functions that draw PDFs: they have the fonts beside their code, and what draws is a file of its own, which only those
 * load who ask for a PDF.
 */
const DRAWING = new Set(['send-notices', 'serve-portal']);

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
  const outdir = join(outFolder, name);
  const { outputFiles, metafile } = await build({
    ...LAMBDA_OPTIONS,
    absWorkingDir: root,
    entryPoints: { index: `lambdas/${name}/index.ts` },
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: DRAWING.has(name),
    sourcemap: 'external',
    sourcesContent: false,
    write: false,
    metafile: true,
  });
  for (const { path, contents } of outputFiles) {
    const target = path.endsWith('.map') ? join(mapFolder, mapName(name, basename(path))) : path;
    if (target.endsWith('.LEGAL.txt') && contents.length === 0) continue;
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, contents);
  }
  if (DRAWING.has(name)) await copyFonts(join(outdir, 'fonts'));
  return { name, bytes: loadedBytes(metafile) };
}

/** `serve-portal.mjs.map`; of a part of it `serve-portal.render-pdf-ABC.mjs.map`. */
const mapName = (name: string, file: string): string => `${name}.${file}`.replace('.index.', '.');

/** The entry and whatever it imports at once. */
function loadedBytes({ outputs }: Metafile): number {
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && !external) load(next);
    }
  };
  for (const path of Object.keys(outputs)) if (path.endsWith('/index.mjs')) load(path);
  return [...loaded].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
}

async function copyFonts(folder: string): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const file of INTER_FILES) {
    await copyFile(resolve(`@expo-google-fonts/inter/${file}`), join(folder, basename(file)));
  }
}
