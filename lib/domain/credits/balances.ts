import { assert } from '../assert.ts';
import type { CreditNote } from '../invoicing/correction.ts';
import type { Invoice } from '../invoicing/invoice.ts';
import type { InvoiceState } from '../invoicing/state.ts';
import { type Decimal, formatDecimal, parseDecimal, subtract } from '../money/decimal.ts';
import { type EpochMs, formatTimestamp, parseTimestamp } from '../time/time.ts';
import type { CreditGrant } from './credit-grant.ts';

/** A grant and what is left of it, a decimal string. */
export interface OpenGrant {
  readonly grant: CreditGrant;
  readonly balance: string;
}

/** As it is stored; `invoice` is null on one that could not be rated. */
export interface StoredInvoice {
  readonly invoice: Invoice | null;
  readonly state: InvoiceState;
  /** Of a top-up: what was paid back of it is no credit any more. */
  readonly creditNotes?: readonly Pick<CreditNote, 'amount'>[];
}

/** Invoices that were taken back, or never meant to be paid, burn nothing and give nothing. */
const IDLE: readonly InvoiceState[] = ['VOID', 'DROPPED', 'SHADOW'];

export const isIdle = (state: InvoiceState): boolean => IDLE.includes(state);

/** The customer's invoices that stand, in the order given. */
export const standing = (records: readonly StoredInvoice[]): Invoice[] =>
  records.flatMap(({ invoice, state }) => (invoice && !isIdle(state) ? [invoice] : []));

/** Every grant with its balance, empty and expired ones too; those that invoices gave (`Invoice.grants`) come last. */
export function grantBalances(grants: readonly CreditGrant[], records: readonly StoredInvoice[]): OpenGrant[] {
  const invoices = standing(records);
  const used = new Map<string, string[]>();
  for (const { credits } of invoices) {
    for (const use of credits) used.set(use.id, [...(used.get(use.id) ?? []), use.used]);
  }
  const returned = paidBack(records);
  return [...grants, ...invoices.flatMap((invoice) => invoice.grants)].map((grant) => {
    const left = lessAll(parseDecimal(grant.amount), used.get(grant.id) ?? []);
    assert(left.units >= 0n, `no more is used of the credit ${grant.id} than was granted`);
    // An invoice may have used of it what was paid back at the same moment: that is the seller's loss, and no debt.
    const rest = lessAll(left, returned.get(grant.id) ?? []);
    return { grant, balance: rest.units < 0n ? formatDecimal({ ...rest, units: 0n }) : formatDecimal(rest) };
  });
}

const lessAll = (from: Decimal, amounts: readonly string[]): Decimal =>
  amounts.reduce((rest, amount) => subtract(rest, parseDecimal(amount)), from);

/** What credit notes have given back of credit that was bought, by its grant. */
function paidBack(records: readonly StoredInvoice[]): Map<string, string[]> {
  const found = records.flatMap(({ invoice, creditNotes = [] }) =>
    invoice?.kind === 'top-up' && creditNotes.length > 0
      ? [[topUpGrantId(invoice), creditNotes.map(({ amount }) => amount)] as const]
      : [],
  );
  return new Map(found);
}

/** The credit that a top-up invoice gives, once it is paid. */
export const topUpGrantId = ({ start }: Pick<Invoice, 'start'>): string =>
  `top-up:${formatTimestamp(parseTimestamp(start))}`;

/**
 * What the customer can still use at some time: for the invoice of a period, at its end.
 * @param grants of the port `CreditGrants`; those that invoices gave are found in the invoices
 * @param records all of the customer's invoices, whatever their kind and state
 */
export const openGrants = (
  grants: readonly CreditGrant[],
  records: readonly StoredInvoice[],
  at: EpochMs,
): OpenGrant[] =>
  grantBalances(grants, records).filter(
    ({ grant, balance }) => (grant.expiresAt === null || grant.expiresAt >= at) && parseDecimal(balance).units > 0n,
  );
