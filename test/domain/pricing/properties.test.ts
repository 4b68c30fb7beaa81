import fc from 'fast-check';
import { InvariantError } from '../../../lib/domain/assert.ts';
import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import { assertBill, assertCharge } from '../../../lib/domain/pricing/invariants.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { rateExact } from '../../../lib/domain/pricing/rate.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { bill, cardOf, cardWith, usageOf } from './rating.ts';

const settings = { seed: 2026, numRuns: 400 };
const cents = (amount: string) => BigInt(amount.replace('.', ''));
const price = fc.tuple(fc.nat({ max: 99_999 }), fc.integer({ min: 0, max: 6 })).map(([n, scale]) => {
  const digits = String(n).padStart(scale + 1, '0');
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
});
const tiers = fc
  .uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 4 })
  .chain((bounds) =>
    fc.tuple(
      ...[...bounds.sort((a, b) => a - b), null].map((upTo) =>
        fc.record({ upTo: fc.constant(upTo), unitPrice: price, flat: price }),
      ),
    ),
  );
const graduated = tiers.map((list) => ({ model: 'graduated', tiers: list }));
const volume = tiers.map((list) => ({ model: 'volume', tiers: list }));
const perUnit = price.map((unitPrice) => ({ model: 'perUnit', unitPrice }));
const packaged = fc.record({
  model: fc.constant('package'),
  size: fc.integer({ min: 1, max: 50 }),
  amount: price,
  rounding: fc.constantFrom('up', 'down'),
});
const pooled = fc.oneof<fc.Arbitrary<object>[]>(graduated, volume, perUnit, packaged);
const quantity = fc.nat({ max: 2_000 });

test('the lines sum to the subtotal, and every unit is in exactly one of them', () => {
  fc.assert(
    fc.property(pooled, quantity, fc.nat({ max: 300 }), (own, used, included) => {
      const { lines, subtotal } = bill(cardOf(own, { included }), usageOf(used));
      expect(lines.reduce((sum, { amount }) => sum + cents(amount), 0n)).toBe(cents(subtotal));
      expect(lines.reduce((sum, line) => sum + Number(line.quantity), 0)).toBe(used);
    }),
    settings,
  );
});

test('splitting usage over entries and hours changes nothing', () => {
  const parts = fc.array(fc.tuple(fc.nat({ max: 743 }), fc.nat({ max: 90 })), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(pooled, parts, fc.nat({ max: 100 }), (own, list, included) => {
      const card = cardOf(own, { included });
      const entries = list.map(([hour, quantity]) => ({
        hour: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(),
        quantity,
      }));
      const whole = list.reduce((sum, [, quantity]) => sum + quantity, 0);
      expect(bill(card, usageOf(entries))).toEqual(bill(card, usageOf(whole)));
    }),
    settings,
  );
});

test('more usage never costs less under graduated, per unit and package', () => {
  fc.assert(
    fc.property(
      fc.oneof<fc.Arbitrary<object>[]>(graduated, perUnit, packaged),
      quantity,
      quantity,
      (own, used, more) => {
        const card = cardOf(own);
        expect(cents(bill(card, usageOf(used + more)).total)).toBeGreaterThanOrEqual(
          cents(bill(card, usageOf(used)).total),
        );
      },
    ),
    settings,
  );
});

test('included units never cost, and a larger allowance never costs more under graduated, per unit and package', () => {
  fc.assert(
    fc.property(
      fc.oneof<fc.Arbitrary<object>[]>(graduated, perUnit, packaged),
      quantity,
      quantity,
      quantity,
      (own, used, included, more) => {
        const of = (allowance: number) => bill(cardOf(own, { included: allowance }), usageOf(used));
        if (used <= included) expect(of(included).total).toBe('0.00');
        expect(cents(of(included + more).total)).toBeLessThanOrEqual(cents(of(included).total));
      },
    ),
    settings,
  );
});

