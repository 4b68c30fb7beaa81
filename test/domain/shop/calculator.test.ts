import fc from 'fast-check';
import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import { rate } from '../../../lib/domain/pricing/rate.ts';
import type { Charge, RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { parseRuleset } from '../../../lib/domain/rules/parse-ruleset.ts';
import type { Ruleset } from '../../../lib/domain/rules/ruleset.ts';
import { calculate } from '../../../lib/domain/shop/calculator.ts';
import { directionOf, entryPrice, offeredCards, takesEffect } from '../../../lib/domain/shop/offered-cards.ts';
import { hourOf, parseMonth, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { shippedRules } from '../rules/shipped-rules.ts';

const RULES = parseRuleset(shippedRules());
const AT = hourOf(parseTimestamp('2026-11-02T10:00:00Z'));
const NOVEMBER = parseMonth('2026-11');
const calculated = (answers: Record<string, string>, rules: Ruleset = RULES) =>
  calculate(offeredCards(rules, AT), rules, NOVEMBER, answers);
const totals = (answers: Record<string, string>, rules?: Ruleset) =>
  Object.fromEntries(
    (calculated(answers, rules).results ?? []).map(({ card, bill, obstacle }) => [
      `${card.id}@${card.effectiveFrom}`,
      bill?.total ?? obstacle,
    ]),
  );

/** One offered card with one charge, beside the shipped meters. */
const withCard = (charges: readonly Charge[], changes: Partial<RateCard> = {}): Ruleset => ({
  ...RULES,
  rateCards: [
    {
      ...{ id: 'one', name: 'One', effectiveFrom: '2026-01-01', currency: 'USD', rationale: 'r', valueDriver: 'v' },
      ...{ owner: 'o', selfService: {}, freeMeters: ['active-endpoints'], charges },
      ...changes,
    },
  ],
});

describe('offered are', () => {
  test('the cards that say so, the cheapest unused first, each with what is published to follow it', () => {
    expect(
      offeredCards(RULES, AT).map(({ card, later }) => [
        `${card.id}@${card.effectiveFrom} ${entryPrice(card)}`,
        later.map(({ effectiveFrom }) => effectiveFrom),
      ]),
    ).toEqual([
      ['free@2025-01-01 0.00', []],
      ['growth@2026-01-01 49.00', []],
      ['business@2025-01-01 250.00', ['2027-01-01']],
    ]);
  });

  test('none that is not in force, or whose version in force does not say so', () => {
    const quiet = { ...RULES, rateCards: RULES.rateCards.map(({ selfService: _, ...card }) => card) };
    expect(offeredCards(quiet, AT)).toEqual([]);
    expect(offeredCards(RULES, hourOf(parseTimestamp('2024-12-31T23:00:00Z')))).toEqual([]);
  });

  const [free, growth] = offeredCards(RULES, AT).map(({ card }) => card) as [RateCard, RateCard];
  test.each([
    { from: free, to: growth, direction: 'upgrade', when: 'now' },
    { from: growth, to: free, direction: 'downgrade', when: 'periodEnd' },
    { from: null, to: free, direction: 'upgrade', when: 'now' },
    {
      from: free,
      to: { ...growth, selfService: { upgrade: 'periodEnd' as const } },
      direction: 'upgrade',
      when: 'periodEnd',
    },
    { from: growth, to: { ...free, selfService: { downgrade: 'now' as const } }, direction: 'downgrade', when: 'now' },
  ])('changed to as the card that is chosen says: $direction, $when', ({ from, to, direction, when }) => {
    expect(directionOf(from, to)).toBe(direction);
    expect(takesEffect(to, directionOf(from, to))).toBe(when);
  });
});

describe('the calculator', () => {
  test('asks for calls first, and for each group that has a price of its own', () => {
    expect(calculated({}).fields.map(({ name, unit }) => `${name} in ${unit}`)).toEqual([
      'api-calls in call',
      'api-calls.bulk in call',
      'api-calls.payments in call',
      'api-calls.status in call',
      'tokens in token',
    ]);
    expect(calculated({}).results).toBeNull();
  });

  test.each([
    ['250000', '145.00'],
    ['250,000', '145.00'],
    [' 250 000 ', '145.00'],
    ["250'000", '145.00'],
    ['0', '49.00'],
    ['999999', '445.00'],
  ])('%j calls are rated by the code that makes invoices: %s on Growth', (typed, total) => {
    expect(totals({ 'api-calls': typed })['growth@2026-01-01']).toBe(total);
  });

  test('says of each card what it cannot carry, and puts those last', () => {
    expect(totals({ 'api-calls': '60000', 'api-calls.bulk': '10' })).toEqual({
      'growth@2026-01-01': '69.05',
      'business@2025-01-01': '250.00',
      'business@2027-01-01': '250.00',
      'free@2025-01-01': 'its quota is 50,000 calls, and these are 60,010',
    });
    expect(totals({ 'api-calls.bulk': '10' })['free@2025-01-01']).toBe('it does not include bulk');
  });

  test.each([
    ['many', 'whole number'],
    ['-5', 'whole number'],
    ['1.5', 'whole number'],
    ['1e9', 'whole number'],
    ['9'.repeat(16), 'at most 15 digits'],
    ['１２', 'whole number'],
  ])('%s is sent back with what is wrong, and nothing is rated', (typed, why) => {
    const { results, faults, values } = calculated({ 'api-calls': typed, tokens: '5' });
    expect([results, faults['api-calls']]).toEqual([null, expect.stringContaining(why)]);
    expect(values).toMatchObject({ 'api-calls': typed, tokens: '5' });
  });

  test('keeps the largest number exact', () => {
    const rules = withCard([{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.0000001' } }]);
    expect(totals({ 'api-calls': '9'.repeat(15) }, rules)['one@2026-01-01']).toBe('100000000.00');
  });

  test('knows currencies without decimals, and with three', () => {
    const charges: Charge[] = [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.5' } }];
    expect(totals({ 'api-calls': '3' }, withCard(charges, { currency: 'JPY' }))['one@2026-01-01']).toBe('2');
    expect(totals({ 'api-calls': '3' }, withCard(charges, { currency: 'KWD' }))['one@2026-01-01']).toBe('1.500');
  });

  test('rates amounts of money event by event, and says when there are too many', () => {
    const rules = withCard([
      { id: 'fees', meter: 'tokens', price: { model: 'percentage', percent: '2.9', fixedFee: '0.30' } },
    ]);
    expect(totals({ tokens: '100', 'tokens.each': '49.90' }, rules)['one@2026-01-01']).toBe('175.00');
    expect(calculated({ tokens: '10', 'tokens.each': '' }, rules).faults).toEqual({
      'tokens.each': 'An amount such as 49.90.',
    });
    expect(calculated({ tokens: '10001', 'tokens.each': '1' }, rules).faults.tokens).toContain('multiply');
  });

  test('spreads a quantity evenly over the month where the hour decides the price', () => {
    const night = { id: 'night', from: '22:00', to: '06:00', price: { model: 'perUnit', unitPrice: '0.01' } } as const;
    const rules = withCard([
      {
        ...{ id: 'calls', meter: 'api-calls' },
        price: {
          model: 'timeWindow',
          timeZone: 'UTC',
          windows: [night],
          otherwise: { model: 'perUnit', unitPrice: '0.02' },
        },
      },
    ]);
    // 720 hours, 240 of them at night.
    expect(totals({ 'api-calls': '72000' }, rules)['one@2026-01-01']).toBe('1200.00');
  });

  test('comes to what rating the same usage comes to, whatever is entered', () => {
    const [, growth] = offeredCards(RULES, AT);
    const card = compileRateCard((growth as { card: RateCard }).card);
    const quantity = fc.bigInt({ min: 0n, max: 990_000n });
    fc.assert(
      fc.property(quantity, fc.bigInt({ min: 0n, max: 9_000n }), quantity, (calls, payments, tokens) => {
        const given = totals({ 'api-calls': `${calls}`, 'api-calls.payments': `${payments}`, tokens: `${tokens}` });
        const usage = parseUsage({
          period: { start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z' },
          usage: [
            { meter: 'api-calls', quantity: `${calls}` },
            { meter: 'api-calls', group: 'payments', quantity: `${payments}` },
            { meter: 'tokens', quantity: `${tokens}` },
          ],
        });
        expect(given['growth@2026-01-01']).toBe(rate(card, usage).total);
      }),
      { seed: 15, numRuns: 100 },
    );
  });
});
