import { createHash } from 'node:crypto';
import type { RulesFiles } from './ruleset.ts';

/**
 * SHA-256, hex, over all files of a ruleset: a JSON list of [path, text], sorted by path in code-unit order. The texts
 * go in byte for byte, since a published card may not change by a byte; the order in which files were read does not.
 */
export function hashRuleset(files: RulesFiles): string {
  const entries = Object.keys(files)
    .sort()
    .map((path) => [path, files[path]]);
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}
