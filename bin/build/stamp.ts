import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

const SOURCES = ['bin', 'lib', 'lambdas', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** SHA-256 of everything that a build is made of: the same stamp means that there is nothing to build. */
export async function sourceStamp(root: string): Promise<string> {
  const digest = createHash('sha256').update(process.version);
  for (const source of SOURCES) {
    for (const path of await filesOf(root, source)) {
      const content = await readFile(join(root, path));
      digest.update(`${path.split(sep).join('/')}\0${content.length}\0`).update(content);
    }
  }
  return digest.digest('hex');
}

async function filesOf(root: string, source: string): Promise<string[]> {
  if ((await stat(join(root, source))).isFile()) return [source];
  const entries = await readdir(join(root, source), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
