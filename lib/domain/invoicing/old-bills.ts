import { add, compare, formatDecimal, parseDecimal, subtract, ZERO } from '../money/decimal.ts';

/** What another system has billed a customer for a period. */
export interface OldBill {
  readonly customer: string;
  /** Decimal string in major units. */
  readonly amount: string;
  /** ISO 4217; null: not said, taken to be ours. */
  readonly currency: string | null;
}

/** What our invoices of the period come to together, fees in advance among them. */
export interface OurBill {
  readonly customer: string;
  /** Null where nothing could be rated. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** `SHADOW`, `PAID`, …; or why there is none. */
  readonly states: readonly string[];
}

export interface ComparedBill {
  readonly customer: string;
  readonly currency: string | null;
  /** Null where that system has no bill. */
  readonly old: string | null;
  readonly ours: string | null;
  /** ours - old, a missing bill being nothing; null where the currencies differ. */
  readonly difference: string | null;
  readonly states: readonly string[];
}

export interface BillSums {
  readonly currency: string;
  readonly old: string;
  readonly ours: string;
  readonly difference: string;
}

/** Every customer that either system knows, the largest difference first; of equal ones by id. */
export function compareBills(old: readonly OldBill[], ours: readonly OurBill[]): ComparedBill[] {
  const theirs = new Map(old.map((bill) => [bill.customer, bill]));
  const own = new Map(ours.map((bill) => [bill.customer, bill]));
  const customers = [...new Set([...own.keys(), ...theirs.keys()])];
  return customers
    .map((customer) => compared(customer, theirs.get(customer), own.get(customer)))
    .filter(({ old: before, ours: now, states }) => before !== null || now !== null || states.length > 0)
    .sort(byDifference);
}

function compared(customer: string, old: OldBill | undefined, ours: OurBill | undefined): ComparedBill {
  const currency = ours?.currency ?? old?.currency ?? null;
  const amounts = { old: old?.amount ?? null, ours: ours?.amount ?? null };
  const states = ours?.states ?? ['not a customer here'];
  const isOther = old?.currency != null && ours?.currency != null && old.currency !== ours.currency;
  if (isOther)
    return { customer, currency, ...amounts, difference: null, states: [...states, `billed in ${old.currency}`] };
  const difference = subtract(parseDecimal(amounts.ours ?? '0'), parseDecimal(amounts.old ?? '0'));
  return { customer, currency, ...amounts, difference: formatDecimal(difference), states };
}

function byDifference(a: ComparedBill, b: ComparedBill): number {
  const size = ({ difference }: ComparedBill) => parseDecimal((difference ?? '0').replace('-', ''));
  if ((a.difference === null) !== (b.difference === null)) return a.difference === null ? -1 : 1;
  return compare(size(b), size(a)) || (a.customer < b.customer ? -1 : 1);
}

/** A bill of nothing is the same as none; one that could not be rated is never the same. */
export const differs = ({ difference, ours, states }: ComparedBill): boolean =>
  difference === null || parseDecimal(difference).units !== 0n || (ours === null && states.length > 0);

/** By currency, of the customers whose currencies agree. */
export function sumsOf(bills: readonly ComparedBill[]): BillSums[] {
  const currencies = [...new Set(bills.flatMap(({ currency }) => (currency === null ? [] : [currency])))].sort();
  return currencies.map((currency) => {
    const of = bills.filter((bill) => bill.currency === currency && bill.difference !== null);
    const sum = (pick: (bill: ComparedBill) => string | null) =>
      formatDecimal(of.reduce((total, bill) => add(total, parseDecimal(pick(bill) ?? '0')), ZERO));
    return {
      ...{ currency, old: sum(({ old }) => old), ours: sum(({ ours }) => ours) },
      difference: sum(({ difference }) => difference),
    };
  });
}
