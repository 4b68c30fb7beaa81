import { resolve } from 'node:path';
import { readRulesFrom } from '../../adapters/rules-folder/read-rules-at-ref.ts';
import { parseRuleset } from '../../domain/rules/parse-ruleset.ts';
import type { Ruleset, RulesFiles } from '../../domain/rules/ruleset.ts';
import { type Validation, validateRuleset } from '../../domain/rules/validate-ruleset.ts';
import type { Io } from '../io.ts';
import { renderValidation } from '../validate-run.ts';

/** One side's rules, read and valid. */
export interface LoadedRules {
  readonly name: string;
  readonly files: RulesFiles;
  readonly ruleset: Ruleset;
  readonly warnings: Validation['warnings'];
}

/**
 * Reads a folder or a git ref.
 * @param folder where the rules lie in a git ref
 * @returns null where they are not valid: what is wrong is then on stderr, as `validate` says it
 * @throws InputError where there is neither such a folder nor such a ref
 */
export async function loadRules(name: string, folder: string, io: Io): Promise<LoadedRules | null> {
  const { files } = await readRulesFrom(name, { cwd: io.cwd, folder, resolve: (path) => resolve(io.cwd, path) });
  const validation = validateRuleset(files);
  if (!validation.ok) {
    const prefix = name.replaceAll('\\', '/').replace(/\/+$/, '');
    const errors = validation.errors.map((fault) => ({ ...fault, file: `${prefix}/${fault.file}` }));
    const onStderr = { ...io, isTerminal: { ...io.isTerminal, stdout: io.isTerminal.stderr } };
    io.stderr.write(renderValidation({ ok: false, errors, warnings: [] }, name, onStderr));
    return null;
  }
  return { name, files, ruleset: parseRuleset(files), warnings: validation.warnings };
}
