import { type Exact, excess, minus, smaller } from '../../money/exact.ts';
import type { ExactLine } from '../bill.ts';
import type { QuantityPrice } from '../rate-card.ts';
import type { LineHead } from './charge.ts';
import { compileGraduated } from './graduated.ts';
import { compilePackage } from './package.ts';
import { compilePerUnit } from './per-unit.ts';
import { parseQuantityText, scaleOfTiers } from './tiers.ts';
import { compileVolume } from './volume.ts';

/**
 * Rates a quantity above 0 at the scale it was compiled for.
 * @param start what was used before it in the same period, 0 or more: tiers and packages go on from there
 */
export type RateQuantity = (quantity: Exact, start: Exact, head: LineHead, lines: ExactLine[]) => void;

/** One of the prices for a single pool of units: alone on a charge, or inside a matrix, a time window or an overage. */
export interface CompiledQuantityPrice {
  /** The decimals that the price itself needs. */
  readonly scale: number;
  /** The price for quantities with this many decimals, at least `scale`. */
  at(scale: number): RateQuantity;
}

export function compileQuantityPrice(price: QuantityPrice, decimals: number): CompiledQuantityPrice {
  const byScale: RateQuantity[] = [];
  return {
    scale: scaleOfPrice(price),
    at(scale) {
      let found = byScale[scale];
      if (!found) byScale[scale] = found = compileAt(price, scale, decimals);
      return found;
    },
  };
}

function scaleOfPrice(price: QuantityPrice): number {
  switch (price.model) {
    case 'perUnit':
      return 0;
    case 'graduated':
    case 'volume':
      return scaleOfTiers(price.tiers);
    case 'package':
      return parseQuantityText(price.size).scale;
  }
}

function compileAt(price: QuantityPrice, scale: number, decimals: number): RateQuantity {
  switch (price.model) {
    case 'perUnit':
      return compilePerUnit(price, scale, decimals);
    case 'graduated':
      return compileGraduated(price.tiers, scale, decimals);
    case 'volume':
      return compileVolume(price.tiers, scale, decimals);
    case 'package':
      return compilePackage(price, scale, decimals);
  }
}

/** What is left of an allowance for units that come after `before` of them. */
export const allowanceLeft = (allowance: Exact, before: Exact): Exact => excess(allowance, before);

/** Splits units into those that an allowance still covers and the rest. */
export function splitByAllowance(units: Exact, allowance: Exact, before: Exact): { covered: Exact; rest: Exact } {
  const covered = smaller(units, allowanceLeft(allowance, before));
  return { covered, rest: minus(units, covered) };
}
