import type { EpochMs } from '../time/time.ts';
import { CHECKS } from './checks/all-checks.ts';
import type { Finding } from './checks/checks.ts';
import type { RulesFault } from './fault.ts';
import { type RulesReading, readRules } from './read-rules.ts';
import type { RulesFiles } from './ruleset.ts';

/** What a ruleset is checked against besides itself. */
export interface ValidationContext {
  /** The ruleset in force: its cards may not change or vanish. */
  readonly published?: RulesFiles;
  /** With `published`: new cards begin at the next whole hour at the earliest. */
  readonly now?: EpochMs;
}

/** CONTRACT: the answer of `tollgate validate --json`. */
export interface Validation {
  readonly ok: boolean;
  readonly errors: readonly RulesFault[];
  readonly warnings: readonly RulesFault[];
}

/** Checks a whole rules folder and answers everything that is wrong at once, by file and line. Never throws on bad input. */
export function validateRuleset(files: RulesFiles, context: ValidationContext = {}): Validation {
  return validateReading(readRules(files), files, context);
}

/** As {@link validateRuleset}, for who has read the files already. */
export function validateReading(reading: RulesReading, files: RulesFiles, context: ValidationContext = {}): Validation {
  const findings: Finding[] = CHECKS.flatMap((check) => check(reading, { files, ...context }));
  const located = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).map(({ file, fault }) => reading.at(file, fault));
  const errors = inOrder([...reading.faults, ...located('error')]);
  return { ok: errors.length === 0, errors, warnings: inOrder(located('warning')) };
}

const inOrder = (faults: RulesFault[]): RulesFault[] =>
  faults.sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
