import { type CompiledRateCard, compileRateCard } from '../pricing/compile.ts';
import type { Charge, RateCard } from '../pricing/rate-card.ts';

/** Rate cards made ready. Each is compiled once, however many customers have it. */
export interface Rater {
  /** As it is, adjustments of the whole bill included. */
  whole(card: RateCard): CompiledRateCard;
  /** Its charges alone: a period of several segments is adjusted as a whole. */
  charges(card: RateCard): CompiledRateCard;
}

/** Compiled cards are kept as long as their cards are: by the card, and by its list of charges, which most decisions share. */
export function cardRater(): Rater {
  const wholes = new WeakMap<RateCard, CompiledRateCard>();
  const bare = new WeakMap<readonly Charge[], CompiledRateCard>();
  return {
    whole(card) {
      const known = wholes.get(card) ?? compileRateCard(card);
      wholes.set(card, known);
      return known;
    },
    charges(card) {
      const known = bare.get(card.charges) ?? compileRateCard(withoutAdjustments(card));
      bare.set(card.charges, known);
      return known;
    },
  };
}

function withoutAdjustments(card: RateCard): RateCard {
  const { discounts: _discounts, minimum: _minimum, maximum: _maximum, ...rest } = card;
  return rest;
}
