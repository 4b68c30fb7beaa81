import type { AddCommand } from './main.ts';

/** What the flags of `tollgate validate` say. */
export interface ValidateFlags {
  readonly published?: string;
  readonly json?: true;
}

const HELP = `
Every file is checked against its schema (rules/schema) and against the others; all faults are shown at once, by file
and line. With --published, cards in force there may not change or vanish, and new ones begin at the next whole hour.

Examples:
  $ tollgate validate
  $ tollgate validate rules --published origin/main
  $ tollgate validate rules --json | jq -r '.errors[] | "\\(.file):\\(.line) \\(.message)"'

Exit codes: 0 valid (warnings do not count), 1 not valid or not readable.`;

export const addValidateCommand: AddCommand = (program, io) => {
  program
    .command('validate')
    .description('check a rules folder: schemas, references, reachability, fairness')
    .argument('[dir]', 'the rules folder', 'rules')
    .option('--published <dir|ref>', 'the rules that are in force: a folder or a git ref')
    .option('--json', 'the answer as JSON')
    .addHelpText('after', HELP)
    .action(async (dir: string, flags: ValidateFlags) => {
      const { runValidate } = await import('./validate-run.ts');
      await runValidate(dir, flags, io);
    });
};
