import fc from 'fast-check';
import type { Commitment } from '../../../lib/domain/invoicing/billing-terms.ts';
import { committedTerms } from '../../../lib/domain/invoicing/commitment.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { periodsFrom } from '../../../lib/domain/invoicing/periods.ts';
import { monthOf, type Period } from '../../../lib/domain/time/time.ts';
import { closed, FREE, GROWTH, JANUARY } from '../../app/invoice-customer/fixtures.ts';
import { amounts, inputOf, units, usageInvoice } from './drafting.ts';

const QUARTER: Commitment = { id: 'q', amount: '500.00', from: '2026-01-01', periods: 3, terms: null };
const stored = (invoice: Invoice) => ({ invoice, state: 'PAID' as const });

/** Invoices of the months from January 2026 on, each of the fee and so many calls. */
function months(commitment: Commitment, calls: readonly number[]): Invoice[] {
  const invoices: Invoice[] = [];
  for (const [i, period] of periodsFrom(1, JANUARY.start, calls.length).entries()) {
    invoices.push(next(commitment, invoices, period, calls[i] ?? 0));
  }
  return invoices;
}

const rowsOf = (period: Period, calls: number) => [closed(`${monthOf(period.start)}-10T00`, String(calls))];

function next(commitment: Commitment, invoices: readonly Invoice[], period: Period, calls: number): Invoice {
  const committed = committedTerms(commitment, period, invoices.map(stored));
  return usageInvoice({ period, cards: [GROWTH, FREE], rows: rowsOf(period, calls), change: { committed } });
}

describe('a commitment', () => {
  test('is trued up with the last period of its term', () => {
    const invoices = months(QUARTER, [260_000, 10_000, 10_000, 10_000]);
    expect(invoices.map(({ total }) => total)).toEqual(['149.00', '49.00', '302.00', '49.00']); // 500 − 149 − 49 − 49
    expect(invoices[2]?.lines.at(-1)).toMatchObject({
      ...{ kind: 'commitment', amount: '253.00', rule: 'q', from: '2026-01-01T00:00:00Z', to: '2026-04-01T00:00:00Z' },
      creditReason: null,
    });
    expect(invoices[2]?.rated[0]?.total).toBe('49.00');
  });
  test('that was reached adds nothing', () => {
    const invoices = months({ ...QUARTER, amount: '147.00' }, [0, 0, 0]);
    expect(invoices.map(amounts)).toEqual([['flat 49.00'], ['flat 49.00'], ['flat 49.00']]);
  });
  test('begins with the first period on or after its date', () => {
    const invoices = months({ ...QUARTER, from: '2026-01-02' }, [0, 0, 0, 0]);
    expect(invoices.map(({ total }) => total)).toEqual(['49.00', '49.00', '49.00', '402.00']);
  });
  test('goes on term by term, as long as was agreed', () => {
    const twice = months({ ...QUARTER, periods: 1, terms: 2 }, [0, 0, 0]);
    expect(twice.map(({ total }) => total)).toEqual(['500.00', '500.00', '49.00']);
  });
  test('late usage after its end makes the true-up smaller by as much', () => {
    const invoices = months(QUARTER, [0, 0, 0]);
    expect(invoices[2]?.total).toBe('402.00');
    const [january] = periodsFrom(1, JANUARY.start, 1) as [Period];
    const april = periodsFrom(1, JANUARY.start, 4)[3] as Period;
    const rows = [...rowsOf(january, 0), closed('2026-01-10T00', '260000', { adjustment: 1 })];
    const earlier = [
      { ...inputOf({ period: january, rows }).current, total: '49.00', taken: [], lines: invoices[0]?.lines ?? [] },
    ];
    const committed = committedTerms(QUARTER, april, invoices.map(stored));
    const invoice = usageInvoice({ period: april, change: { earlier, committed } });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'commitment -100.00', 'adjustment 100.00']);
    expect(invoice.lines[1]).toMatchObject({ creditReason: 'commitment q' });
  });
  test.each(['VOID', 'DROPPED', 'SHADOW'] as const)('counts no period whose invoice is %s', (state) => {
    const invoices = months(QUARTER, [0, 0]).map((invoice) => ({ invoice, state }));
    expect(committedTerms(QUARTER, periodsFrom(1, JANUARY.start, 3)[2] as Period, invoices)).toEqual([]);
  });
  test('whatever is used, a term costs the larger of what was committed and what was used', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_500_000 }), { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 0, max: 1000 }),
        (calls, amount) => {
          const invoices = months({ ...QUARTER, amount: String(amount) }, calls);
          const paid = invoices.reduce((sum, { total }) => sum + units(total), 0n);
          const used = invoices.reduce((sum, { rated }) => sum + units(rated[0]?.total ?? '0'), 0n);
          const committed = BigInt(amount) * 100n;
          expect(paid).toBe(committed > used ? committed : used);
        },
      ),
      { seed: 61, numRuns: 60 },
    );
  });
});
