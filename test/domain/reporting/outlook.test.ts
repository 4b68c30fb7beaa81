import fc from 'fast-check';
import { usageDigest } from '../../../lib/domain/invoicing/closed-usage.ts';
import { ratePeriod } from '../../../lib/domain/invoicing/rate-period.ts';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import { totalOf } from '../../../lib/domain/reporting/bill.ts';
import { countUsage, expectedRows, outlookOf } from '../../../lib/domain/reporting/outlook.ts';
import { askPrice, type Rated, rateLikeInvoice } from '../../../lib/domain/reporting/rated.ts';
import { type UsageReportInput, usageReport } from '../../../lib/domain/reporting/usage-report.ts';
import { addHours, type Hour, hourOf, hoursOf } from '../../../lib/domain/time/time.ts';
import { calls, decisionOf, OCTOBER, officeHours, reportInput, type World } from './report-world.ts';

const OPEN = { asOf: '2026-10-20T09:30:00Z' };
const GROWTH_AGAIN = decisionOf({ effectiveFrom: hourOf(OCTOBER.start), discounts: [] });
const BUSINESS = decisionOf({
  ...{ effectiveFrom: addHours(hourOf(OCTOBER.start), 480), rateCard: 'business@2025-01-01', discounts: [] },
});

/** What an invoice would say of rows, made without any of the ways in which pages save work. */
function billed({ rating }: UsageReportInput, rows: readonly ClosedHour[], context = rating.context) {
  const { period, active, present } = rating;
  const pinned = new Map(
    [...hoursOf(period)].map((hour): [Hour, string] => [hour, rating.pinned.get(hour) ?? present]),
  );
  return ratePeriod({ period, active, pinned, rows: rows.map((row) => ({ ...row })) }, context);
}
const priced = (rated: Rated) => {
  if (!rated.ok) throw new Error(rated.reason);
  return rated.bill;
};

const WORLDS: readonly (World & { readonly why: string })[] = [
  { ...OPEN, why: 'one decision' },
  { ...OPEN, why: 'a change of card', decisions: [decisionOf(), BUSINESS] },
  {
    ...OPEN,
    why: 'a change ahead',
    decisions: [decisionOf(), GROWTH_AGAIN, { ...BUSINESS, effectiveFrom: addHours(hourOf(OCTOBER.end), -24) }],
  },
  { ...OPEN, why: 'steady use', use: () => [calls(10, 'search'), calls(3)] },
  { asOf: '2026-10-03T12:00:00Z', since: hourOf(OCTOBER.start), why: 'too little to look ahead' },
  { why: 'a month that is over' },
];

describe.each(WORLDS)('with $why, an outlook', (world) => {
  const input = reportInput(world);
  const counted = countUsage(input);
  const outlook = outlookOf(counted, input.rating);

  test('is what billing makes of what is counted, and of what is expected', () => {
    const [soFar, expected] = [billed(input, counted.counted), billed(input, expectedRows(counted))];
    const amounts = ({ lines }: { lines: typeof soFar.lines }) => lines.map(({ usageDigest: _, ...line }) => line);
    expect(amounts(priced(outlook.soFar))).toEqual(amounts(soFar));
    expect(amounts(priced(outlook.expected))).toEqual(amounts(expected));
    expect([priced(outlook.soFar).units, priced(outlook.expected).units]).toEqual([soFar.units, expected.units]);
  });

  test('has the bounds of the weeks that it looks back at, each rated by billing', () => {
    const totals = (counted.guess?.scenarios ?? []).map((rows) => billed(input, rows));
    const total = outlook.forecast?.total ?? null;
    if (totals.length === 0) return expect(total).toBeNull();
    const units = totals.map((bill) => bill.units).sort((a, b) => (a < b ? -1 : 1));
    const written = totals.map(totalOf);
    expect(written).toEqual(expect.arrayContaining([total?.low, total?.expected, total?.high]));
    expect(totalOf({ ...billed(input, []), units: units[0] ?? 0n })).toBe(total?.low);
    expect(totalOf({ ...billed(input, []), units: units.at(-1) ?? 0n })).toBe(total?.high);
  });

  test('is that of the report', () => {
    const report = usageReport({ ...input, invoices: [] });
    expect(report.forecast).toEqual(outlook.forecast);
    expect(report.bill.total).toBe(totalOf(priced(outlook.soFar)));
    expect(new Set(report.bill.lines.map((line) => line.usageDigest))).toEqual(new Set([usageDigest(counted.counted)]));
  });
});

test('a price that is only asked is the invoice’s, whatever order rows come in, and cites no evidence', () => {
  const { rating, rows } = reportInput({ ...OPEN, use: officeHours });
  const own = rows.filter(({ hour }) => hour >= hourOf(OCTOBER.start));
  const invoice = priced(rateLikeInvoice(rating, own));
  fc.assert(
    fc.property(fc.shuffledSubarray([...own.keys()], { minLength: own.length }), fc.boolean(), (order, backwards) => {
      const mixed = order.map((index) => {
        const row = own[index] as ClosedHour;
        return backwards ? { ...row, usage: row.usage.toReversed() } : row;
      });
      const asked = priced(askPrice(rating, mixed));
      expect({ ...asked, usageDigest: '', lines: asked.lines.map((line) => ({ ...line, usageDigest: '' })) }).toEqual({
        ...{ ...invoice, usageDigest: '' },
        lines: invoice.lines.map((line) => ({ ...line, usageDigest: '' })),
      });
      expect(asked.usageDigest).toBe('not billed');
      expect(usageDigest(mixed)).toBe(invoice.usageDigest);
    }),
    { numRuns: 20, seed: 20_261_127 },
  );
});

test('rows that name different meters one after the other are each put in order', () => {
  const used = (hour: number, ...groups: (string | null)[]): ClosedHour => ({
    ...{
      customer: 'acme',
      hour: addHours(hourOf(OCTOBER.start), hour),
      adjustment: 0,
      ruleset: 'r1',
      digest: `d${hour}`,
    },
    usage: groups.map((group) => calls(hour + 1, group)),
  });
  const tidy = [used(0, 'a', 'b', null), used(1, 'b', null), used(2, 'a', 'b', null), used(3, 'c')];
  const untidy = [used(3, 'c'), used(1, null, 'b'), used(0, null, 'b', 'a'), used(2, 'b', null, 'a')];
  expect(usageDigest(untidy)).toBe(usageDigest(tidy));
  const turning = [used(4, null, 'b'), used(5, 'b', null), used(6, null, 'b'), used(7, 'b', null)];
  expect(usageDigest(turning)).toBe(usageDigest([4, 5, 6, 7].map((hour) => used(hour, 'b', null))));
});
