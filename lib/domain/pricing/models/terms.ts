import { type Decimal, normalize, parseDecimal, pow10 } from '../../money/decimal.ts';
import { type Exact, exact, halfEvenOfProduct } from '../../money/exact.ts';

/**
 * `quantity × unitPrice + flat` as one division of integers, so that a line is rounded exactly once:
 * `(quantity × unit + flatUnits) / divisor` minor units, for a quantity at the scale it was made for.
 */
export interface Terms {
  /** As the card writes them, for the line. */
  readonly unitPrice: string;
  readonly flat: string;
  readonly unit: Exact;
  readonly flatUnits: Exact;
  readonly divisor: Exact;
  /** 1 / divisor, nearly. */
  readonly inverse: number;
}

/** @param scale decimals of the quantities that come @param decimals the currency's */
export function terms(unitPrice: string, flat: string | undefined, scale: number, decimals: number): Terms {
  const price = normalize(parseDecimal(unitPrice));
  const fixed = normalize(parseDecimal(flat ?? '0'));
  const widest = Math.max(price.scale + scale, fixed.scale, decimals);
  return {
    unitPrice,
    flat: flat ?? '0',
    unit: exact(unitsAt(price, widest - scale)),
    flatUnits: exact(unitsAt(fixed, widest)),
    divisor: exact(pow10(widest - decimals)),
    inverse: 1 / Number(pow10(widest - decimals)),
  };
}

const unitsAt = ({ units, scale }: Decimal, wanted: number): bigint => units * pow10(wanted - scale);

export const amountOf = ({ unit, flatUnits, divisor, inverse }: Terms, quantity: Exact): Exact =>
  halfEvenOfProduct(quantity, unit, flatUnits, divisor, inverse);

/** The same without the flat part. */
export const unitAmountOf = ({ unit, divisor, inverse }: Terms, quantity: Exact): Exact =>
  halfEvenOfProduct(quantity, unit, 0, divisor, inverse);

/** A percentage as the price of one unit of money: `"2.9"` is `"0.029"`. */
export function percentAsPrice(percent: string): string {
  const { units, scale } = normalize(parseDecimal(percent));
  const digits = units.toString().padStart(scale + 3, '0');
  const point = digits.length - scale - 2;
  return `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '');
}
