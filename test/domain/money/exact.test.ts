import fc from 'fast-check';
import { divideHalfEven } from '../../../lib/domain/money/decimal.ts';
import {
  begunTimes,
  type Exact,
  exact,
  exactPow10,
  excess,
  formatFixed,
  formatShort,
  halfEven,
  minus,
  plus,
  times,
  wholeTimes,
} from '../../../lib/domain/money/exact.ts';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
/** Around zero, all over and around the safe integers, and far beyond them. */
const integer = fc.oneof(
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: SAFE - 3n, max: SAFE + 3n }),
  fc.bigInt({ min: 0n, max: 2n ** 52n + 5n }),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
);
const natural = integer.map((n) => (n < 0n ? -n : n));
const isCanonical = (n: Exact) => (typeof n === 'number' ? Number.isSafeInteger(n) : n > SAFE || n < -SAFE);
const settings = { seed: 11, numRuns: 500 };

test.each([
  ['plus', plus, (a: bigint, b: bigint) => a + b],
  ['minus', minus, (a: bigint, b: bigint) => a - b],
  ['times', times, (a: bigint, b: bigint) => a * b],
] as const)('%s is exact on both sides of the safe integers, and canonical', (_name, ours, reference) => {
  fc.assert(
    fc.property(integer, integer, (a, b) => {
      const result = ours(exact(a), exact(b));
      expect(isCanonical(result)).toBe(true);
      expect(BigInt(result)).toBe(reference(a, b));
    }),
    settings,
  );
});

test('halfEven divides as divideHalfEven does', () => {
  fc.assert(
    fc.property(natural, natural, (a, b) => {
      expect(BigInt(halfEven(exact(a), exact(b + 1n)))).toBe(divideHalfEven(a, b + 1n));
    }),
    settings,
  );
});

test.each([
  [5, 10, 0],
  [15, 10, 2],
  [25, 10, 2],
  [26, 10, 3],
  [-15, 10, -2],
  [-25, 10, -2],
  [Number.MAX_SAFE_INTEGER, 2, 4503599627370496],
])('%d / %d rounds half-even to %d', (numerator, denominator, expected) => {
  expect(halfEven(numerator, denominator)).toBe(expected);
});

test('whole and begun packages are the floor and the ceiling of the quotient', () => {
  fc.assert(
    fc.property(natural, natural, (value, less) => {
      const size = less + 1n;
      expect(BigInt(wholeTimes(exact(value), exact(size)))).toBe(value / size);
      expect(BigInt(begunTimes(exact(value), exact(size)))).toBe((value + size - 1n) / size);
    }),
    settings,
  );
});

test('excess is never negative', () => {
  expect([excess(5, 3), excess(3, 5), excess(10n ** 20n, 1)]).toEqual([2, 0, 10n ** 20n - 1n]);
});

test.each([
  [13158, 2, '131.58', '131.58'],
  [5, 2, '0.05', '0.05'],
  [-1462, 2, '-14.62', '-14.62'],
  [1500, 3, '1.500', '1.5'],
  [1000, 3, '1.000', '1'],
  [100, 0, '100', '100'],
  [0, 2, '0.00', '0'],
  [10n ** 20n, 2, '1000000000000000000.00', '1000000000000000000'],
] as const)('%s at scale %d is written %s, and %s in short', (units, scale, fixed, short) => {
  expect(formatFixed(units, scale)).toBe(fixed);
  expect(formatShort(units, scale)).toBe(short);
});

test('powers of ten leave the safe integers without losing a digit', () => {
  expect([exactPow10(0), exactPow10(15), exactPow10(16), exactPow10(30)]).toEqual([1, 1e15, 10n ** 16n, 10n ** 30n]);
});
