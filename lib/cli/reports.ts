import { Option } from 'commander';
import { addStackOptions, type StackFlags } from './connect-options.ts';
import type { AddCommand } from './main.ts';

export const REPORT_FORMATS = ['html', 'pdf', 'csv', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What the flags of `tollgate reports` say. */
export interface ReportFlags extends StackFlags {
  readonly customer?: string;
  readonly all?: true;
  readonly period: string;
  readonly format: ReportFormat;
  readonly paper: 'a4' | 'letter';
  readonly out?: string;
}

const HELP = `
What a customer used in a period, how it became the bill line by line, why the price is what it is, what protection and
discounts saved, how it compares with the period before, and how to pay less. Every amount is an invoice's, or comes from the
code that makes invoices; a period that is still open has a forecast.

The period is named by the UTC month in which it begins. html is one page without script that prints well, pdf is tagged
and searchable (PDF/UA-1), csv has a row for each rated line, json is described by docs/schema/usage-report.schema.json.

Examples:
  $ tollgate reports --customer acme --period 2026-10 --format pdf --out acme.pdf
  $ tollgate reports --customer acme --period 2026-10 --format json
  $ tollgate reports --all --period 2026-10 --format html --out reports

Exit codes: 0 done, 1 bad input, or with --all a report that could not be made (the others are there).`;

export const addReportsCommand: AddCommand = (program, io) => {
  const command = program
    .command('reports')
    .description('what customers used, what it costs and why: a page, PDF, CSV or JSON for each')
    .option('--customer <id>', 'of this customer')
    .option('--all', 'of every customer, a file each; --out is a folder')
    .requiredOption('--period <month>', 'the month in which the period begins, YYYY-MM')
    .addOption(new Option('--format <format>', 'html, pdf, csv or json').choices(REPORT_FORMATS).default('html'))
    .addOption(new Option('--paper <size>', 'of a PDF').choices(['a4', 'letter']).default('a4'))
    .option('--out <file>', 'write there instead of standard output');
  addStackOptions(command)
    .addHelpText('after', HELP)
    .action(async (flags: ReportFlags) => {
      const { runReports } = await import('./reports-run.ts');
      await runReports(flags, io);
    });
};
