import fc from 'fast-check';
import type { InvoiceLine } from '../../../lib/domain/invoicing/invoice.ts';
import { LINES_SENT_MAX, linesToSend } from '../../../lib/domain/invoicing/lines-to-send.ts';
import { add, compare, parseDecimal, ZERO } from '../../../lib/domain/money/decimal.ts';

const line = (index: number, charge: string, cents: number): InvoiceLine => ({
  ...{ id: String(index + 1).padStart(4, '0'), kind: 'usage', charge, meter: 'api-calls', group: `g${index}` },
  ...{ tier: 1, window: null, quantity: '1', unitPrice: '0.01', amount: (cents / 100).toFixed(2) },
  ...{ rateCard: 'growth@2026-01-01', rule: null, rulesCommit: null, usageDigest: 'u', creditReason: null },
  ...{ from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', explanation: '' },
});
const total = (lines: readonly InvoiceLine[]) =>
  lines.reduce((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO);

describe('lines that go to Stripe', () => {
  test('are those of the invoice, up to 250', () => {
    const lines = Array.from({ length: LINES_SENT_MAX }, (_, i) => line(i, `c${i}`, i));
    expect(linesToSend({ lines })).toBe(lines);
  });
  test('of the charge with the most lines are one, and say how many they were', () => {
    const lines = [line(0, 'fee', 4900), ...Array.from({ length: 300 }, (_, i) => line(i + 1, 'calls', 2))];
    const sent = linesToSend({ lines });
    expect(sent.map(({ id, amount, quantity }) => [id, amount, quantity])).toEqual([
      ['0001', '49.00', '1'],
      ['0002', '6.00', null],
    ]);
    expect(sent[1]?.explanation).toContain('300 lines in one');
  });
  test('of many charges are at last one for each kind', () => {
    const lines = Array.from({ length: 600 }, (_, i) => line(i, `c${i}`, 1));
    expect(linesToSend({ lines })).toMatchObject([{ id: '0001', amount: '6.00' }]);
  });
  test('are never too many, add up to the same, and each has an id of the invoice', () => {
    const drawn = fc.array(
      fc.record({ charge: fc.integer({ min: 0, max: 6 }), cents: fc.integer({ min: 0, max: 999 }) }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 40 }), (some, most) => {
        const lines = some.map(({ charge, cents }, index) => line(index, `c${charge}`, cents));
        const sent = linesToSend({ lines }, most);
        expect(sent.length).toBeLessThanOrEqual(Math.max(most, 1));
        expect(compare(total(sent), total(lines))).toBe(0);
        expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
        for (const { id } of sent) expect(lines.some((one) => one.id === id)).toBe(true);
      }),
    );
  });
});
