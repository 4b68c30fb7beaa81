import { add, formatDecimal, parseDecimal, ZERO } from '../money/decimal.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';

/** Stripe's limit for one bulk call, so that an invoice takes three calls, however long it is. */
export const LINES_SENT_MAX = 250;

/**
 * The lines as Stripe is told them: those of the invoice, or, where they are too many, lines of the same charge gathered
 * into one that bears the first one's id and says how many it stands for; the charge with the most lines first. The detail
 * stays on the invoice, and the sum is the same.
 */
export function linesToSend({ lines }: Pick<Invoice, 'lines'>, most: number = LINES_SENT_MAX): readonly InvoiceLine[] {
  if (lines.length <= most) return lines;
  const byCharge = gathered(lines, ({ kind, charge, rateCard }) => JSON.stringify([kind, charge, rateCard]), most);
  return byCharge.length <= most ? byCharge : gathered(byCharge, ({ kind }) => kind, most);
}

function gathered(lines: readonly InvoiceLine[], nameOf: (line: InvoiceLine) => string, most: number): InvoiceLine[] {
  const groups = new Map<string, InvoiceLine[]>();
  for (const line of lines) {
    const name = nameOf(line);
    const group = groups.get(name);
    if (group) group.push(line);
    else groups.set(name, [line]);
  }
  const largest = [...groups].sort(([, a], [, b]) => b.length - a.length);
  const together = new Set<string>();
  let count = lines.length;
  for (const [name, group] of largest) {
    if (count <= most || group.length === 1) break;
    together.add(name);
    count -= group.length - 1;
  }
  return lines.flatMap((line) => {
    const name = nameOf(line);
    if (!together.has(name)) return [line];
    const group = groups.get(name) ?? [];
    return group[0] === line ? [asOne(line, group)] : [];
  });
}

function asOne(first: InvoiceLine, group: readonly InvoiceLine[]): InvoiceLine {
  const amount = formatDecimal(group.reduce((sum, line) => add(sum, parseDecimal(line.amount)), ZERO));
  const from = group.reduce((least, line) => (line.from < least ? line.from : least), first.from);
  const to = group.reduce((greatest, line) => (line.to > greatest ? line.to : greatest), first.to);
  const reasons = [...new Set(group.flatMap(({ creditReason }) => (creditReason === null ? [] : [creditReason])))];
  const of = { meter: null, group: null, tier: null, window: null, quantity: null, unitPrice: null };
  const explanation = `${group.length} lines in one; each of them stands on the itemized invoice`;
  return { ...first, ...of, amount, from, to, creditReason: reasons[0] ?? null, explanation };
}
