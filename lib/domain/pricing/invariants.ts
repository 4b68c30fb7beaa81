import { assert } from '../assert.ts';
import { type Exact, plus, type Scaled, shift, smaller } from '../money/exact.ts';
import type { ExactBill, ExactLine } from './bill.ts';
import type { CompiledCharge } from './compile.ts';
import { eventsOf, scaleOf, sumOf, sumOfEvents } from './models/charge.ts';
import type { PricedBy } from './price-kinds.ts';
import type { UsageEntry } from './usage.ts';

/**
 * What must hold of each charge's lines before a bill leaves: every used unit stands in exactly one of them, and none is
 * negative. Messages are made only when something broke: this runs for every charge of every bill.
 *
 * @param first index of the charge's first line
 * @returns what the charge comes to
 */
export function assertCharge(
  { name, takes }: CompiledCharge,
  entries: readonly UsageEntry[],
  lines: readonly ExactLine[],
  first: number,
): Exact {
  let amount: Exact = 0;
  let billed: Exact = 0;
  let scale = 0;
  for (let i = first; i < lines.length; i++) {
    const line = lines[i] as ExactLine;
    if (!(line.amount >= 0) && line.head.kind !== 'reversal')
      assert(false, `no line of the charge ${name.id} is negative`);
    amount = plus(amount, line.amount);
    if (line.scale > scale) {
      billed = shift(billed, line.scale - scale);
      scale = line.scale;
    }
    billed = plus(billed, shift(line.quantity ?? 0, scale - line.scale));
  }
  if (takes === 'nothing') return amount;
  if (takes === 'quantity') {
    const common = scaleOf(entries, scale);
    if (shift(billed, common - scale) === sumOf(entries, common)) return amount;
  } else {
    const used = sumOfEvents(amountsOf(entries, takes), scale);
    if (shift(billed, used.scale - scale) === used.units) return amount;
  }
  assert(false, `every unit of the charge ${name.id} is in exactly one line`);
}

/** What events or outcomes carry. */
function amountsOf(entries: readonly UsageEntry[], takes: PricedBy): readonly Scaled[] {
  if (takes === 'events') return eventsOf(entries);
  return entries.flatMap(({ outcomes }) => (outcomes ?? []).map(({ amount }) => amount));
}

const isReversal = ({ head }: ExactLine): boolean => head.kind === 'reversal';

/** What must hold of the whole bill. Summed anew here, apart from the way it was computed. */
export function assertBill({
  lines,
  subtotal,
  discounts,
  adjustments,
  trueUp,
  capped,
  spendCapped,
  total,
  credits,
  amountDue,
}: ExactBill): void {
  let sum: Exact = 0;
  for (let i = 0; i < lines.length; i++) sum = plus(sum, (lines[i] as ExactLine).amount);
  assert(sum === subtotal, 'the lines sum to the subtotal');
  for (let i = 0; i < discounts.length; i++) {
    const { amount } = discounts[i] as ExactBill['discounts'][number];
    if (amount > 0) assert(lines.some(isReversal), 'a discount takes, but of what is given back');
    sum = plus(sum, amount);
  }
  // A minimum before discounts is part of what they take from.
  // What is given back of earlier invoices may leave less than nothing.
  const least = smaller(subtotal, 0);
  assert(plus(sum, trueUp) >= least, 'discounts do not take more than there is');
  for (let i = 0; i < adjustments.length; i++) sum = plus(sum, adjustments[i]?.amount ?? 0);
  assert(trueUp >= 0 && capped >= 0, 'a true-up raises and a cap lowers');
  assert(
    spendCapped === null || (spendCapped >= 0 && spendCapped <= capped),
    'the spend cap is a part of what is capped',
  );
  assert(plus(sum, trueUp) === plus(total, capped), 'total = subtotal + discounts + adjustments + trueUp − capped');
  assert(total >= least, 'the total is not negative');
  let used: Exact = 0;
  for (let i = 0; i < credits.length; i++) {
    const credit = credits[i] as ExactBill['credits'][number];
    assert(credit.used >= 0 && credit.remaining >= 0, 'no credit is overdrawn');
    used = plus(used, credit.used);
  }
  assert(plus(amountDue, used) === total && amountDue >= least, 'amountDue = total − credits used');
}
