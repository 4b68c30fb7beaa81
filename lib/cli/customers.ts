import type { AddCommand } from './main.ts';

const IMPORT_HELP = `
Registers customers and the keys that they already use, by hash, and asks for their evaluation. It can be repeated: what
is there is brought up to date; a key that is no longer listed keeps working. Existing keys never stand in the file, only
their SHA-256: printf %s "$KEY" | sha256sum

The table and the queue are outputs of the deployed stack; AWS credentials and region come from the environment.

Examples:
  $ tollgate customers import customers.json --dry-run
  $ tollgate customers import customers.csv --table Tollgate-Directory --queue https://sqs.eu-west-1.amazonaws.com/…/Evaluations

Exit codes: 0 done, 1 bad input, or a key that belongs to another customer.`;

const CREATE_KEY_HELP = `
The key is shown this once; only its hash, its prefix and its last four characters are kept.

Example:
  $ tollgate customers create-key acme --name production --table Tollgate-Directory`;

export const addCustomersCommand: AddCommand = (program, io) => {
  const customers = program.command('customers').description('register customers and their keys in a deployed stack');
  customers
    .command('import')
    .description('register customers from a customers file, JSON or CSV')
    .argument('<file>', 'customers file')
    .option('--rules <dir>', 'the rules folder, for the types of facts in CSV', 'rules')
    .option('--table <name>', 'directory table (default: DIRECTORY_TABLE)')
    .option('--queue <url>', 'evaluation queue (default: EVALUATION_QUEUE_URL)')
    .option('--dry-run', 'read and check the file, write nothing')
    .option('--json', 'write JSON')
    .addHelpText('after', IMPORT_HELP)
    .action(
      async (file: string, flags: { rules: string; table?: string; queue?: string; dryRun?: true; json?: true }) => {
        const { runImport } = await import('./customers-run.ts');
        await runImport({ file, ...flags }, io);
      },
    );
  customers
    .command('create-key')
    .description('make a key for a customer')
    .argument('<customer>', 'its id')
    .requiredOption('--name <name>', 'what the key is for')
    .option('--test', 'a test key: its calls are metered and never billed')
    .option('--table <name>', 'directory table (default: DIRECTORY_TABLE)')
    .option('--json', 'write JSON')
    .addHelpText('after', CREATE_KEY_HELP)
    .action(async (customer: string, flags: { name: string; test?: true; table?: string; json?: true }) => {
      const { runCreateKey } = await import('./customers-run.ts');
      await runCreateKey({ customer, ...flags }, io);
    });
};
