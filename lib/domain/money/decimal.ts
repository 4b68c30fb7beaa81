import { InputError } from '../input-error.ts';

/** An exact decimal number: `units / 10 ** scale`. Scale is 0 or more; 1.50 and 1.5 are equal but not identical. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.(\d+))?$/;
/** Far beyond any price or quantity, and short enough that a hostile file cannot make arithmetic slow. */
const MAX_LENGTH = 1_000;
const POWERS: bigint[] = [1n];

export const ZERO: Decimal = { units: 0n, scale: 0 };

/** 10 ** exponent as a bigint; remembered, since every rescale needs one. */
export function pow10(exponent: number): bigint {
  for (let e = POWERS.length; e <= exponent; e++) POWERS.push((POWERS[e - 1] as bigint) * 10n);
  return POWERS[exponent] as bigint;
}

/**
 * Reads a plain decimal: `"0.0000035"`, `"-12"`. No exponent, no plus sign, no leading zeros, no spaces.
 * @throws InputError `not-a-decimal`
 */
export function parseDecimal(text: string): Decimal {
  const found = text.length <= MAX_LENGTH ? DECIMAL.exec(text) : null;
  if (!found) {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    throw new InputError({
      code: 'not-a-decimal',
      message: `${JSON.stringify(shown)} is not a decimal number such as "0.0004"`,
    });
  }
  const fraction = found[1] ?? '';
  return { units: BigInt(fraction === '' ? text : text.replace('.', '')), scale: fraction.length };
}

/** The same number without trailing zeros after the point: 1.50 becomes 1.5. */
export function normalize({ units, scale }: Decimal): Decimal {
  let [u, s] = [units, scale];
  while (s > 0 && u % 10n === 0n) [u, s] = [u / 10n, s - 1];
  return { units: u, scale: s };
}

/** Writes all of `scale`: `{150n, 2}` is `"1.50"`. */
export function formatDecimal({ units, scale }: Decimal): string {
  if (scale === 0) return units.toString();
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Exact: only ever called with a larger or equal scale. */
export const unitsAt = ({ units, scale }: Decimal, at: number): bigint => units * pow10(at - scale);

export const fromInteger = (units: bigint): Decimal => ({ units, scale: 0 });

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export const negate = ({ units, scale }: Decimal): Decimal => ({ units: -units, scale });
export const subtract = (a: Decimal, b: Decimal): Decimal => add(a, negate(b));
export const multiply = (a: Decimal, b: Decimal): Decimal => ({ units: a.units * b.units, scale: a.scale + b.scale });

/** Negative when a < b, 0 when equal, positive when a > b. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [unitsAt(a, scale), unitsAt(b, scale)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** numerator / denominator to the nearest integer, ties to the even one; the denominator is positive. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const n = negative ? -numerator : numerator;
  const quotient = n / denominator;
  const twice = (n % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  const rounded = up ? quotient + 1n : quotient;
  return negative ? -rounded : rounded;
}

/** Rounds half-even to `scale` decimals and answers the units at that scale: 1.005 at scale 2 is 100n. */
export function roundHalfEven(value: Decimal, scale: number): bigint {
  if (value.scale <= scale) return unitsAt(value, scale);
  return divideHalfEven(value.units, pow10(value.scale - scale));
}
