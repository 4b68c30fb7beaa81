import { assert } from '../../assert.ts';
import { type Exact, minus, plus, smaller } from '../../money/exact.ts';
import { line } from './charge.ts';
import type { RateQuantity } from './quantity-price.ts';
import { amountOf, unitAmountOf } from './terms.ts';
import { type CompiledTier, compileTiers, type TierPrice } from './tiers.ts';

/**
 * Graduated: every unit pays the price of the tier it falls in, and each tier that is reached adds its `flat`.
 * One line per tier, in tier order. Units used before a change fill the tiers first; a tier they had reached already
 * does not charge its `flat` again.
 */
export function compileGraduated(tierPrices: readonly TierPrice[], scale: number, decimals: number): RateQuantity {
  const tiers = compileTiers(tierPrices, scale, decimals);
  return (quantity, start, head, lines) => {
    const end = plus(start, quantity);
    let billed: Exact = start;
    for (let i = 0; i < tiers.length; i++) {
      const { number, above, upTo, terms, detail } = tiers[i] as CompiledTier;
      const top = upTo === null ? end : smaller(upTo, end);
      if (top > billed) {
        // What was billed before reaches at least to where the tier begins.
        const units = minus(top, billed);
        const reachedBefore = start > above;
        const amount = reachedBefore ? unitAmountOf(terms, units) : amountOf(terms, units);
        const flat = reachedBefore ? '0' : terms.flat;
        lines.push(line(head, units, scale, terms.unitPrice, flat, amount, detail, number));
        billed = top;
      }
      if (billed === end) break;
    }
    assert(billed === end, 'the last tier is open-ended, so every unit is billed');
  };
}
