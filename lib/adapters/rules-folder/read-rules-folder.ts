import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { InputError } from '../../domain/input-error.ts';
import type { RulesFiles } from '../../domain/rules/ruleset.ts';

/** What is not part of a ruleset though it lies in its folder: the schemas for editors, and examples to copy. */
export const isRulesPath = (path: string): boolean =>
  path.endsWith('.json') && !path.startsWith('schema/') && !path.startsWith('examples/');

/** Some editors begin a file with a byte order mark, which JSON does not know. */
export const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

/**
 * The files of a rules folder by their path inside it, with `/` on every system.
 * @param name what errors call the folder
 * @throws InputError `no-such-folder`
 */
export async function readRulesFolder(folder: string, name = folder): Promise<RulesFiles> {
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) {
    throw new InputError({
      code: 'no-such-folder',
      path: name,
      message: found ? 'this is not a folder' : 'there is no such folder',
      hint: 'name the folder that holds meters.json and tiers.json',
    });
  }
  const paths = (await readdir(folder, { recursive: true }))
    .map((path) => path.split(sep).join('/'))
    .filter(isRulesPath)
    .sort();
  const texts = await Promise.all(paths.map((path) => readFile(join(folder, path), 'utf8')));
  return Object.fromEntries(paths.map((path, index) => [path, withoutMark(texts[index] as string)]));
}
