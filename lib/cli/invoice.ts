import type { Command } from 'commander';
import { addStackOptions, type StackFlags } from './connect-options.ts';
import type { InvoiceFlags } from './invoice-key.ts';
import type { AddCommand } from './main.ts';

const ABOUT = `
An invoice is named by its customer, the month in which its period begins, and its kind: usage (the default), advance or
top-up. Where several begin in a month, give the exact beginning: --period 2026-10-15, or 2026-10-15T10:00:00Z.
What changes something asks for a --reason, and keeps it with who gave it (--by, TOLLGATE_OPERATOR, or your user name).
Every command can be repeated: done twice is done once.`;

const EXIT = '\nExit codes: 0 done, 1 bad input or not possible, 75 Stripe cannot be reached now: run it again.';

const HELP = {
  preview: `
Rates without writing anything. Of a period that is not invoiced yet: the invoice as it would be made now. With --rate-card
or --discount, of one that is: what it would have come to with another price from --as-of on, and the difference.

Examples:
  $ tollgate invoice preview --customer acme --period 2026-10
  $ tollgate invoice preview --customer acme --period 2026-09 --rate-card growth@2026-01-01 --as-of 2026-09-10
  $ tollgate invoice preview --customer acme --period 2026-09 --discount goodwill=10%`,
  run: `
Asks for invoices now instead of waiting for the hourly schedule: of one customer's period, or of all that is due. What is
due, whether it may leave and what it says is judged as ever.

Examples:
  $ tollgate invoice run
  $ tollgate invoice run --customer acme --period 2026-10`,
  show: `
Prints every line with its why: rate card, rule, commit of the rules, quantities and hours, and what was done since.

Example:
  $ tollgate invoice show --customer acme --period 2026-10`,
  verify: `
Makes an invoice again from the ledger's lines up and compares it byte for byte, as tollgate export and tollgate verify do
together, without a file.

Example:
  $ tollgate invoice verify --customer acme --period 2026-10

Exit code 3: an input differs; it is named.`,
  compare: `
Compares a month as it was rated here, sent or not, with the bills of another system: what a shadow month is for. The bills
are CSV with a header, customer,amount,currency; each customer once. What differs is listed, the largest difference first;
tollgate invoice show then prints the lines of one.

Example:
  $ tollgate invoice compare --period 2026-10 --bills october-as-billed.csv

Exit code 3: bills differ.`,
  held: `
Lists invoices that wait for a person, and what each waits for.

Examples:
  $ tollgate invoice held
  $ tollgate invoice held --customer acme --json`,
  correct: `
Corrects a wrong price of a period that was invoiced, or that is held because it cannot be rated as it stands. Shows the difference; with --apply it is recorded, and the customer's
next usage invoice takes it as one line. With --credit-note what was too much is given back at once instead: paid back, or
kept as the customer's balance with --to-balance. Nothing that was finalized is edited.

Examples:
  $ tollgate invoice correct --customer acme --period 2026-09 --rate-card growth@2026-01-01 --reason "sold as growth"
  $ tollgate invoice correct --customer acme --period 2026-09 --discount goodwill=10% --reason "outage" --apply
  $ tollgate invoice correct --customer acme --period 2026-09 --discount goodwill=10% --reason "outage" --apply --credit-note`,
  release: `
Lets a held invoice go on from where it stopped.

Example:
  $ tollgate invoice release --customer acme --period 2026-10 --reason "a real rise: new product launched"`,
  drop: `
Takes a held invoice out before Stripe has heard of it. It is never sent, and its usage is not billed again.

Example:
  $ tollgate invoice drop --customer acme --period 2026-10 --reason "load test of our own"`,
  approve: `
Says once for all that invoices may leave: the first run waits for it. All that it held goes on.

Example:
  $ tollgate invoice approve --reason "compared with the old bills"`,
  void: `
Takes back an invoice that is not paid, or deletes its draft at Stripe: nothing of it is owed any more.

Example:
  $ tollgate invoice void --customer acme --period 2026-10 --reason "billed under the wrong contract"`,
  refund: `
Writes a credit note on a finalized invoice: of the whole of what is left, of an amount, or of lines with amounts. A paid
one is paid back, or kept as the customer's balance with --to-balance; an open one is reduced.

Examples:
  $ tollgate invoice refund --customer acme --period 2026-10 --reason "outage on the 12th" --amount 50.00
  $ tollgate invoice refund --customer acme --period 2026-10 --reason "not delivered" --line 0003=12.50 --to-balance`,
  'write-off': `
Says that an open invoice will not be paid.

Example:
  $ tollgate invoice write-off --customer acme --period 2026-10 --reason "insolvent"`,
} as const;

