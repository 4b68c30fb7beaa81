import { divideHalfEven } from './decimal.ts';

/**
 * An exact integer: a number while it is safe, a bigint beyond that. Every function here answers in this canonical form,
 * so `===` and `<` are exact between any two. Rating works in it because integers that fit cost no allocation, and those
 * that do not fit stay right instead of being rounded.
 */
export type Exact = number | bigint;

const MAX = Number.MAX_SAFE_INTEGER;
const HALF_MAX = 2 ** 52;
const POWERS: Exact[] = [1];

/** The canonical form of a bigint. */
export const exact = (units: bigint): Exact => (units <= MAX && units >= -MAX ? Number(units) : units);

/** 10 ** exponent. */
export function exactPow10(exponent: number): Exact {
  for (let e = POWERS.length; e <= exponent; e++) POWERS.push(times(POWERS[e - 1] as Exact, 10));
  return POWERS[exponent] as Exact;
}

export function plus(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= MAX && sum >= -MAX) return sum;
  }
  return exact(BigInt(a) + BigInt(b));
}

export function minus(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (difference <= MAX && difference >= -MAX) return difference;
  }
  return exact(BigInt(a) - BigInt(b));
}

export function times(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (product <= MAX && product >= -MAX) return product;
  }
  return exact(BigInt(a) * BigInt(b));
}

/** value * 10 ** by. */
export const shift = (value: Exact, by: number): Exact => (by === 0 ? value : times(value, exactPow10(by)));

/**
 * numerator / denominator to the nearest integer, ties to the even one; the denominator is positive.
 * @param inverse 1 / denominator, where it is known already: a multiplication is faster than a division
 */
export function halfEven(numerator: Exact, denominator: Exact, inverse = 1 / Number(denominator)): Exact {
  if (typeof numerator === 'number' && typeof denominator === 'number' && numerator >= 0 && numerator < HALF_MAX) {
    return halfEvenOfSafe(numerator, denominator, inverse);
  }
  return exact(divideHalfEven(BigInt(numerator), BigInt(denominator)));
}

/**
 * `halfEven(a * b + c, denominator)` of numbers that are 0 or more. While all of it is safe, nothing is made in between:
 * a sum that may be a bigint would be put in a box first.
 */
export function halfEvenOfProduct(a: Exact, b: Exact, c: Exact, denominator: Exact, inverse: number): Exact {
  if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number' && typeof denominator === 'number') {
    const numerator = a * b + c;
    if (numerator >= 0 && numerator < HALF_MAX) return halfEvenOfSafe(numerator, denominator, inverse);
  }
  return halfEven(plus(times(a, b), c), denominator, inverse);
}

function halfEvenOfSafe(numerator: number, denominator: number, inverse: number): number {
  // A float multiplication and its correction: `%` on numbers beyond 32 bits is several times slower. Below 2^52 the
  // quotient is off by one at most. The product stays safe: it exceeds the numerator by one denominator at most, and
  // then the numerator is the larger one.
  let quotient = Math.floor(numerator * inverse);
  let rest = numerator - quotient * denominator;
  if (rest < 0) {
    quotient--;
    rest += denominator;
  } else if (rest >= denominator) {
    quotient++;
    rest -= denominator;
  }
  // Against what is missing to the next integer: doubling the rest could leave the safe integers.
  const missing = denominator - rest;
  return rest > missing || (rest === missing && quotient % 2 === 1) ? quotient + 1 : quotient;
}

/** How many whole times `size` fits into `value`; both are 0 or more, size above 0. */
export function wholeTimes(value: Exact, size: Exact): Exact {
  if (typeof value === 'number' && typeof size === 'number') return (value - (value % size)) / size;
  return exact(BigInt(value) / BigInt(size));
}

/** How many times `size` is begun in `value`. */
export function begunTimes(value: Exact, size: Exact): Exact {
  const whole = wholeTimes(value, size);
  return times(whole, size) === value ? whole : plus(whole, 1);
}

export const smaller = (a: Exact, b: Exact): Exact => (b < a ? b : a);
export const larger = (a: Exact, b: Exact): Exact => (b > a ? b : a);
/** a - b, or 0 when b is more than a. */
export const excess = (a: Exact, b: Exact): Exact => (a > b ? minus(a, b) : 0);

/** An exact decimal number in canonical integers: `units / 10 ** scale`. */
export interface Scaled {
  readonly units: Exact;
  readonly scale: number;
}

/** The units of a number at a scale that is at least its own. */
export const at = (value: Scaled, scale: number): Exact => shift(value.units, scale - value.scale);

/** Writes `units / 10 ** scale` with all of its `scale` decimals: 13158 at scale 2 is `"131.58"`. */
export function formatFixed(units: Exact, scale: number): string {
  if (scale === 0) return String(units);
  const negative = units < 0;
  const digits = String(negative ? -units : units);
  const padded = digits.length > scale ? digits : digits.padStart(scale + 1, '0');
  const point = padded.length - scale;
  return `${negative ? '-' : ''}${padded.slice(0, point)}.${padded.slice(point)}`;
}

/** Writes the number in its shortest form: 1500 at scale 3 is `"1.5"`. */
export function formatShort(units: Exact, scale: number): string {
  if (scale === 0) return String(units);
  return formatFixed(units, scale).replace(/\.?0+$/, '');
}
