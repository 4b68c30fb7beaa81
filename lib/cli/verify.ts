import type { AddCommand } from './main.ts';

const HELP = `
Makes the invoice of each bundle again, offline, from the customer's own log lines up, and says which input differs where it
does not come out byte for byte. No account and no network are needed: FILE is what tollgate export wrote.

Examples:
  $ tollgate verify acme-2026-10.bundle.gz
  $ tollgate verify acme-*.bundle.gz --json

Exit codes: 0 verified, 3 an input differs, 1 bad input.`;

export interface VerifyFlags {
  readonly json?: true;
}

export const addVerifyCommand: AddCommand = (program, io) => {
  program
    .command('verify')
    .description('make an exported invoice again, offline, and name what differs')
    .argument('<file...>', 'bundles, gzipped or not')
    .option('--json', 'write JSON: one object per file')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: VerifyFlags) => {
      const { runVerify } = await import('./verify-run.ts');
      await runVerify(files, flags, io);
    });
};
