import { resolve } from 'node:path';
import { createColors } from 'picocolors';
import { readRulesFrom } from '../adapters/rules-folder/read-rules-at-ref.ts';
import { readRulesFolder } from '../adapters/rules-folder/read-rules-folder.ts';
import type { RulesFault } from '../domain/rules/fault.ts';
import { type Validation, validateRuleset } from '../domain/rules/validate-ruleset.ts';
import type { Io } from './io.ts';
import type { ValidateFlags } from './validate.ts';

/** Checks a folder, writes what was found, and sets the exit code. */
export async function runValidate(dir: string, flags: ValidateFlags, io: Io): Promise<void> {
  const files = await readRulesFolder(resolve(io.cwd, dir), dir);
  const published = flags.published === undefined ? undefined : await publishedRules(flags.published, dir, io);
  const found = validateRuleset(files, published ? { published, now: io.clock.now() } : {});
  const validation = inFolder(found, dir);
  io.stdout.write(flags.json ? `${JSON.stringify(validation, null, 2)}\n` : renderValidation(validation, dir, io));
  io.exitCode = validation.ok ? 0 : 1;
}

async function publishedRules(source: string, folder: string, io: Io) {
  const resolvePath = (path: string) => resolve(io.cwd, path);
  return (await readRulesFrom(source, { cwd: io.cwd, folder, resolve: resolvePath })).files;
}

/** Paths as the user would type them: `rules/tiers.json`. */
function inFolder({ ok, errors, warnings }: Validation, dir: string): Validation {
  const prefix = dir.replaceAll('\\', '/').replace(/\/+$/, '');
  const named = (fault: RulesFault): RulesFault => ({ ...fault, file: `${prefix}/${fault.file}` });
  return { ok, errors: errors.map(named), warnings: warnings.map(named) };
}

/** By file, then line: the fault, and below it what to do. */
export function renderValidation({ ok, errors, warnings }: Validation, dir: string, io: Io): string {
  const colors = createColors(io.isTerminal.stdout && !io.env.NO_COLOR);
  const faults = [
    ...errors.map((fault) => ({ fault, label: colors.red('error') })),
    ...warnings.map((fault) => ({ fault, label: colors.yellow('warning') })),
  ];
  const files = [...new Set(faults.map(({ fault }) => fault.file))].sort();
  const sections = files.map((file) => {
    const inFile = faults.filter(({ fault }) => fault.file === file);
    inFile.sort((a, b) => (a.fault.line ?? 0) - (b.fault.line ?? 0) || (a.fault.column ?? 0) - (b.fault.column ?? 0));
    const lines = inFile.map(({ fault, label }) => renderFault(fault, label, colors));
    return `${colors.bold(file)}\n${lines.join('\n')}\n`;
  });
  const counts = [counted(errors.length, 'error'), counted(warnings.length, 'warning')].join(', ');
  const verdict = ok ? colors.green(`${dir} is valid`) : colors.red(`${dir} is not valid`);
  return `${[...sections, `${verdict}: ${counts}`].join('\n')}\n`;
}

function renderFault(
  { line, column, code, message, pointer, hint }: RulesFault,
  label: string,
  colors: ReturnType<typeof createColors>,
): string {
  const place = line === undefined ? '-' : `${line}:${column}`;
  const first = `  ${place.padEnd(8)} ${label}  ${message}  ${colors.dim(`[${code}]`)}`;
  const details = [pointer === '' ? undefined : colors.dim(pointer), hint].filter((text) => text !== undefined);
  return [first, ...details.map((text) => `${' '.repeat(11)}${text}`)].join('\n');
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
