import type { AddCommand } from './main.ts';

const HELP = `
Usage is one JSON object, or NDJSON (a file ending in .ndjson, or standard input: one object a line in, one answer a
line out). Exit code 1 and one line on stderr for bad input; NDJSON stops there, and the answers before it stand.

A card with phases needs "customerSince" in the usage; "spendCap" bounds the bill. docs/pricing.md shows every price model.

Example:
  $ tollgate rate --rate-card rules/rate-cards/growth/2026-01-01.json --usage usage.json
  $ tollgate rate --rate-card growth.json --usage usage.ndjson --json | jq -r .amountDue`;

export const addRateCommand: AddCommand = (program, io) => {
  program
    .command('rate')
    .description('rate usage with a rate card, and show each line and why it is what it is')
    .requiredOption('--rate-card <file>', 'rate card (JSON)')
    .requiredOption('--usage <file>', 'usage (JSON or NDJSON); - for standard input')
    .option('--json', 'write JSON: one object, or one line for each line of NDJSON')
    .addHelpText('after', HELP)
    .action(async (options: { rateCard: string; usage: string; json?: true }) => {
      const { runRate } = await import('./rate-run.ts');
      await runRate({ rateCard: options.rateCard, usage: options.usage, json: options.json === true }, io);
    });
};
