import { type Exact, formatFixed, formatShort } from '../money/exact.ts';
import type { ExactBill, ExactLine, RatedBill, RatedLine } from './bill.ts';
import { explainLine } from './explain.ts';
import type { GivenBack } from './models/outcome.ts';

/** Writes an exact bill in the contract's format. */
export function presentBill(bill: ExactBill, explain: boolean): RatedBill {
  const { currency, decimals } = bill.card;
  const money = (amount: Exact) => formatFixed(amount, decimals);
  const lines: RatedLine[] = [];
  for (const line of bill.lines) lines.push(presentLine(line, decimals, explain ? bill : undefined));
  return {
    customer: bill.usage.customer,
    currency,
    lines,
    subtotal: money(bill.subtotal),
    discounts: bill.discounts.map(({ id, amount }) => ({ id, amount: money(amount) })),
    ...(bill.adjustments.length > 0 && {
      adjustments: bill.adjustments.map(({ id, kind, amount }) => ({ id, kind, amount: money(amount) })),
    }),
    trueUp: money(bill.trueUp),
    capped: money(bill.capped),
    ...(bill.spendCapped !== null && { spendCapped: money(bill.spendCapped) }),
    total: money(bill.total),
    credits: bill.credits.map(({ id, used, remaining }) => ({ id, used: money(used), remaining: money(remaining) })),
    amountDue: money(bill.amountDue),
  };
}

const reasonOf = (givenBack: readonly GivenBack[]): string =>
  `reversal of ${givenBack.map(({ reversal }) => reversal.reverses).join(', ')}`;

/** The keys that apply, in the contract's order. */
function presentLine(line: ExactLine, decimals: number, explained: ExactBill | undefined): RatedLine {
  const { tier, packages, unitPrice, flat, detail } = line;
  const { kind, charge, meter, group, window } = line.head;
  const quantity = line.quantity === null ? null : formatShort(line.quantity, line.scale);
  const amount = formatFixed(line.amount, decimals);
  return {
    kind,
    charge: charge ? charge.id : null,
    meter,
    group,
    ...(window !== undefined && { window }),
    ...(tier !== undefined && { tier }),
    ...(detail?.of === 'included' && detail.bundle !== undefined && { bundle: detail.bundle }),
    ...(packages !== undefined && { packages: String(packages) }),
    quantity,
    unitPrice,
    flat,
    amount,
    ...(detail?.of === 'reversal' && { reason: reasonOf(detail.givenBack) }),
    ...(explained && { explanation: explainLine(line, explained) }),
  };
}
