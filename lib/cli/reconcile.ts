import { addStackOptions, type StackFlags } from './connect-options.ts';
import type { AddCommand } from './main.ts';

const HELP = `
Compares, for each customer, what stands in four places: the ledger's lines (counted again), the closed rows, the lines of
the invoice, and Stripe's lines. Each difference names its hours and the place that differs from the others. Nothing is
changed.

Examples:
  $ tollgate reconcile --period 2026-10
  $ tollgate reconcile --period 2026-10 --customer acme --json

Exit codes: 0 all agree, 3 something differs, 1 bad input.`;

export interface ReconcileFlags extends StackFlags {
  readonly period: string;
  readonly customer?: string;
  readonly json?: true;
}

export const addReconcileCommand: AddCommand = (program, io) => {
  addStackOptions(
    program
      .command('reconcile')
      .description('compare logged lines, closed rows, invoices and Stripe, to the hour')
      .requiredOption('--period <yyyy-mm>', 'periods that begin in this month')
      .option('--customer <id>', 'one customer only')
      .option('--json', 'write JSON'),
  )
    .addHelpText('after', HELP)
    .action(async (flags: ReconcileFlags) => {
      const { runReconcile } = await import('./reconcile-run.ts');
      await runReconcile(flags, io);
    });
};
