import type { Command } from 'commander';
import { addStackOptions, type StackFlags } from './connect-options.ts';
import type { Io } from './io.ts';

type Flags = StackFlags & { readonly json?: true };

const REQUESTS_HELP = `
What customers have asked for in the portal and a person has to answer: facts to be corrected, objections to the use of a
fact. Oldest first.

Example:
  $ tollgate customers requests`;

const SETTLE_HELP = `
The answer is shown to the customer in these words. A correction that is followed takes the fact's right value; the customer
is then decided anew, and what that changes is in force from the next full hour that is at least 20 minutes away.

Examples:
  $ tollgate customers settle acme correct-001767225600000-ab12cd34 --answer 'Put right.' --value 40
  $ tollgate customers settle acme object-001767225600000-ab12cd34 --refuse --answer 'The discount is for start-ups; …'`;

const ERASE_HELP = `
Erases what law allows of one customer, as the customer itself can in the portal: the account is closed, its keys are
revoked, and names, addresses, facts and people are taken away. Invoices, agreements, decisions, closed hours and ledger lines
are kept. Without --yes it only says so. It can be repeated after whatever interrupted it, and cannot be undone.

Example:
  $ tollgate customers erase acme --yes`;

const MAIL_AGAIN_HELP = `
Mail to this address came back for good, or was reported as unwanted, and since then nothing is sent there. Once somebody has
seen to it that it works, this has it mailed again. SES keeps a list of its own: take the address out of it first, with
aws sesv2 delete-suppressed-destination --email-address ADDRESS

Example:
  $ tollgate customers mail-again acme bills@acme.example`;

/** What customers ask of a person, mail that came back, and erasing. */
export function addRequestCommands(customers: Command, io: Io): void {
  const add = (usage: string, description: string, help: string) =>
    addStackOptions(customers.command(usage).description(description))
      .option('--json', 'write JSON')
      .addHelpText('after', help);
  const run = () => import('./customer-requests-run.ts');
  add('requests', 'what customers wait to be answered', REQUESTS_HELP).action(async (flags: Flags) => {
    await (await run()).runRequests(flags, io);
  });
  add('settle <customer> <request>', 'answer a request', SETTLE_HELP)
    .requiredOption('--answer <text>', 'what the customer reads')
    .option('--refuse', 'it is not followed')
    .option('--value <value>', 'of a correction: what is right')
    .option('--by <name>', 'who answers: kept for good')
    .action(async (customer: string, request: string, flags: Flags & { answer: string; value?: string }) => {
      await (await run()).runSettle({ customer, request, ...flags }, io);
    });
  add('mail-again <customer> <address>', 'mail an address again that mail came back from', MAIL_AGAIN_HELP).action(
    async (customer: string, address: string, flags: Flags) => {
      await (await run()).runMailAgain({ customer, address, ...flags }, io);
    },
  );
  add('erase <customer>', 'erase what law allows of a customer', ERASE_HELP)
    .option('--yes', 'do it')
    .action(async (customer: string, flags: Flags & { yes?: true }) => {
      await (await run()).runErase({ customer, ...flags }, io);
    });
}
