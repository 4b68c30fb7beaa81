import {
  chargeStep,
  chargeUnits,
  notExactlyChargeable,
  reachesMinimumCharge,
} from '../../../lib/domain/money/charge-units.ts';
import { CURRENCIES } from '../../../lib/domain/money/currencies.ts';

describe('what Stripe charges', () => {
  test.each([
    ['USD', '0.50', true],
    ['USD', '0.49', false],
    ['JPY', '50', true],
    ['USD', '-3.00', false],
    ['USD', '0', false],
  ])('%s %s reaches the minimum charge: %s', (currency, amount, reaches) => {
    expect(reachesMinimumCharge(currency, amount)).toBe(reaches);
  });
  test.each([
    ['USD', '0.01'],
    ['ISK', '1'],
    ['UGX', '1'],
    ['KWD', '0.01'],
    ['JPY', '1'],
    ['MGA', '1'],
  ])('the step of %s is %s', (currency, step) => {
    const units = chargeUnits(currency);
    expect(units && chargeStep(units)).toBe(step);
  });
  test('a currency that it does not charge in has no units', () => {
    expect(['CLF', 'IQD', 'XXX'].map(chargeUnits)).toEqual([undefined, undefined, undefined]);
  });
  test.each([
    ['USD', null],
    ['ISK', null],
    ['MGA', 'Stripe charges MGA only in steps of 1, a bill may have steps of 0.01'],
    ['KWD', 'Stripe charges KWD only in steps of 0.01, a bill may have steps of 0.001'],
    ['IQD', 'Stripe does not charge in IQD'],
  ])('a card in %s: %s', (currency, why) => {
    expect(notExactlyChargeable(currency)).toBe(why);
  });
  test('all that Stripe charges but five of three decimals and the ariary can be billed to the last unit', () => {
    const charged = CURRENCIES.filter(chargeUnits);
    expect(charged.length).toBeGreaterThan(120);
    expect(charged.filter(notExactlyChargeable)).toEqual(['BHD', 'JOD', 'KWD', 'MGA', 'OMR', 'TND']);
  });
});
