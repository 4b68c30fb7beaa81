import type { AddCommand } from './main.ts';

/** What the flags of `tollgate plan` say. */
export interface PlanFlags {
  readonly base: string;
  readonly head: string;
  readonly usage: readonly string[];
  readonly customers?: string;
  readonly period?: string;
  readonly format: string;
  readonly out?: string;
  readonly rules: string;
  readonly logFormat?: string;
  readonly timeColumn?: string;
  readonly customerColumn?: string;
  readonly measure?: readonly string[];
  readonly jobs?: string;
}

const HELP = `
Lives one month again under both rulesets and shows what changes: for each customer, segment and rule, and in total.
Both sides take their rules as of one instant: the period's last hour, or, when a card version that head adds or changes
takes effect later, the day it does. The whole period is priced with them, as if it were lived again. Credits are not
used up: compared are the totals of bills.

Usage is what tollgate meter --json answers, NDJSON of usage objects, a folder of such files, or raw logs with
--log-format. Records outside the period price nothing; the 60 days before its end feed the facts about usage.
Without --customers everyone has the defaults of facts.json and the facts of their usage, and counts as signing up on
the day of the instant.

Examples:
  $ tollgate plan --base origin/main --head rules --usage usage.json --customers customers.json
  $ tollgate plan --base rules --head my-rules --usage access.log --log-format combined
  $ tollgate plan --base main --head pricing-2027 --usage usage/ --period 2026-10 --format html --out plan.html

Exit codes: 0 nothing changes, 2 bills change and every guardrail passes, 3 a guardrail fails, 1 error.`;

export const addPlanCommand: AddCommand = (program, io) => {
  program
    .command('plan')
    .description('show what a change of rules does to every bill, before it merges')
    .requiredOption('--base <dir|ref>', 'the rules as they are: a folder, or a git ref')
    .requiredOption('--head <dir|ref>', 'the rules as proposed: a folder, or a git ref')
    .requiredOption('--usage <path...>', 'metered usage (JSON, NDJSON, a folder), or logs with --log-format')
    .option('--customers <file>', 'customers file, JSON or CSV')
    .option('--period <month>', 'the month, YYYY-MM (default: that of the latest usage)')
    .option('--format <format>', 'text, markdown, json or html', 'text')
    .option('--out <file>', 'write there instead of standard output, all or nothing')
    .option('--rules <dir>', 'where the rules lie in a git ref', 'rules')
    .option('--log-format <format>', 'usage is raw logs: combined, apigw, csv or events')
    .option('--time-column <name>', 'csv logs: the column with the time')
    .option('--customer-column <name>', 'csv logs: the column with the customer (default: everyone is "all")')
    .option('--measure <meter=column...>', 'csv logs: a column whose numbers a meter sums')
    .option('--jobs <n>', 'worker threads (default: as the size of the usage asks for)')
    .addHelpText('after', HELP)
    .action(async (flags: PlanFlags) => {
      const { runPlan } = await import('./plan/run-plan.ts');
      await runPlan(flags, io);
    });
};
