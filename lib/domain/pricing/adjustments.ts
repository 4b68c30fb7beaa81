import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import { parseDecimal, unitsAt } from '../money/decimal.ts';
import { type Exact, exact, excess, halfEven, larger, minus, plus, smaller, times } from '../money/exact.ts';
import type { ExactBill, OutsideAdjustment } from './bill.ts';
import type { CompiledDiscount, CompiledMinimum, CompiledRateCard } from './compile.ts';
import { burnCredits } from './credits.ts';
import { activeShare } from './proration.ts';
import type { Usage } from './usage.ts';

/** A stretch of the period with one card: the whole of it but where the card changes. */
export interface BillPart {
  readonly card: CompiledRateCard;
  /** What is left of each charge, by its index. */
  readonly leftOfCharge: Exact[];
  /** What is left of the part. */
  left: Exact;
}

/** A bill between the sum of its lines and what is due: the one that leaves, still open. */
export interface BillInProgress extends ExactBill {
  readonly outside: readonly OutsideAdjustment[];
  readonly spendCap: string | null;
  /** In time order; the last one's card is the bill's. */
  readonly parts: readonly BillPart[];
  readonly discounts: { readonly id: string; readonly amount: Exact }[];
  readonly adjustments: ExactBill['adjustments'][number][];
  trueUp: Exact;
  capped: Exact;
  spendCapped: Exact | null;
  /** What is left of the whole invoice after each adjustment. */
  total: Exact;
  credits: ExactBill['credits'];
  amountDue: Exact;
}

/**
 * The order in which a bill is adjusted after its lines are summed. These calls are the whole of it.
 *
 * Where the card changes within the period, a percentage is taken of the part under its own card. Amounts are granted
 * once: discounts of an amount, minimum, maximum and the order of credits are the last card's.
 */
export function takeAdjustments(bill: BillInProgress): void {
  minimumBeforeDiscounts(bill);
  discountsOnCharges(bill);
  discountsOnInvoice(bill);
  experimentAndProtection(bill);
  minimumAfterDiscounts(bill);
  maximum(bill);
  spendCap(bill);
  credits(bill);
}

function minimumBeforeDiscounts(bill: BillInProgress): void {
  const { minimum } = bill.card;
  if (minimum?.order !== 'beforeDiscounts') return;
  raiseTo(minimum, bill);
  const last = bill.parts[bill.parts.length - 1] as BillPart;
  last.left = plus(last.left, bill.trueUp);
}

function discountsOnCharges(bill: BillInProgress): void {
  const { parts } = bill;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as BillPart;
    const discounts = part.card.chargeDiscounts;
    for (let d = 0; d < discounts.length; d++) {
      const discount = discounts[d] as CompiledDiscount;
      const charge = discount.charge as number;
      const left = part.leftOfCharge[charge] as Exact;
      if (discount.share !== null) {
        const taken = shareOf(left, discount.share);
        takeFrom(part, charge, taken);
        take(bill, discount.id, taken);
      } else if (i === parts.length - 1) take(bill, discount.id, grantOnCharge(bill, discount));
    }
  }
}

function discountsOnInvoice(bill: BillInProgress): void {
  const { parts } = bill;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as BillPart;
    const discounts = part.card.invoiceDiscounts;
    for (let d = 0; d < discounts.length; d++) {
      const discount = discounts[d] as CompiledDiscount;
      if (discount.share !== null) {
        const taken = shareOf(part.left, discount.share);
        part.left = minus(part.left, taken);
        take(bill, discount.id, taken);
      } else if (i === parts.length - 1) take(bill, discount.id, grantOnInvoice(bill, discount));
    }
  }
}

