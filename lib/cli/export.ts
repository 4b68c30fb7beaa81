import { addStackOptions, type StackFlags } from './connect-options.ts';
import type { AddCommand } from './main.ts';

const HELP = `
Writes a bundle with which anyone can make the invoice again, offline: the customer's own log lines and usage events, its
closed hours, the cards and rules that the invoice cites, and digests of everything else. It holds no other customer's data.
The file is gzipped NDJSON; see docs/verify.md.

Examples:
  $ tollgate export --customer acme --period 2026-10 --out acme-2026-10.bundle.gz
  $ tollgate verify acme-2026-10.bundle.gz

Exit codes: 0 written, 3 written but it does not verify, 1 bad input.`;

export interface ExportFlags extends StackFlags {
  readonly customer: string;
  readonly period: string;
  readonly kind: string;
  readonly out: string;
  readonly json?: true;
}

export const addExportCommand: AddCommand = (program, io) => {
  addStackOptions(
    program
      .command('export')
      .description('write what an invoice was made from, for tollgate verify')
      .requiredOption('--customer <id>', 'whose invoice')
      .requiredOption('--period <yyyy-mm>', 'the month in which its period begins, or its exact beginning')
      .option('--kind <kind>', 'usage, advance or top-up', 'usage')
      .requiredOption('--out <file>', 'the bundle')
      .option('--json', 'write JSON'),
  )
    .addHelpText('after', HELP)
    .action(async (flags: ExportFlags) => {
      const { runExport } = await import('./export-run.ts');
      await runExport(flags, io);
    });
};
