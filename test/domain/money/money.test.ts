import fc from 'fast-check';
import { CURRENCIES, currencyDecimals, isCurrency, isWithdrawnCurrency } from '../../../lib/domain/money/currencies.ts';
import { parseDecimal } from '../../../lib/domain/money/decimal.ts';
import {
  addMoney,
  compareMoney,
  formatMoney,
  type Money,
  money,
  parseMoney,
  roundToMoney,
  subtractMoney,
  sumMoney,
} from '../../../lib/domain/money/money.ts';

describe('ISO 4217', () => {
  test.each([
    ['USD', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['UYW', 4],
    ['ISK', 0],
    ['MGA', 2],
    ['UGX', 0],
    ['BHD', 3],
    ['XCG', 2],
    ['HRK', 2],
  ])('%s has %d decimals', (code, decimals) => {
    expect(currencyDecimals(code)).toBe(decimals);
  });

  test('list one of 2026-01-01 has 165 codes with decimals, each three capital letters and none twice', () => {
    expect(CURRENCIES).toHaveLength(165);
    expect(new Set(CURRENCIES).size).toBe(CURRENCIES.length);
    expect(CURRENCIES.filter((code) => !/^[A-Z]{3}$/.test(code))).toEqual([]);
  });

  test('a withdrawn code is still read, and known to be withdrawn', () => {
    expect([isCurrency('HRK'), isWithdrawnCurrency('HRK'), isWithdrawnCurrency('EUR')]).toEqual([true, true, false]);
    expect(CURRENCIES).not.toContain('HRK');
  });

  test.each(['usd', 'XAU', 'XXX', 'ABC', '', 'USDT', '__proto__'])('%j is refused', (code) => {
    expect(() => currencyDecimals(code)).toThrow(/ISO 4217/);
  });
});

describe('Money', () => {
  test('is written with exactly the decimals of its currency', () => {
    expect(formatMoney(money('USD', 13_158n))).toBe('131.58');
    expect(formatMoney(money('JPY', 131n))).toBe('131');
    expect(formatMoney(money('KWD', -5n))).toBe('-0.005');
  });

  test('is read with fewer decimals, never with more', () => {
    expect(parseMoney('USD', '7').minorUnits).toBe(700n);
    expect(() => parseMoney('USD', '7.001')).toThrow('has 3 decimals');
    expect(() => parseMoney('JPY', '7.0')).toThrow('at most 0');
  });

  test('is rounded half-even from a longer product', () => {
    expect(roundToMoney('USD', parseDecimal('0.125')).minorUnits).toBe(12n);
    expect(roundToMoney('JPY', parseDecimal('2.5')).minorUnits).toBe(2n);
  });

  test('sums and differences are exact', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt()), fc.bigInt(), (units, one) => {
        const all = units.map((n) => money('EUR', n));
        const sum = sumMoney('EUR', all);
        expect(sum.minorUnits).toBe(units.reduce((a, b) => a + b, 0n));
        expect(subtractMoney(addMoney(sum, money('EUR', one)), money('EUR', one))).toEqual(sum);
      }),
      { seed: 5 },
    );
    expect(compareMoney(money('EUR', 1n), money('EUR', 2n))).toBe(-1);
  });

  test('mixing currencies does not compile, and throws where types did not know', () => {
    const dollars = money('USD', 1n);
    const yen = money('JPY', 1n);
    // @ts-expect-error yen are not dollars
    expect(() => addMoney(dollars, yen)).toThrow('USD and JPY do not add up');
    // @ts-expect-error yen are not dollars
    expect(() => subtractMoney(dollars, yen)).toThrow('do not add up');
    // @ts-expect-error yen are not dollars
    expect(() => compareMoney(dollars, yen)).toThrow('do not add up');
    // @ts-expect-error a sum of dollars takes no yen
    expect(() => sumMoney('USD', [yen])).toThrow('do not add up');
    // @ts-expect-error an amount of yen is no amount of dollars
    const wrong: Money<'USD'> = yen;
    expect(wrong.currency).toBe('JPY');
    const read: [Money, Money] = [dollars, yen];
    expect(() => addMoney(...read)).toThrow('do not add up');
  });
});
