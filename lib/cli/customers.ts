import { addStackOptions, type StackFlags } from './connect-options.ts';
import { addRequestCommands } from './customer-requests.ts';
import type { AddCommand } from './main.ts';

const STACK_HELP = `
The stack is found by what \`cdk deploy --outputs-file\` or \`tollgate dev\` wrote; AWS credentials come from the environment.
`;

const IMPORT_HELP = `
Registers customers and the keys that they already use, by hash, and asks for their evaluation. It can be repeated: what
is there is brought up to date; a key that is no longer listed keeps working. Existing keys never stand in the file, only
their SHA-256: printf %s "$KEY" | sha256sum
${STACK_HELP}
Examples:
  $ tollgate customers import customers.json --dry-run
  $ tollgate customers import customers.csv --outputs outputs.json

Exit codes: 0 done, 1 bad input, or a key that belongs to another customer.`;

const EXPORT_HELP = `
Writes the customers of a deployed stack as a customers file, which decide, explain and plan read: facts, agreements, the
day on which each came, and the card that each has chosen in the portal (chosenCard), as of --at. Who has left is not in it.
So a pull request's plan sees what customers chose themselves. Names and agreements are in it: keep it as you keep those.
${STACK_HELP}
Examples:
  $ tollgate customers export --out customers.json
  $ tollgate plan --base origin/main --head . --usage usage.json --customers customers.json --format markdown
  $ tollgate customers export --at 2026-12-01 | jq '.customers[].facts.chosenCard'`;

const LIST_HELP = `${STACK_HELP}
Example:
  $ tollgate customers list --json`;

const SHOW_HELP = `
Where a customer stands: its status, rate card and usage plan, and its keys by name and the first characters of their hash.
${STACK_HELP}
Example:
  $ tollgate customers show acme`;

const CREATE_KEY_HELP = `
The key is shown this once; only its hash, its prefix and its last four characters are kept.
${STACK_HELP}
Example:
  $ tollgate customers create-key acme --name production`;

const REVOKE_KEY_HELP = `
The key is named by its name, by the first characters of its hash (eight at least) as \`show\` has them, or by itself. It is
stopped for good: new calls are refused at once, those with a cached authorization once the cache is flushed, which is asked for.
${STACK_HELP}
Example:
  $ tollgate customers revoke-key acme production`;

type Flags = StackFlags & { readonly json?: true };

export const addCustomersCommand: AddCommand = (program, io) => {
  const customers = program.command('customers').description('register customers and their keys in a deployed stack');
  const add = (usage: string, description: string, help: string) =>
    addStackOptions(customers.command(usage).description(description))
      .option('--json', 'write JSON')
      .addHelpText('after', help);
  const run = () => import('./customers-run.ts');

  add('import <file>', 'register customers from a customers file, JSON or CSV', IMPORT_HELP)
    .option('--rules <dir>', 'the rules folder, for the types of facts in CSV', 'rules')
    .option('--dry-run', 'read and check the file, write nothing')
    .action(async (file: string, flags: Flags & { rules: string; dryRun?: true }) => {
      await (await run()).runImport({ file, ...flags }, io);
    });
  addStackOptions(customers.command('export').description('write the customers file that decide and plan read'))
    .option('--rules <dir>', 'the rules folder, for which choices are facts', 'rules')
    .option('--at <date>', 'the day or hour whose choices it says: 2026-12-01 (default: now)')
    .option('--out <file>', 'where to write it (default: standard output)')
    .addHelpText('after', EXPORT_HELP)
    .action(async (flags: StackFlags & { rules: string; at?: string; out?: string }) => {
      await (await import('./customers-export-run.ts')).runExport(flags, io);
    });
  add('list', 'all customers, with their status and rate card', LIST_HELP).action(async (flags: Flags) => {
    await (await run()).runList(flags, io);
  });
  add('show <customer>', 'one customer, and its keys', SHOW_HELP).action(async (customer: string, flags: Flags) => {
    await (await run()).runShow({ customer, ...flags }, io);
  });
  add('create-key <customer>', 'make a key for a customer', CREATE_KEY_HELP)
    .requiredOption('--name <name>', 'what the key is for')
    .option('--test', 'a test key: its calls are metered and never billed')
    .action(async (customer: string, flags: Flags & { name: string; test?: true }) => {
      await (await run()).runCreateKey({ customer, ...flags }, io);
    });
  add('revoke-key <customer> <key>', 'stop a key for good', REVOKE_KEY_HELP).action(
    async (customer: string, key: string, flags: Flags) => {
      await (await run()).runRevokeKey({ customer, key, ...flags }, io);
    },
  );
  addRequestCommands(customers, io);
};
