import { assert } from '../../assert.ts';
import { plus } from '../../money/exact.ts';
import { line } from './charge.ts';
import type { RateQuantity } from './quantity-price.ts';
import { amountOf, unitAmountOf } from './terms.ts';
import { compileTiers, type TierPrice, tierOf } from './tiers.ts';

/**
 * Volume: every unit pays the price of the tier that the whole quantity falls in, plus that tier's `flat`.
 * Units used before a change count towards the tier; its `flat` is due only when they had not fallen in it already.
 */
export function compileVolume(tierPrices: readonly TierPrice[], scale: number, decimals: number): RateQuantity {
  const tiers = compileTiers(tierPrices, scale, decimals);
  return (quantity, start, head, lines) => {
    const tier = tierOf(tiers, plus(start, quantity));
    assert(tier, 'the last tier is open-ended, so every quantity falls in one');
    const { number, terms, detail } = tier;
    const reachedBefore = start > 0 && tierOf(tiers, start) === tier;
    const amount = reachedBefore ? unitAmountOf(terms, quantity) : amountOf(terms, quantity);
    const flat = reachedBefore ? '0' : terms.flat;
    lines.push(line(head, quantity, scale, terms.unitPrice, flat, amount, detail, number));
  };
}
