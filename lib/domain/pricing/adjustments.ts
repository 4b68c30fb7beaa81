import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import { parseDecimal, unitsAt } from '../money/decimal.ts';
import { type Exact, exact, excess, halfEven, minus, plus, smaller, times } from '../money/exact.ts';
import type { ExactBill, OutsideAdjustment } from './bill.ts';
import type { CompiledDiscount, CompiledMinimum } from './compile.ts';
import { burnCredits } from './credits.ts';
import { activeShare } from './proration.ts';

/** A bill between the sum of its lines and what is due: the one that leaves, still open. */
export interface BillInProgress extends ExactBill {
  readonly outside: readonly OutsideAdjustment[];
  /** What is left of each charge, by its index. */
  readonly leftOfCharge: Exact[];
  readonly discounts: { readonly id: string; readonly amount: Exact }[];
  readonly adjustments: ExactBill['adjustments'][number][];
  trueUp: Exact;
  capped: Exact;
  /** What is left of the whole invoice after each adjustment. */
  total: Exact;
  credits: ExactBill['credits'];
  amountDue: Exact;
}

type Adjustment = (bill: BillInProgress) => void;

/** The order in which a bill is adjusted after its lines are summed. This list is the whole of it. */
export const ADJUSTMENTS: readonly Adjustment[] = [
  minimumBeforeDiscounts,
  discountsOnCharges,
  discountsOnInvoice,
  experimentAndProtection,
  minimumAfterDiscounts,
  maximum,
  credits,
];

function minimumBeforeDiscounts(bill: BillInProgress): void {
  const { minimum } = bill.card;
  if (minimum?.order === 'beforeDiscounts') raiseTo(minimum, bill);
}

function discountsOnCharges(bill: BillInProgress): void {
  for (const discount of bill.card.chargeDiscounts) {
    const charge = discount.charge as number;
    const taken = discountOn(bill.leftOfCharge[charge] as Exact, discount);
    bill.leftOfCharge[charge] = minus(bill.leftOfCharge[charge] as Exact, taken);
    take(bill, discount.id, taken);
  }
}

function discountsOnInvoice(bill: BillInProgress): void {
  for (const discount of bill.card.invoiceDiscounts) take(bill, discount.id, discountOn(bill.total, discount));
}

/** Decided outside the card: each is a line that says what it changed. */
function experimentAndProtection(bill: BillInProgress): void {
  for (const [index, { id, kind, amount }] of bill.outside.entries()) {
    const change = parseDecimal(amount);
    const { decimals, currency } = bill.card;
    if (change.scale > decimals) {
      throw new InputError({
        code: 'too-many-decimals',
        message: `${JSON.stringify(amount)} has more decimals than ${currency}`,
        path: `/adjustments/${index}/amount`,
      });
    }
    const units = exact(unitsAt(change, decimals));
    bill.total = plus(bill.total, units);
    assert(bill.total >= 0, `the ${kind} adjustment ${id} takes no more than is left`);
    bill.adjustments.push({ id, kind, amount: units });
  }
}

function minimumAfterDiscounts(bill: BillInProgress): void {
  const { minimum } = bill.card;
  if (minimum?.order === 'afterDiscounts') raiseTo(minimum, bill);
}

function maximum(bill: BillInProgress): void {
  const { maximum } = bill.card;
  if (maximum === undefined) return;
  bill.capped = excess(bill.total, maximum);
  bill.total = minus(bill.total, bill.capped);
}

function credits(bill: BillInProgress): void {
  const burned = burnCredits(bill.usage, bill.total, bill.card);
  bill.credits = burned.credits;
  bill.amountDue = burned.amountDue;
}

/** The difference to the minimum for the active part of the period is the true-up. */
function raiseTo({ amount, proration }: CompiledMinimum, bill: BillInProgress): void {
  const share = activeShare(proration, bill.usage.period, bill.usage.active);
  bill.trueUp = excess(halfEven(times(amount, share.of), share.in), bill.total);
  bill.total = plus(bill.total, bill.trueUp);
}

/** No discount takes more than is left. */
function discountOn(left: Exact, { take }: CompiledDiscount): Exact {
  return smaller('amount' in take ? take.amount : halfEven(times(left, take.share), take.in), left);
}

function take(bill: BillInProgress, id: string, taken: Exact): void {
  bill.total = minus(bill.total, taken);
  bill.discounts.push({ id, amount: minus(0, taken) });
}
