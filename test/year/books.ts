import { toStripeAmount } from '../../lib/adapters/stripe/amounts.ts';
import type { InvoiceRecord } from '../../lib/app/ports/invoices.ts';
import type { InvoiceObject } from '../../lib/local/stripe/objects.ts';

/** Of one customer, in the currency's smallest unit: billed = paid + open + writtenOff + credited. */
export interface Books {
  readonly billed: bigint;
  /** What was paid and not paid back. */
  readonly paid: bigint;
  readonly open: bigint;
  /** Uncollectible, or taken back. */
  readonly writtenOff: bigint;
  /** By credit notes, whether they lowered an open invoice or paid something back. */
  readonly credited: bigint;
}

const NOTHING: Books = { billed: 0n, paid: 0n, open: 0n, writtenOff: 0n, credited: 0n };
const KEYS = Object.keys(NOTHING) as (keyof Books)[];

const sum = (all: readonly Books[]): Books =>
  all.reduce((a, b) => Object.fromEntries(KEYS.map((key) => [key, a[key] + b[key]])) as unknown as Books, NOTHING);

export const isBalanced = ({ billed, paid, open, writtenOff, credited }: Books): boolean =>
  billed === paid + open + writtenOff + credited;

/** As Stripe's own objects say it. */
export const booksAtStripe = (invoices: readonly InvoiceObject[]): Books =>
  sum(
    invoices.map((invoice) => {
      const { status, total, amount_paid, amount_remaining } = invoice;
      const [before, after] = [invoice.pre_payment_credit_notes_amount, invoice.post_payment_credit_notes_amount];
      return {
        billed: BigInt(total),
        paid: BigInt(amount_paid - after),
        open: status === 'open' ? BigInt(amount_remaining) : 0n,
        writtenOff: status === 'uncollectible' || status === 'void' ? BigInt(amount_remaining) : 0n,
        credited: BigInt(before + after),
      };
    }),
  );

/** As our records say it: those that Stripe has heard of. */
export const booksOfRecords = (records: readonly InvoiceRecord[]): Books =>
  sum(
    records.map(({ state, invoice, creditNotes }) => {
      if (!invoice || state === 'NOTHING_DUE') return NOTHING;
      const units = (amount: string) => BigInt(toStripeAmount(invoice.currency, amount));
      const billed = units(invoice.total);
      const credited = creditNotes.reduce(
        (all, { amount, state: issued }) => all + (issued === 'ISSUED' ? units(amount) : 0n),
        0n,
      );
      const left = billed - credited;
      return {
        ...{ billed, credited },
        paid: state === 'PAID' ? left : 0n,
        open: state === 'FINALIZED' ? left : 0n,
        writtenOff: state === 'UNCOLLECTIBLE' || state === 'VOID' ? left : 0n,
      };
    }),
  );

/** `| ada | 656.00 | 656.00 | 0 | 0 | 0 |` under `## The books`, as the rest of the README writes amounts. */
export function parseBooks(markdown: string): Map<string, readonly string[]> {
  const [, table = ''] = markdown.split('## The books');
  const rows = table
    .split('\n')
    .flatMap((row) => (/^\| [a-z]/.test(row) ? [row.split('|').map((cell) => cell.trim())] : []));
  return new Map(rows.map(([, who = '', ...cells]) => [who, cells.slice(0, 5)]));
}
