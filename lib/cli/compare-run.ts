import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { csvTable } from '../adapters/customers-file/csv-table.ts';
import { type BillComparison, compareWithOldBills } from '../app/compare-bills/compare-bills.ts';
import { InputError } from '../domain/input-error.ts';
import { type ComparedBill, differs, type OldBill } from '../domain/invoicing/old-bills.ts';
import { parseDecimal } from '../domain/money/decimal.ts';
import type { CompareFlags } from './invoice.ts';
import { type Open, onStack } from './invoice-run.ts';
import type { Io } from './io.ts';

/** @throws InputError for a file or month that is none */
export async function runCompare(flags: CompareFlags, io: Io, open: Open = onStack): Promise<void> {
  const old = readBills(flags.bills, io);
  const comparison = await compareWithOldBills(flags.period, old, await open(flags, io));
  if (comparison.customers.some(differs)) io.exitCode = 3;
  io.stdout.write(flags.json ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison));
}

/** CSV with a header: `customer`, `amount`, and `currency` where it is said. */
function readBills(file: string, { cwd }: Io): OldBill[] {
  const [header, ...rows] = csvTable(textOf(resolve(cwd, file), file));
  const column = (name: string) => header?.cells.findIndex((cell) => cell.trim().toLowerCase() === name) ?? -1;
  const [customer, amount, currency] = [column('customer'), column('amount'), column('currency')];
  if (customer < 0 || amount < 0) {
    const hint = 'its first line is: customer,amount,currency';
    throw new InputError({
      code: 'no-column',
      path: `${file}:1`,
      message: 'it has no column customer or amount',
      hint,
    });
  }
  const seen = new Set<string>();
  return rows.map(({ line, cells }) => {
    const name = cells[customer]?.trim() ?? '';
    const path = `${file}:${line}`;
    if (name === '') throw new InputError({ code: 'no-customer', path, message: 'it names no customer' });
    if (seen.has(name)) {
      throw new InputError({ code: 'customer-twice', path, message: `${name} stands twice`, hint: 'add its bills up' });
    }
    seen.add(name);
    const said = currency < 0 ? '' : (cells[currency]?.trim() ?? '');
    return { customer: name, amount: amountOf(cells[amount] ?? '', path), currency: said === '' ? null : said };
  });
}

function textOf(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new InputError({ code: 'cannot-read', path: file, message: reason });
  }
}

function amountOf(text: string, path: string): string {
  const amount = text.trim();
  try {
    parseDecimal(amount);
    return amount;
  } catch {
    const hint = 'such as 1234.50, without a sign of the currency or of thousands';
    throw new InputError({ code: 'not-an-amount', path, message: `${JSON.stringify(text)} is no amount`, hint });
  }
}

export function comparisonText({ month, sums, customers }: BillComparison): string {
  const different = customers.filter(differs);
  const rows = [
    `${month}: ${customers.length} customers, ${different.length} differ`,
    ...sums.map(
      ({ currency, old, ours, difference }) =>
        `  ${currency}: old bills ${old}, here ${ours}, difference ${difference}`,
    ),
    ...different.map(billText),
  ];
  return `${rows.join('\n')}\n`;
}

function billText({ customer, currency, old, ours, difference, states }: ComparedBill): string {
  const amounts = `old ${old ?? 'none'}, here ${ours ?? 'none'}`;
  const by = difference === null ? 'in another currency' : `difference ${difference}`;
  return `  ${customer}: ${amounts}${currency === null ? '' : ` ${currency}`}, ${by} (${states.join('; ') || 'no invoice'})`;
}
