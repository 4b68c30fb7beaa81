import fc from 'fast-check';
import { dayName, longDate, longTime, monthName, shortDay, timeName } from '../../../lib/domain/words/dates.ts';
import { spelled } from '../../../lib/domain/words/names.ts';
import { grouped, legible, money, plural, signless } from '../../../lib/domain/words/numbers.ts';

describe('numbers', () => {
  test.each([
    ['0', '0'],
    ['999', '999'],
    ['1000', '1,000'],
    ['1234567.12345', '1,234,567.12345'],
    ['-1234.5', '-1,234.5'],
  ])('%s is read as %s', (decimal, words) => expect(grouped(decimal)).toBe(words));

  test('grouping adds commas and nothing else', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (value) => {
        expect(grouped(value).replaceAll(',', '')).toBe(String(value));
      }),
      { seed: 20_261_127 },
    );
  });

  test('amounts name their currency, and have a true minus', () => {
    expect(money('USD', '1234.50')).toBe('USD 1,234.50');
    expect(money('EUR', '-3.00')).toBe('EUR −3.00');
    expect(signless('-1234.50')).toBe('−1,234.50');
  });

  test.each([
    ['240000 × 0.0004 = 96.00 USD', '240,000 × 0.0004 = 96.00 USD'],
    ['2984 of the 10000 included: free', '2,984 of the 10,000 included: free'],
    ['6508 × 0.01 = 65.08 USD', '6,508 × 0.01 = 65.08 USD'],
    ['240,000 × 0.00000123', '240,000 × 0.00000123'],
    [
      'charged before by line 0001 of the advance invoice of 2026-10-01',
      'charged before by line 0001 of the advance invoice of 2026-10-01',
    ],
    [
      'the prices of growth@20260101 are locked and make 12345.67',
      'the prices of growth@20260101 are locked and make 12,345.67',
    ],
    ['correction:9912345 of deal-1234567', 'correction:9912345 of deal-1234567'],
  ])('%s', (explanation, words) => expect(legible(explanation)).toBe(words));

  test.each([
    ['call', 'calls'],
    ['calls', 'calls'],
    ['GB', 'GB'],
  ])('more than one %s are %s', (unit, words) => expect(plural(unit)).toBe(words));
});

describe('dates', () => {
  const at = Date.UTC(2026, 9, 5, 14, 3);
  test('are spelled out, in UTC', () => {
    expect([monthName('2026-10'), dayName(at), timeName(at)]).toEqual([
      ...['October 2026', '5 October 2026', '5 October 2026, 14:03 UTC'],
    ]);
    expect([longDate('2026-12-01T00:00:00Z'), longTime('2026-12-01T00:00:00Z')]).toEqual([
      ...['1 December 2026', '1 December 2026, 00:00 UTC'],
    ]);
  });
  test.each([
    ['2026-10-05', 'Mon 5 Oct'],
    ['2026-11-01', 'Sun 1 Nov'],
    ['1970-01-01', 'Thu 1 Jan'],
    ['2028-02-29', 'Tue 29 Feb'],
  ])('%s in a list is %s', (date, words) => expect(shortDay(date)).toBe(words));
});

test.each([
  ['PAYMENT_OVERDUE', 'payment overdue'],
  ['api-calls', 'API calls'],
  ['rapid-calls', 'rapid calls'],
])('the name %s is read as %s', (token, words) => expect(spelled(token)).toBe(words));
