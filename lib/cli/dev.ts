import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

/** What the flags of `tollgate dev` say. */
export interface DevFlags {
  readonly rules: string;
  readonly month: string;
  readonly seed: string;
  readonly log?: readonly string[];
  readonly format: string;
  readonly serve: boolean;
  readonly port: string;
  readonly speed: string;
  readonly json?: boolean;
}

const HELP = `
Lives one month of a real API in an embedded cloud: every call goes through the gateway, is metered, the hours are
closed, the customers decided, invoiced and paid, all by the functions that run on AWS. Then serves the gateway and a page
for each customer on 127.0.0.1, with a key to try.

Examples:
  tollgate dev
  tollgate dev --no-serve --json
  tollgate dev --log access.log --format combined
  STRIPE_API_KEY is never read here: no money moves.

Exit codes: 0 done, 1 bad input, 130 stopped with Ctrl-C.`;

export const addDevCommand: AddCommand = (program: Command, io: Io) => {
  program
    .command('dev')
    .description('live a month in an embedded cloud, then serve the gateway and a page for each customer')
    .option('--rules <dir>', 'the rules folder', 'rules')
    .option('--month <yyyy-mm>', 'the month to live', '2026-10')
    .option('--seed <text>', 'the same seed gives the same month', 'tollgate')
    .option('--log <file...>', 'live this access log instead of the invented companies')
    .option('--format <format>', 'of the log: combined or apigw', 'combined')
    .option('--no-serve', 'print the summary and end')
    .option('--port <number>', 'of the pages; the gateway has the next one (0: any free ports)', '4100')
    .option('--speed <number>', 'how much faster than the wall clock time passes while serving', '60')
    .option('--json', 'the summary as JSON')
    .addHelpText('after', HELP)
    .action(async (flags: DevFlags) => {
      const { dev } = await import('./dev-run.ts');
      await dev(flags, io);
    });
};
