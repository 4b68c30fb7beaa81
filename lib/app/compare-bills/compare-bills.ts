import {
  type BillSums,
  type ComparedBill,
  compareBills,
  type OldBill,
  type OurBill,
  sumsOf,
} from '../../domain/invoicing/old-bills.ts';
import { add, formatDecimal, parseDecimal, ZERO } from '../../domain/money/decimal.ts';
import { monthOf, parseMonth } from '../../domain/time/time.ts';
import type { Directory } from '../ports/directory.ts';
import type { InvoiceHead, Invoices } from '../ports/invoices.ts';

export interface ComparingPorts {
  readonly customers: Pick<Directory, 'customers'>;
  readonly invoices: Pick<Invoices, 'headsOf'>;
}

export interface BillComparison {
  readonly month: string;
  readonly sums: readonly BillSums[];
  readonly customers: readonly ComparedBill[];
}

/**
 * A month as it was rated here beside what another system has billed for it: what a shadow month is for. Of periods that
 * begin in the month, fees in advance and usage together; credit that was bought is no bill of a period.
 *
 * @param month `YYYY-MM`
 */
export async function compareWithOldBills(
  month: string,
  old: readonly OldBill[],
  ports: ComparingPorts,
): Promise<BillComparison> {
  parseMonth(month);
  const ours: OurBill[] = [];
  for await (const customer of ports.customers.customers()) {
    const heads = await ports.invoices.headsOf(customer);
    ours.push(
      billOf(
        customer,
        heads.filter(({ key }) => key.kind !== 'top-up' && monthOf(key.period.start) === month),
      ),
    );
  }
  const customers = compareBills(old, ours);
  return { month, sums: sumsOf(customers), customers };
}

function billOf(customer: string, heads: readonly InvoiceHead[]): OurBill {
  const standing = heads.filter(({ state }) => state !== 'VOID' && state !== 'DROPPED');
  const rated = standing.flatMap(({ invoice }) => (invoice === null ? [] : [invoice]));
  const total = rated.reduce((sum, invoice) => add(sum, parseDecimal(invoice.total)), ZERO);
  const states = heads.map(({ state, held }) => (held === null ? state : `${state}, ${held.code}`));
  return {
    customer,
    amount: rated.length === 0 ? null : formatDecimal(total),
    currency: rated.find(({ currency }) => currency !== 'none')?.currency ?? null,
    states: [...new Set(states)],
  };
}
