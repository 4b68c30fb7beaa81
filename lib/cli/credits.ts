import type { Command } from 'commander';
import { addStackOptions, type StackFlags } from './connect-options.ts';
import type { AddCommand } from './main.ts';

const HELP = {
  grant: `
Gives promotional credit. It burns on the customer's usage invoices. The same grant twice is one, unless --id tells them apart.

Example:
  $ tollgate credits grant --customer acme --amount 50.00 --currency USD --expires 2027-01-01 --reason "welcome"`,
  list: `
Lists a customer's credit: what was given or bought, when it expires, and what is left.

Example:
  $ tollgate credits list --customer acme`,
  'top-up': `
Sells prepaid credit: an invoice at once, at most one an hour, which becomes credit when it is paid.

Example:
  $ tollgate credits top-up --customer acme --amount 500.00 --reason "ordered by mail"`,
} as const;

const EXIT = '\nExit codes: 0 done, 1 bad input.';

export interface ListFlags extends StackFlags {
  readonly customer: string;
  readonly json?: true;
}
export interface TopUpFlags extends ListFlags {
  readonly amount: string;
  readonly reason: string;
  readonly by?: string;
}
export interface GrantFlags extends TopUpFlags {
  readonly currency: string;
  readonly expires?: string;
  readonly id?: string;
}

export const addCreditsCommand: AddCommand = (program, io) => {
  const credits = program.command('credits').description('give, list and sell credit');
  const add = (name: keyof typeof HELP, description: string) =>
    addStackOptions(credits.command(name).description(description))
      .requiredOption('--customer <id>', 'whose credit')
      .option('--json', 'write JSON')
      .addHelpText('after', `${HELP[name]}\n${EXIT}`);
  const act = (command: Command) =>
    command
      .requiredOption('--amount <amount>', 'such as 50.00')
      .requiredOption('--reason <text>', 'why: kept for good')
      .option('--by <name>', 'who: kept for good');
  const run = () => import('./credits-run.ts');
  act(add('grant', 'give promotional credit'))
    .requiredOption('--currency <code>', 'ISO 4217')
    .option('--expires <date>', 'the first day on which it is gone (default: never)')
    .option('--id <id>', 'to tell it from another that says the same')
    .action(async (flags: GrantFlags) => (await run()).runGrant(flags, io));
  add('list', 'list credit and what is left of it').action(async (flags: ListFlags) =>
    (await run()).runList(flags, io),
  );
  act(add('top-up', 'sell prepaid credit')).action(async (flags: TopUpFlags) => (await run()).runTopUp(flags, io));
};
