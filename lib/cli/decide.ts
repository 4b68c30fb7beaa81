import type { AddCommand } from './main.ts';

/** What `decide` and `explain` are told about rules, customers, usage and the day. */
export interface DecideFlags {
  readonly customers: string;
  readonly usage?: string;
  readonly rules: string;
  readonly at?: string;
}

const HELP = `
Writes NDJSON: a line per customer, in the order of the file. On a terminal, without --json, a table.
Facts come from the customers file, from --usage (what tollgate meter --json answers, or NDJSON of usage objects), and
from the defaults in facts.json. Who lacks a fact that has no default is undecided; the line names the fact.

Examples:
  $ tollgate decide --customers customers.json --at 2026-01-15
  $ tollgate meter --log 'usage/*.gz' --format apigw --json > usage.json
  $ tollgate decide --customers customers.csv --usage usage.json --json | jq -r '[.customer, .rateCard] | @tsv'

Exit codes: 0 done (undecided customers are counted on stderr), 1 bad input.`;

export const addDecideCommand: AddCommand = (program, io) => {
  program
    .command('decide')
    .description('decide segments, rate card and protection of each customer')
    .requiredOption('--customers <file>', 'customers file, JSON or CSV')
    .option('--usage <file>', 'metered usage, for facts about usage')
    .option('--rules <dir>', 'the rules folder', 'rules')
    .option('--at <date>', 'the day or hour it is for: 2026-01-15, 2026-01-15T10:00:00Z (default: now)')
    .option('--engine <engine>', 'compiled, or reference: json-rules-engine itself', 'compiled')
    .option('--json', 'NDJSON on a terminal too')
    .addHelpText('after', HELP)
    .action(async (flags: DecideFlags & { engine: string; json?: true }) => {
      const { runDecide } = await import('./decide-run.ts');
      await runDecide(flags, io);
    });
};