/** An amount off a charge, from the last part that has it back to the first. @returns what was taken */
function grantOnCharge({ parts, card }: BillInProgress, { amount, charge }: CompiledDiscount): Exact {
  const id = card.charges[charge as number]?.name.id;
  let rest = amount;
  for (let i = parts.length - 1; i >= 0 && rest > 0; i--) {
    const part = parts[i] as BillPart;
    const index = part.card === card ? (charge as number) : part.card.charges.findIndex(({ name }) => name.id === id);
    if (index < 0) continue;
    const taken = smaller(rest, larger(part.leftOfCharge[index] as Exact, 0));
    takeFrom(part, index, taken);
    rest = minus(rest, taken);
  }
  return minus(amount, rest);
}

/** The same off the whole invoice. */
function grantOnInvoice({ parts }: BillInProgress, { amount }: CompiledDiscount): Exact {
  let rest = amount;
  for (let i = parts.length - 1; i >= 0 && rest > 0; i--) {
    const part = parts[i] as BillPart;
    const taken = smaller(rest, larger(part.left, 0));
    part.left = minus(part.left, taken);
    rest = minus(rest, taken);
  }
  return minus(amount, rest);
}

function takeFrom(part: BillPart, charge: number, taken: Exact): void {
  part.leftOfCharge[charge] = minus(part.leftOfCharge[charge] as Exact, taken);
  part.left = minus(part.left, taken);
}

/** Decided outside the card: each is a line that says what it changed. */
function experimentAndProtection(bill: BillInProgress): void {
  for (let index = 0; index < bill.outside.length; index++) {
    const { id, kind, amount } = bill.outside[index] as OutsideAdjustment;
    const units = dueUnits(amount, bill.card, `/adjustments/${index}/amount`);
    const least = smaller(bill.total, 0);
    bill.total = plus(bill.total, units);
    assert(bill.total >= least || units >= 0, `the ${kind} adjustment ${id} takes no more than is left`);
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

/** What the customer set as the most to spend; nothing is shown where none was set. */
function spendCap(bill: BillInProgress): void {
  if (bill.spendCap === null) return;
  const taken = excess(bill.total, dueUnits(bill.spendCap, bill.card, '/spendCap'));
  bill.spendCapped = taken;
  bill.capped = plus(bill.capped, taken);
  bill.total = minus(bill.total, taken);
}

function credits(bill: BillInProgress): void {
  if (bill.usage.credits.length === 0) {
    bill.amountDue = bill.total;
    return;
  }
  const burned = burnCredits(bill.usage, bill.total, bill.card);
  bill.credits = burned.credits;
  bill.amountDue = burned.amountDue;
}

/** The difference to the minimum for the active part of the period is the true-up. */
function raiseTo(minimum: CompiledMinimum, bill: BillInProgress): void {
  bill.trueUp = excess(dueOf(minimum, bill.usage), bill.total);
  bill.total = plus(bill.total, bill.trueUp);
}

function dueOf({ amount, proration }: CompiledMinimum, { period, active }: Usage): Exact {
  if (proration === 'none' && active.end > active.start) return amount;
  const share = activeShare(proration, period, active);
  return halfEven(times(amount, share.of), share.in);
}

/** An amount that is due as such, in minor units. @throws InputError `too-many-decimals` */
function dueUnits(amount: string, { decimals, currency }: CompiledRateCard, path: string): Exact {
  const value = parseDecimal(amount);
  if (value.scale > decimals) {
    const message = `${JSON.stringify(amount)} has more decimals than ${currency}`;
    throw new InputError({ code: 'too-many-decimals', message, path });
  }
  return exact(unitsAt(value, decimals));
}

/** No discount takes more than is left. What is given back was charged less the discount, so that the same share goes off it. */
function shareOf(left: Exact, { of, in: divisor }: NonNullable<CompiledDiscount['share']>): Exact {
  const share = halfEven(times(left, of), divisor);
  return left > 0 ? smaller(share, left) : larger(share, left);
}

function take(bill: BillInProgress, id: string, taken: Exact): void {
  bill.total = minus(bill.total, taken);
  bill.discounts.push({ id, amount: minus(0, taken) });
}
