import fc from 'fast-check';
import { formatFixed } from '../../../lib/domain/money/exact.ts';
import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { rateSegments } from '../../../lib/domain/pricing/rate-segments.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { addHours, formatHour, formatTimestamp, hourOf, hourStart } from '../../../lib/domain/time/time.ts';
import { closed, decision, GROWTH, JANUARY } from '../../app/invoice-customer/fixtures.ts';
import { usageInvoice } from './drafting.ts';

const cents = (n: number) => (n / 100).toFixed(2);
const proration = fc.constantFrom('none' as const, 'day' as const, 'second' as const);
const amount = fc.integer({ min: 0, max: 20_000 }).map(cents);

const calls = fc.oneof(
  fc.constant({ model: 'perUnit' as const, unitPrice: '0.0007' }),
  fc.constant(GROWTH.charges[1]?.price as RateCard['charges'][number]['price']),
  fc.constant({ model: 'package' as const, size: '1000', amount: '0.90' }),
  fc.record({
    model: fc.constant('reserved' as const),
    capacity: fc.constantFrom({ quantity: '50' }, { quantity: '9000', per: 'period' as const }),
    amount: fc.constantFrom('0.05', '13.37'),
    overage: fc.constant({ model: 'perUnit' as const, unitPrice: '0.002' }),
  }),
  fc.constant({
    model: 'timeWindow' as const,
    timeZone: 'Europe/Berlin',
    windows: [{ id: 'day', from: '08:00', to: '20:00', price: { model: 'perUnit' as const, unitPrice: '0.0009' } }],
    otherwise: { model: 'perUnit' as const, unitPrice: '0.0003' },
  }),
);
const discounts = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    by: fc.oneof(fc.record({ percent: fc.integer({ min: 0, max: 100 }).map(String) }), fc.record({ amount })),
    on: fc.constantFrom({}, { appliesTo: 'platform' }, { appliesTo: 'calls' }),
  }),
  { selector: ({ id }) => id, maxLength: 3 },
);
const anyCard = fc.record({
  fee: amount,
  proration,
  calls,
  discounts,
  minimum: fc.option(
    fc.record({ amount, order: fc.constantFrom('afterDiscounts' as const, 'beforeDiscounts' as const), proration }),
  ),
  maximum: fc.option(fc.record({ amount })),
});

/** The card `card-n` of what was drawn. */
function cardOf(drawn: typeof anyCard extends fc.Arbitrary<infer T> ? T : never, n: number): RateCard {
  return {
    ...GROWTH,
    id: `card-${n}`,
    charges: [
      { id: 'platform', price: { model: 'flat', amount: drawn.fee, proration: drawn.proration } },
      { id: 'calls', meter: 'api-calls', price: drawn.calls },
    ],
    discounts: drawn.discounts.map(({ id, by, on }) => ({ id, ...by, ...on })),
    ...(drawn.minimum ? { minimum: drawn.minimum } : {}),
    ...(drawn.maximum ? { maximum: drawn.maximum } : {}),
  };
}

test('a period in which the card changes is invoiced at what pricing makes of its cards, adjusted as one bill', () => {
  const first = hourOf(JANUARY.start);
  const parts = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 743 }), anyCard), {
    selector: ([at]) => at,
    minLength: 1,
    maxLength: 3,
  });
  const used = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 743 }), fc.integer({ min: 0, max: 90_000 })), {
    selector: ([at]) => at,
    maxLength: 8,
  });
  fc.assert(
    fc.property(anyCard, parts, used, fc.option(amount), (card, later, usage, cap) => {
      const drawn = [[0, card] as const, ...later.sort((a, b) => a[0] - b[0])];
      const cards = drawn.map(([, one], n) => cardOf(one, n));
      const starts = drawn.map(([at]) => addHours(first, at));
      const invoice = usageInvoice({
        cards,
        decisions: cards.map(({ id }, n) =>
          decision({ effectiveFrom: starts[n] ?? first, rateCard: `${id}@2026-01-01` }),
        ),
        rows: usage.map(([at, quantity]) => closed(formatHour(addHours(first, at)).slice(0, 13), String(quantity))),
        change: { spendCaps: cap === null ? [] : [{ cap: { amount: cap, mode: 'hard' }, since: 0 }] },
      });
      const segments = cards.map((one, n) => ({
        card: compileRateCard(one),
        start: hourStart(starts[n] ?? first),
        end: n + 1 < starts.length ? hourStart(starts[n + 1] ?? first) : JANUARY.end,
      }));
      const object = {
        period: { start: formatTimestamp(JANUARY.start), end: formatTimestamp(JANUARY.end) },
        usage: usage.map(([at, quantity]) => ({
          meter: 'api-calls',
          hour: formatHour(addHours(first, at)),
          quantity: String(quantity),
        })),
      };
      const bill = rateSegments(segments, parseUsage(object), { spendCap: cap });
      expect(invoice.total).toBe(formatFixed(bill.total, 2));
      expect(invoice.lines.filter(({ charge }) => charge !== null).map((line) => line.amount)).toEqual(
        bill.lines.map((line) => formatFixed(line.amount, 2)),
      );
    }),
    { seed: 81, numRuns: 400 },
  );
});
