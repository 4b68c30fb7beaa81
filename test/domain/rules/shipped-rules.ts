import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';

const FOLDER = resolve(import.meta.dirname, '../../../rules');

/** The rules that ship with the project, as files: a valid ruleset to break in one place. */
export function shippedRules(): RulesFiles {
  const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.json') && !path.startsWith('schema/') && !path.startsWith('examples/'))
    .sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(FOLDER, path), 'utf8')]));
}

// biome-ignore lint/suspicious/noExplicitAny: a test breaks JSON in ways that no type has
export type AnyJson = any;

/** A copy with one file changed; its lines stay as they would be written by hand. */
export function edited(files: RulesFiles, file: string, edit: (json: AnyJson) => unknown): RulesFiles {
  const json: AnyJson = JSON.parse(files[file] ?? '{}');
  const changed = edit(json) ?? json;
  return { ...files, [file]: `${JSON.stringify(changed, null, 2)}\n` };
}

/** A copy without a file. */
export const without = (files: RulesFiles, file: string): RulesFiles =>
  Object.fromEntries(Object.entries(files).filter(([path]) => path !== file));
