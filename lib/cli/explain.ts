import type { DecideFlags } from './decide.ts';
import type { AddCommand } from './main.ts';

const HELP = `
Shows each segment and tier with the conditions that held, the nearest that did not and what would have to change, and
the rationale of every rule that took part.

Examples:
  $ tollgate explain acme --customers customers.json --at 2026-01-15
  $ tollgate explain acme --customers customers.json --usage usage.json --json

Exit codes: 0 done, 1 bad input or no such customer.`;

export const addExplainCommand: AddCommand = (program, io) => {
  program
    .command('explain')
    .description('why a customer is in its segments and on its rate card, and what is near')
    .argument('<customer>', 'the id of a customer')
    .requiredOption('--customers <file>', 'customers file, JSON or CSV')
    .option('--usage <file>', 'metered usage, for facts about usage')
    .option('--rules <dir>', 'the rules folder', 'rules')
    .option('--at <date>', 'the day or hour it is for: 2026-01-15, 2026-01-15T10:00:00Z (default: now)')
    .option('--json', 'the answer as JSON')
    .addHelpText('after', HELP)
    .action(async (customer: string, flags: DecideFlags & { json?: true }) => {
      const { runExplain } = await import('./explain-run.ts');
      await runExplain(customer, flags, io);
    });
};