export interface OperatorFlags extends StackFlags {
  readonly by?: string;
  readonly reason: string;
  readonly json?: true;
}
export interface ShowFlags extends StackFlags, InvoiceFlags {
  readonly json?: true;
}
export interface PriceFlags {
  readonly rateCard?: string;
  readonly discount?: readonly string[];
  readonly rules?: string;
  readonly asOf?: string;
  readonly until?: string;
}
export interface CorrectFlags {
  readonly apply?: true;
  readonly creditNote?: true;
  readonly toBalance?: true;
}
export interface RefundFlags extends OperatorFlags, InvoiceFlags {
  readonly amount?: string;
  readonly line?: readonly string[];
  readonly toBalance?: true;
  readonly id?: string;
}
export interface CompareFlags extends StackFlags {
  readonly period: string;
  readonly bills: string;
  readonly json?: true;
}
export interface RunFlags extends StackFlags {
  readonly customer?: string;
  readonly period?: string;
  readonly kind: string;
  readonly json?: true;
}

const collect = (value: string, all: readonly string[] = []): string[] => [...all, value];

export const addInvoiceCommand: AddCommand = (program, io) => {
  const invoice = program
    .command('invoice')
    .description('look at invoices before and after they are made, and act on them')
    .addHelpText('after', ABOUT);
  const add = (name: keyof typeof HELP, description: string) =>
    addStackOptions(invoice.command(name).description(description))
      .option('--json', 'write JSON')
      .addHelpText('after', `${HELP[name]}\n${EXIT}`);
  const one = (command: Command) =>
    command
      .requiredOption('--customer <id>', 'whose invoice')
      .requiredOption('--period <yyyy-mm>', 'the month in which its period begins, or its exact beginning')
      .option('--kind <kind>', 'usage, advance or top-up', 'usage');
  const act = (command: Command) =>
    command.requiredOption('--reason <text>', 'why: kept for good').option('--by <name>', 'who: kept for good');
  const price = (command: Command) =>
    command
      .option('--rate-card <id@date>', 'the card that should have applied')
      .option('--rules <hash>', 'the published ruleset that the card is read from (default: the one of each hour)')
      .option('--discount <id=amount>', 'a discount that should have: id=10% or id=25.00; may stand often', collect)
      .option('--as-of <time>', "the first hour of it (default: the period's first)")
      .option('--until <time>', "the hour in which it ends, exclusive (default: the period's end)");
  const run = () => import('./invoice-run.ts');

  price(one(add('preview', 'rate without writing anything'))).action(async (flags: ShowFlags & PriceFlags) =>
    (await run()).runPreview(flags, io),
  );
  add('run', 'ask for invoices now')
    .option('--customer <id>', 'of this customer only')
    .option('--period <yyyy-mm>', 'of this period; needs --customer')
    .option('--kind <kind>', 'usage or advance', 'usage')
    .action(async (flags: RunFlags) => (await run()).runInvoicing(flags, io));
  one(add('show', 'print every line and its why')).action(async (flags: ShowFlags) => (await run()).runShow(flags, io));
  one(add('verify', 'make an invoice again and compare')).action(async (flags: ShowFlags) =>
    (await import('./invoice-verify-run.ts')).runInvoiceVerify(flags, io),
  );
  add('compare', 'compare a month with the bills of another system')
    .requiredOption('--period <yyyy-mm>', 'the month in which the periods begin')
    .requiredOption('--bills <file>', 'what the other system has billed, CSV')
    .action(async (flags: CompareFlags) => (await import('./compare-run.ts')).runCompare(flags, io));
  add('held', 'list invoices that wait for a person')
    .option('--customer <id>', 'of this customer only')
    .action(async (flags: RunFlags) => (await run()).runHeld(flags, io));
  price(act(one(add('correct', 'correct a wrong price'))))
    .option('--apply', 'record it; without, only the difference is shown')
    .option('--credit-note', 'give back at once what was too much; without, the next usage invoice takes it')
    .option('--to-balance', "keep it as the customer's balance instead of paying it back")
    .action(async (flags: OperatorFlags & InvoiceFlags & PriceFlags & CorrectFlags) =>
      (await run()).runCorrect(flags, io),
    );
  for (const [name, text] of ACTS) {
    act(one(add(name, text))).action(async (flags: OperatorFlags & InvoiceFlags) =>
      (await run()).runAct(name, flags, io),
    );
  }
  act(add('approve', 'let the first run leave')).action(async (flags: OperatorFlags) =>
    (await run()).runApprove(flags, io),
  );
  act(one(add('refund', 'write a credit note')))
    .option('--amount <amount>', 'so much of the invoice (default: all that is left)')
    .option('--line <id=amount>', 'so much of a line; may stand often', collect)
    .option('--to-balance', "keep it as the customer's balance instead of paying it back")
    .option('--id <id>', 'to tell it from another that says the same')
    .action(async (flags: RefundFlags) => (await run()).runRefund(flags, io));
};

const ACTS = [
  ['release', 'let a held invoice go on'],
  ['drop', 'take a held invoice out'],
  ['void', 'take an unpaid invoice back'],
  ['write-off', 'say that an invoice will not be paid'],
] as const;
export type ActName = (typeof ACTS)[number][0];
