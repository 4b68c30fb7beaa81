import type { CreditNote } from '../invoicing/correction.ts';
import type { Invoice, InvoiceLine } from '../invoicing/invoice.ts';
import type { PeriodBill } from '../invoicing/rate-period.ts';
import type { InvoiceState } from '../invoicing/state.ts';
import { add, formatDecimal, negate, parseDecimal, ZERO } from '../money/decimal.ts';
import type { Rated } from './rated.ts';
import type { ReportedBill, ReportedLine, Savings } from './report.ts';

/** An invoice of the period as it stands. */
export interface ReportedInvoice {
  readonly state: InvoiceState;
  /** Null while it is held before it could be rated. */
  readonly invoice: Invoice | null;
  /** Why it is held, when it is. */
  readonly held: string | null;
  readonly kind: string;
  readonly creditNotes: readonly CreditNote[];
}

export const usageInvoice = (invoices: readonly ReportedInvoice[]): ReportedInvoice | undefined =>
  invoices.find(({ kind }) => kind === 'usage');

/** What was invoiced; where nothing was, the period rated as far as it is counted. */
export function billOf(invoices: readonly ReportedInvoice[], soFar: Rated | null): ReportedBill {
  const record = usageInvoice(invoices);
  const others = invoices
    .filter((one) => one !== record)
    .map(({ kind, state, invoice }) => ({ kind, state, total: invoice?.total ?? null }));
  const state = record?.state ?? null;
  if (record?.invoice) {
    const { lines, total, digest } = record.invoice;
    const creditNotes = record.creditNotes.map(({ id, amount, reason }) => ({ id, amount, reason }));
    return { basis: 'invoiced', state, lines: lines.map(titled), total, creditNotes, others, digest };
  }
  const none = { state, creditNotes: [], others, digest: null };
  if (!soFar?.ok || soFar.bill.currency === null) return { basis: 'none', lines: [], total: null, ...none };
  return { basis: 'soFar', lines: linesOf(soFar.bill), total: totalOf(soFar.bill), ...none };
}

export const totalOf = ({ units, decimals }: PeriodBill): string => formatDecimal({ units, scale: decimals });

export const linesOf = ({ lines }: PeriodBill): ReportedLine[] =>
  lines.map((line, index) => titled({ id: String(index + 1).padStart(4, '0'), ...line }));

const titled = (line: InvoiceLine): ReportedLine => ({ ...line, title: titleOf(line) });

const NAMES: Partial<Record<InvoiceLine['kind'], string>> = {
  'top-up': 'prepaid credit',
  'spend-cap': 'spend cap',
  advance: 'invoiced in advance',
  carry: 'carried to the next invoice',
  minimum: 'minimum',
  maximum: 'maximum',
};

/** What a line is in a few words: `calls, tier 2`, `payments, included`, `discount startup-programme`. */
export function titleOf({ kind, charge, meter, group, tier, window, rule }: InvoiceLine): string {
  if (charge === null && meter === null) {
    const name = NAMES[kind] ?? kind;
    return kind === 'discount' || kind === 'protection' ? `${name} ${rule ?? ''}`.trim() : name;
  }
  const parts = [charge ?? meter ?? kind, group ?? '', kind === 'usage' || kind === 'flat' ? '' : kind];
  if (window !== null) parts.push(window);
  if (tier !== null) parts.push(`tier ${tier}`);
  return [...new Set(parts.filter((part) => part !== ''))].join(', ');
}

/** Lines that bring a bill down without being paid for in another way: credit and what was invoiced before are not savings. */
const SAVING: readonly InvoiceLine['kind'][] = ['discount', 'protection', 'maximum', 'spend-cap'];

/** What the bill would have been more without discounts, protection and caps. A lock that raises a bill counts against it. */
export function savingsOf({ lines }: Pick<ReportedBill, 'lines'>): Savings {
  const saving = lines.filter(({ kind, amount }) => SAVING.includes(kind) && parseDecimal(amount).units !== 0n);
  const parts = saving.map(({ kind, title, amount, explanation }) => ({
    ...{ kind, label: title, explanation },
    amount: formatDecimal(negate(parseDecimal(amount))),
  }));
  const total = parts.reduce((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO);
  const scale = parseDecimal(lines[0]?.amount ?? '0').scale;
  return { total: parts.length === 0 ? formatDecimal({ units: 0n, scale }) : formatDecimal(total), parts };
}