test('discounts never go below zero, alone or together', () => {
  const discount = fc.oneof<fc.Arbitrary<object>[]>(
    fc.nat({ max: 200 }).map((n) => ({ percent: String(n) })),
    fc.nat({ max: 50_000 }).map((n) => ({ amount: (n / 100).toFixed(2) })),
  );
  const list = fc.array(fc.tuple(discount, fc.boolean()), { maxLength: 5 });
  fc.assert(
    fc.property(list, fc.nat({ max: 30_000 }), (all, amount) => {
      const discounts = all.map(([own, onCharge], i) => ({ id: `d${i}`, ...own, ...(onCharge && { appliesTo: 'f' }) }));
      const charges = [{ id: 'f', price: { model: 'flat', amount: (amount / 100).toFixed(2) } }];
      const result = bill(cardWith({ charges, discounts }), usageOf([]));
      expect(cents(result.total)).toBeGreaterThanOrEqual(0n);
      for (const taken of result.discounts) expect(taken.amount).toMatch(/^(-|0\.00$)/);
      const taken = result.discounts.reduce((sum, one) => sum + cents(one.amount), 0n);
      expect(cents(result.subtotal) + taken).toBe(cents(result.total));
    }),
    settings,
  );
});

test('rounding never drifts by more than half a cent for each line', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(price, quantity), { minLength: 1, maxLength: 6 }), (list) => {
      const charges = list.map(([unitPrice], i) => ({
        id: `c${i}`,
        meter: `m${i}`,
        price: { model: 'perUnit', unitPrice },
      }));
      const used = list.map(([, n], i) => ({ meter: `m${i}`, quantity: n }));
      const { lines, total } = bill(cardWith({ charges }), usageOf(used));
      // In millionths of a dollar: prices have at most six decimals.
      const exactly = list.reduce((sum, [unitPrice, n]) => {
        const [whole = '', fraction = ''] = unitPrice.split('.');
        return sum + BigInt(whole + fraction.padEnd(6, '0')) * BigInt(n);
      }, 0n);
      const drift = cents(total) * 10_000n - exactly;
      expect(drift < 0n ? -drift : drift).toBeLessThanOrEqual(BigInt(lines.length) * 5_000n);
    }),
    settings,
  );
});

test('rating again gives the same bytes', () => {
  fc.assert(
    fc.property(pooled, quantity, (own, used) => {
      const card = compileRateCard(parseRateCard(cardOf(own, { included: 10 })));
      const once = () =>
        JSON.stringify(rateExact(card, parseUsage(usageOf(used))), (_key, value) =>
          typeof value === 'bigint' ? `${value}n` : value,
        );
      expect(once()).toBe(once());
    }),
    { ...settings, numRuns: 50 },
  );
});

describe('a bill that breaks an invariant does not leave', () => {
  const card = compileRateCard(
    parseRateCard(cardOf({ model: 'perUnit', unitPrice: '1' }, {}, { discounts: [{ id: 'd', amount: '1' }] })),
  );
  const usage = parseUsage(usageOf(5, { credits: [{ id: 'c', kind: 'paid', balance: '1' }] }));
  const good = rateExact(card, usage);
  const [line] = good.lines;
  const [charge] = card.charges;
  if (!line || !charge) throw new Error('a line and a charge');

  test.each([
    ['a subtotal that is not the sum', { ...good, subtotal: 501 }, 'the lines sum to the subtotal'],
    ['a discount that adds', { ...good, discounts: [{ id: 'd', amount: 1 }] }, 'a discount takes'],
    [
      'a discount of more than there is',
      { ...good, discounts: [{ id: 'd', amount: -501 }] },
      'discounts do not take more',
    ],
    ['a total that does not follow', { ...good, total: 399 }, 'total = subtotal'],
    ['an overdrawn credit', { ...good, credits: [{ id: 'c', used: 100, remaining: -1 }] }, 'no credit is overdrawn'],
    ['an amount due that does not follow', { ...good, amountDue: 301 }, 'amountDue = total'],
  ])('%s', (_why, broken, message) => {
    expect(() => assertBill(good)).not.toThrow();
    expect(() => assertBill(broken)).toThrow(InvariantError);
    expect(() => assertBill(broken)).toThrow(message);
  });

  test.each([
    ['a negative line', { ...line, amount: -1 }, 'is negative'],
    ['a unit that is in no line', { ...line, quantity: 4 }, 'exactly one line'],
  ])('%s', (_why, broken, message) => {
    expect(assertCharge(charge, usage.entries, [line], 0)).toBe(500);
    expect(() => assertCharge(charge, usage.entries, [broken], 0)).toThrow(message);
  });
});
