import { formatDecimal, multiply, parseDecimal, roundHalfEven, unitsAt } from '../money/decimal.ts';

/** Amounts here are units of the currency's smallest decimal. */
export const money = (units: bigint, decimals: number): string => formatDecimal({ units, scale: decimals });

export const total = (units: readonly bigint[]): bigint => units.reduce((all, part) => all + part, 0n);

export const sum = (lines: readonly { amount: string }[], decimals: number): bigint =>
  total(lines.map(({ amount }) => unitsAt(parseDecimal(amount), decimals)));

/** Half-even, once. */
export function percentOf(percent: string, base: bigint, decimals: number): bigint {
  const product = multiply(parseDecimal(percent), { units: base, scale: decimals });
  return roundHalfEven({ units: product.units, scale: product.scale + 2 }, decimals);
}
