import type { InvoiceRecord } from '../../lib/app/ports/invoices.ts';
import type { Invoice, InvoiceLine } from '../../lib/domain/invoicing/invoice.ts';
import { monthOf } from '../../lib/domain/time/time.ts';

/** `2026-04 usage`; of what is bought within a month, its beginning. */
export const nameOf = ({ key }: Pick<InvoiceRecord, 'key'>): string =>
  key.kind === 'top-up'
    ? `${new Date(key.period.start).toISOString().slice(0, 13)} top-up`
    : `${monthOf(key.period.start)} ${key.kind}`;

export interface GoldenInvoice {
  readonly invoice: string;
  readonly state: string;
  readonly payment: object;
  readonly creditNotes: readonly object[];
  readonly currency: string;
  readonly total: string;
  readonly lines: readonly ReturnType<typeof goldenLine>[];
}

/** All that a reader may ask of a line; digests change with every byte and are what `verify` is for. */
function goldenLine(line: InvoiceLine) {
  const { kind, charge, tier, quantity, unitPrice, amount, rateCard, rule, from, to, explanation } = line;
  return { kind, charge, tier, quantity, unitPrice, amount, rateCard, rule, from, to, explanation };
}

export function goldenOf({ key, state, payment, creditNotes }: InvoiceRecord, invoice: Invoice): GoldenInvoice {
  const { dispute, refunded } = payment;
  return {
    ...{ invoice: nameOf({ key }), state, payment: { dispute, refunded } },
    creditNotes: creditNotes.map(({ amount, refund, reason }) => ({ amount, refund, reason })),
    ...{ currency: invoice.currency, total: invoice.total, lines: invoice.lines.map(goldenLine) },
  };
}

/** JSON with a line of the invoice on each line of the file, so that a difference is one line. */
export function formatGolden(invoices: readonly GoldenInvoice[]): string {
  const written = invoices.map(({ lines, ...head }) => {
    const top = JSON.stringify(head).slice(0, -1);
    return `  ${top},"lines":[\n${lines.map((line) => `    ${JSON.stringify(line)}`).join(',\n')}\n  ]}`;
  });
  return `[\n${written.join(',\n')}\n]\n`;
}

export interface HandCheck {
  readonly invoice: string;
  /** Its amounts in the order of the invoice's lines; lines of 0 are left out. */
  readonly amounts: readonly string[];
  readonly total: string;
}

/** The tables of the README: `| 2026-04 usage | words | 30.00 + 10.00 − 30.00 | 10.00 |` under `## ada`. */
export function parseHandChecks(markdown: string): Map<string, HandCheck[]> {
  const found = new Map<string, HandCheck[]>();
  let who = '';
  for (const row of markdown.split('\n')) {
    who = /^## (\w+)/.exec(row)?.[1] ?? who;
    const [, invoice, , sum, total] = row.split('|').map((cell) => cell.trim());
    if (!/^\d{4}-\d\d/.test(invoice ?? '') || sum === undefined || total === undefined) continue;
    const amounts = sum.split(/ (?=[+−] )/).map((term) => term.replace(/^\+ /, '').replace(/^− ?/, '-'));
    found.set(who, [
      ...(found.get(who) ?? []),
      { invoice: invoice ?? '', amounts: amounts.filter((one) => one !== '0'), total },
    ]);
  }
  return found;
}
