import { assert } from '../assert.ts';
import { type Exact, plus, shift } from '../money/exact.ts';
import type { ExactBill, ExactLine } from './bill.ts';
import type { CompiledCharge } from './compile.ts';
import { eventsOf, scaleOf, sumOf, sumOfEvents } from './models/charge.ts';
import type { UsageEntry } from './usage.ts';

/**
 * What must hold of each charge's lines before a bill leaves: every used unit stands in exactly one of them, and none is
 * negative.
 */
export function assertCharge(
  { name, takes }: CompiledCharge,
  entries: readonly UsageEntry[],
  lines: readonly ExactLine[],
  first: number,
): void {
  let scale = scaleOf(entries, 0);
  for (let i = first; i < lines.length; i++) {
    const line = lines[i] as ExactLine;
    assert(line.amount >= 0, `no line of the charge ${name.id} is negative`);
    if (line.scale > scale) scale = line.scale;
  }
  if (takes === 'nothing') return;
  const events = takes === 'events' ? sumOfEvents(eventsOf(entries), scale) : undefined;
  const at = Math.max(scale, events?.scale ?? 0);
  let billed: Exact = 0;
  for (let i = first; i < lines.length; i++) {
    const { quantity, scale: own } = lines[i] as ExactLine;
    if (quantity !== null) billed = plus(billed, shift(quantity, at - own));
  }
  const used = events ? events.units : sumOf(entries, at);
  assert(billed === used, `every unit of the charge ${name.id} is in exactly one line`);
}

/** What must hold of the whole bill. Summed anew here, apart from the way it was computed. */
export function assertBill({
  lines,
  subtotal,
  discounts,
  adjustments,
  trueUp,
  capped,
  total,
  credits,
  amountDue,
}: ExactBill): void {
  let sum: Exact = 0;
  for (const line of lines) sum = plus(sum, line.amount);
  assert(sum === subtotal, 'the lines sum to the subtotal');
  for (const { amount } of discounts) {
    assert(amount <= 0, 'a discount takes');
    sum = plus(sum, amount);
  }
  // A minimum before discounts is part of what they take from.
  assert(plus(sum, trueUp) >= 0, 'discounts do not take more than there is');
  for (const { amount } of adjustments) sum = plus(sum, amount);
  assert(trueUp >= 0 && capped >= 0, 'a true-up raises and a cap lowers');
  assert(plus(sum, trueUp) === plus(total, capped), 'total = subtotal + discounts + adjustments + trueUp − capped');
  assert(total >= 0, 'the total is not negative');
  let used: Exact = 0;
  for (const credit of credits) {
    assert(credit.used >= 0 && credit.remaining >= 0, 'no credit is overdrawn');
    used = plus(used, credit.used);
  }
  assert(plus(amountDue, used) === total && amountDue >= 0, 'amountDue = total − credits used');
}
