import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

/** What the flags of `tollgate meter` say. */
export interface MeterFlags {
  readonly log: readonly string[];
  readonly format: string;
  readonly meters?: string;
  readonly customers?: string;
  readonly timeColumn?: string;
  readonly customerColumn?: string;
  readonly measure?: readonly string[];
  readonly json?: boolean;
  readonly strict?: boolean;
}

const HELP = `
Formats: combined (Apache and nginx, also common), apigw (JSON lines, as the deployed stage writes them), csv, events
(CloudEvents as POST /events takes them, one a line; --meters says which meters they may name).
Without --meters every billable call counts for the meter api-calls: status 200-399 and 400-499 except 401, 403, 429.
Logs with ids (apigw, events) count each id once an hour; other logs have none, and every line counts.

Examples:
  tollgate meter --log access.log --format combined
  tollgate meter --log 'usage/*.gz' --format apigw --meters rules/meters.json --json
  tollgate meter --log events.ndjson --format events --meters rules/meters.json --json
  tollgate meter --log trace.csv --format csv --time-column TIMESTAMP --measure tokens=ContextTokens

Exit codes: 0 done (malformed lines are a warning), 1 bad input, or malformed lines with --strict.`;

export const addMeterCommand: AddCommand = (program: Command, io: Io) => {
  program
    .command('meter')
    .description('count the usage in access logs: by customer, meter, route group and hour')
    .requiredOption('--log <file...>', 'log files, gzipped or not; - is standard input')
    .requiredOption('--format <format>', 'combined, apigw, csv or events')
    .option('--meters <file>', 'what is counted, e.g. rules/meters.json')
    .option('--customers <file>', 'who the callers are: customers file, JSON or CSV')
    .option('--time-column <name>', 'csv: the column with the time')
    .option('--customer-column <name>', 'csv: the column with the customer (default: everyone is "all")')
    .option('--measure <meter=column...>', 'csv: a column whose numbers a meter sums')
    .option('--json', 'the answer as JSON')
    .option('--strict', 'exit 1 when a line is malformed')
    .addHelpText('after', HELP)
    .action(async (flags: MeterFlags) => {
      const { meterLogs } = await import('./meter-logs.ts');
      await meterLogs(flags, io);
    });
};
