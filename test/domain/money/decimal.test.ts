import fc from 'fast-check';
import { InputError } from '../../../lib/domain/input-error.ts';
import {
  add,
  compare,
  formatDecimal,
  multiply,
  normalize,
  parseDecimal,
  roundHalfEven,
  subtract,
} from '../../../lib/domain/money/decimal.ts';

const decimal = fc.record({
  units: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
  scale: fc.integer({ min: 0, max: 12 }),
});

test('a decimal that is written is read back as it was', () => {
  fc.assert(
    fc.property(decimal, (value) => {
      const text = formatDecimal(value);
      expect(parseDecimal(text)).toEqual(value);
    }),
    { seed: 3 },
  );
});

test('adding and taking away again changes nothing, and a product scales both', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      expect(compare(subtract(add(a, b), b), a)).toBe(0);
      expect(multiply(a, b)).toEqual({ units: a.units * b.units, scale: a.scale + b.scale });
    }),
    { seed: 4 },
  );
});

test.each(['1e3', '+1', '01', '.5', '1.', '', ' 1', '1,000', 'NaN', '--1', '0x10', '٣', '1'.repeat(1_001)])(
  '%j is not a decimal',
  (text) => {
    expect(() => parseDecimal(text)).toThrow(InputError);
  },
);

test.each([
  ['0.125', 2, 12n],
  ['0.135', 2, 14n],
  ['0.1250001', 2, 13n],
  ['-0.125', 2, -12n],
  ['2.5', 0, 2n],
  ['3.5', 0, 4n],
  ['7', 3, 7000n],
])('%s rounds half-even at %d decimals to %s', (text, scale, units) => {
  expect(roundHalfEven(parseDecimal(text), scale)).toBe(units);
});

test('normalize drops trailing zeros and nothing else', () => {
  expect(normalize(parseDecimal('1.500'))).toEqual(parseDecimal('1.5'));
  expect(normalize(parseDecimal('100'))).toEqual(parseDecimal('100'));
  expect(normalize(parseDecimal('0.00'))).toEqual(parseDecimal('0'));
});
