import type { RatedBill, RatedLine } from '../domain/pricing/bill.ts';

/** A bill to be read by a person: a line per charge with its arithmetic below, then the sums. */
export function renderBill(bill: RatedBill): string {
  const rows: [string, string][] = [];
  for (const line of bill.lines) rows.push([nameOf(line), line.amount], [`  ${line.explanation ?? ''}`, '']);
  rows.push(['Subtotal', bill.subtotal]);
  for (const { id, amount } of bill.discounts) rows.push([`Discount ${id}`, amount]);
  for (const { id, kind, amount } of bill.adjustments ?? []) rows.push([`${capital(kind)} ${id}`, amount]);
  if (!isZero(bill.trueUp)) rows.push(['True-up to the minimum', bill.trueUp]);
  const label = bill.spendCapped === undefined ? 'Above the maximum' : 'Above the maximum or spend cap';
  if (!isZero(bill.capped)) rows.push([label, `-${bill.capped}`]);
  rows.push(['Total', bill.total]);
  for (const { id, used, remaining } of bill.credits) {
    rows.push([`Credit ${id} (${remaining} left)`, isZero(used) ? used : `-${used}`]);
  }
  rows.push(['Amount due', bill.amountDue]);
  const amountWidth = Math.max(...rows.map(([, amount]) => amount.length));
  const nameWidth = Math.max(...rows.filter(([, amount]) => amount !== '').map(([name]) => name.length));
  const body = rows.map(([name, amount]) =>
    amount === '' ? name : `${name.padEnd(nameWidth)}  ${amount.padStart(amountWidth)}`,
  );
  return `${bill.customer ?? 'no customer named'}, in ${bill.currency}\n${body.join('\n')}\n`;
}

/** A bill in one line, for NDJSON. */
export function renderBillLine({ customer, currency, lines, total, amountDue }: RatedBill): string {
  const name = (customer ?? '-').padEnd(24);
  return `${name} ${total.padStart(16)} ${currency}  due ${amountDue.padStart(16)} ${currency}  ${lines.length} lines\n`;
}

function nameOf({ kind, charge, meter, group, window, tier, bundle }: RatedLine): string {
  const where = [
    meter,
    group,
    window === null ? 'other hours' : window,
    tier === undefined ? '' : `tier ${tier}`,
    bundle,
  ];
  const place = where.filter((part) => part).join(', ');
  const what = kind === 'usage' || kind === 'flat' ? '' : ` ${kind}`;
  return `${charge ?? ''}${what}${place === '' ? '' : ` (${place})`}`.trim();
}

const isZero = (amount: string): boolean => /^[0.]+$/.test(amount);
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
