import fc from 'fast-check';
import { assertChargeable, fromStripeAmount, toStripeAmount } from '../../../lib/adapters/stripe/amounts.ts';
import { formatDecimal } from '../../../lib/domain/money/decimal.ts';

describe('amounts in Stripe’s units', () => {
  test.each([
    ['USD', '131.58', 13_158],
    ['USD', '-0.01', -1],
    ['USD', '49', 4_900],
    ['JPY', '500', 500],
    ['KRW', '1200', 1_200],
    ['KWD', '1.230', 1_230],
    ['ISK', '5', 500],
    ['UGX', '1000', 100_000],
    ['MGA', '7.0', 7],
    ['HUF', '10.45', 1_045],
  ])('%s %s is %d', (currency, amount, units) => {
    expect(toStripeAmount(currency, amount)).toBe(units);
    expect(Number(fromStripeAmount(currency, units))).toBe(Number(amount));
  });
  test.each([
    ['KWD', '5.124', 'steps of 0.01'],
    ['ISK', '5.50', 'steps of 1'],
    ['MGA', '7.2', 'cannot hold'],
    ['JPY', '1.5', 'cannot hold'],
    ['USD', '0.001', 'cannot hold'],
    ['USD', '999999999999999.00', 'more than Stripe takes'],
    ['CLF', '1.0000', 'does not charge'],
    ['IQD', '1.000', 'does not charge'],
  ])('%s %s is refused: %s', (currency, amount, words) => {
    expect(() => assertChargeable(currency, amount)).toThrow(words);
  });
  test('every amount of cents comes back as it went', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -100_000_000_000_000n, max: 100_000_000_000_000n }), (cents) => {
        const amount = formatDecimal({ units: cents, scale: 2 });
        expect(fromStripeAmount('EUR', toStripeAmount('EUR', amount))).toBe(amount);
      }),
      { seed: 5 },
    );
  });
});
