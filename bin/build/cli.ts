import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * The `tollgate` command: split into chunks, so that `tollgate --help` loads the program and not what its commands import.
 * Packages stay outside and come from npm.
 */
export async function bundleCli(root: string, outdir = join(root, 'dist', 'bin')): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['bin/tollgate.ts'],
    outdir,
    entryNames: '[name]',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  });
  await chmod(join(outdir, 'tollgate.js'), 0o755);
}
