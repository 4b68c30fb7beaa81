import { type Decimal, fromInteger, normalize, parseDecimal } from '../../money/decimal.ts';
import { type Exact, exact, shift } from '../../money/exact.ts';
import type { LineDetail } from '../explain.ts';
import type { Quantity } from '../rate-card.ts';
import { type Terms, terms } from './terms.ts';

/** A tier as the two tiered models need it: a price for one unit, and what is due once. */
export interface TierPrice {
  readonly upTo: Quantity | null;
  readonly unitPrice: string;
  readonly flat?: string | undefined;
}

export interface CompiledTier {
  /** From 1. */
  readonly number: number;
  /** Exclusive. */
  readonly above: Exact;
  /** Inclusive, at the compiled scale; null on the last. */
  readonly upTo: Exact | null;
  readonly terms: Terms;
  /** Made once here, so that a line costs no allocation for it. */
  readonly detail: LineDetail;
}

export const parseQuantityText = (quantity: Quantity): Decimal =>
  typeof quantity === 'number' ? fromInteger(BigInt(quantity)) : normalize(parseDecimal(quantity));

/** The decimals that a list of tiers needs. */
export const scaleOfTiers = (tiers: readonly TierPrice[]): number =>
  Math.max(0, ...tiers.map(({ upTo }) => (upTo === null ? 0 : parseQuantityText(upTo).scale)));

export function compileTiers(tiers: readonly TierPrice[], scale: number, decimals: number): readonly CompiledTier[] {
  let above: Exact = 0;
  return tiers.map((tier, i) => {
    const upTo = tier.upTo === null ? null : unitsAt(parseQuantityText(tier.upTo), scale);
    const compiled: CompiledTier = {
      number: i + 1,
      above,
      upTo,
      terms: terms(tier.unitPrice, tier.flat, scale, decimals),
      detail: {
        of: 'tier',
        above: i === 0 ? null : String(tiers[i - 1]?.upTo),
        upTo: tier.upTo === null ? null : String(tier.upTo),
      },
    };
    above = upTo ?? above;
    return compiled;
  });
}

const unitsAt = (value: Decimal, scale: number): Exact => shift(exact(value.units), scale - value.scale);

/** The tier that a quantity above 0 falls in. */
export function tierOf(tiers: readonly CompiledTier[], quantity: Exact): CompiledTier | undefined {
  return tiers.find(({ upTo }) => upTo === null || quantity <= upTo);
}
