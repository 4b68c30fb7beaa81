import fc from 'fast-check';
import { digestOf } from '../../../lib/domain/invoicing/canonical.ts';
import { usageDigest } from '../../../lib/domain/invoicing/closed-usage.ts';
import type { Invoice, InvoiceLine } from '../../../lib/domain/invoicing/invoice.ts';
import type { ClosedHour, ClosedQuantity } from '../../../lib/domain/metering/meters.ts';
import { type Places, reconcile } from '../../../lib/domain/reconciliation/reconcile.ts';
import { addHours, formatHour, type Hour, parseHour } from '../../../lib/domain/time/time.ts';

const START = parseHour('2026-01-15T10:00:00Z');
const quantity = (n: number, group: string | null = null): ClosedQuantity => ({
  meter: 'api-calls',
  group,
  quantity: String(n),
});
const row = (hour: number, n: number, adjustment = 0): ClosedHour => ({
  ...{ customer: 'acme', hour: addHours(START, hour), adjustment, usage: [quantity(n)] },
  ...{ ruleset: 'r', digest: `d${hour}` },
});
const line = (id: string, n: number, amount: string): InvoiceLine => ({
  ...{ id, kind: 'usage', charge: 'calls', meter: 'api-calls', group: null, tier: 1, window: null },
  ...{ quantity: String(n), unitPrice: '0.10', amount, rateCard: 'growth@2026-01-01', rule: 'r', rulesCommit: 'c' },
  ...{
    usageDigest: 'u',
    from: formatHour(START),
    to: formatHour(addHours(START, 4)),
    creditReason: null,
    explanation: 'x',
  },
});

function invoiceOf(rows: readonly ClosedHour[], lines: readonly InvoiceLine[], adjustments: string[] = []): Invoice {
  const [start, end] = [formatHour(START), formatHour(addHours(START, 4))];
  const digest = usageDigest(rows);
  const content = {
    ...{ customer: 'acme', start, end, kind: 'usage' as const, currency: 'USD', lines, total: '1.00' },
    ...{ credits: [], grants: [], rated: [{ start, end, total: '1.00', adjustments, usageDigest: digest }] },
    usageDigest: digest,
  };
  return { ...content, digest: digestOf(content) };
}

const ROWS = [row(0, 3), row(1, 3), row(3, 4)];
const LINES = [line('0001', 6, '0.60'), line('0002', 4, '0.40')];
const INVOICE = invoiceOf(ROWS, LINES);
const AGREED: Places & { readonly invoice: Invoice } = {
  ...{ customer: 'acme', kind: 'usage' },
  logged: new Map<Hour, ClosedQuantity[]>(ROWS.map(({ hour, usage }) => [hour, [...usage]])),
  closed: ROWS,
  invoice: INVOICE,
  stripe: LINES.map(({ id, amount }) => ({ line: id, amount })),
};
const log = (...hours: [number, number][]) =>
  new Map<Hour, ClosedQuantity[]>(hours.map(([hour, n]) => [addHours(START, hour), [quantity(n)]]));
const edited = (lines: readonly InvoiceLine[]): Invoice => ({ ...INVOICE, lines });

test('four places that agree have no difference', () => {
  expect(reconcile(AGREED)).toEqual([]);
});

const HOUR_1 = { from: '2026-01-15T11:00:00Z', to: '2026-01-15T12:00:00Z' };
const PERIOD = { from: '2026-01-15T10:00:00Z', to: '2026-01-15T14:00:00Z' };

describe('a line that is dropped, doubled or changed in one place is named, with its hours', () => {
  test.each([
    {
      what: 'dropped from the ledger',
      change: { logged: log([0, 3], [1, 2], [3, 4]) },
      found: { place: 'logged', ...HOUR_1, says: { logged: '2', closed: '3' } },
    },
    {
      what: 'doubled in the ledger',
      change: { logged: log([0, 3], [1, 4], [3, 4]) },
      found: { place: 'logged', ...HOUR_1, says: { logged: '4', closed: '3' } },
    },
    {
      what: 'changed in the ledger: to another hour',
      change: { logged: log([0, 4], [1, 2], [3, 4]) },
      found: { place: 'logged', ...HOUR_1 },
    },
    {
      what: 'a row dropped from the closed ones',
      change: { closed: [row(0, 3), row(3, 4)] },
      found: { place: 'closed', ...HOUR_1, says: { logged: '3', closed: '0' } },
    },
    {
      what: 'a row doubled among the closed ones',
      change: { closed: [...ROWS, row(1, 3)] },
      found: { place: 'closed', ...HOUR_1, says: { logged: '3', closed: '6' } },
    },
    {
      what: 'a closed row changed',
      change: { closed: [row(0, 3), row(1, 7), row(3, 4)] },
      found: { place: 'closed', ...HOUR_1 },
    },
    {
      what: 'dropped from the invoice',
      change: { invoice: edited([line('0001', 6, '0.60')]) },
      found: { place: 'rated', ...PERIOD, meter: 'api-calls', says: { closed: '10', rated: '6' } },
    },
    {
      what: 'doubled on the invoice',
      change: { invoice: edited([...LINES, line('0003', 4, '0.40')]) },
      found: { place: 'rated', line: '0003', says: { rated: '0.40', stripe: null } },
    },
    {
      what: 'changed on the invoice',
      change: { invoice: edited([line('0001', 6, '0.61'), line('0002', 4, '0.40')]) },
      found: { place: 'rated', line: '0001', says: { rated: '0.61', stripe: '0.60' } },
    },
    {
      what: 'dropped at Stripe',
      change: { stripe: [{ line: '0001', amount: '0.60' }] },
      found: { place: 'stripe', ...PERIOD, line: '0002', says: { rated: '0.40', stripe: null } },
    },
    {
      what: 'doubled at Stripe',
      change: { stripe: [...(AGREED.stripe ?? []), { line: '0002', amount: '0.40' }] },
      found: { place: 'stripe', line: '0002', says: { rated: '0.40', stripe: '0.40 + 0.40' } },
    },
    {
      what: 'changed at Stripe',
      change: {
        stripe: [
          { line: '0001', amount: '0.60' },
          { line: '0002', amount: '0.41' },
        ],
      },
      found: { place: 'stripe', line: '0002', says: { rated: '0.40', stripe: '0.41' } },
    },
    {
      what: 'added at Stripe by hand',
      change: { stripe: [...(AGREED.stripe ?? []), { line: null, amount: '5.00' }] },
      found: { place: 'stripe', line: null, says: { rated: null, stripe: '5.00' } },
    },
  ])('$what', ({ change, found }) => {
    const differences = reconcile({ ...AGREED, ...change });
    expect(differences).toContainEqual(expect.objectContaining(found));
    // No other place is blamed.
    expect(new Set(differences.map(({ place }) => place))).toEqual(new Set([found.place]));
  });
});

test('an outcome that the ledger has otherwise is named by its hour, also where the sum is the same', () => {
  const booked = (id: string): ClosedQuantity => ({
    ...{ meter: 'bookings', group: null, quantity: '80' },
    outcomes: [{ id, at: '2026-01-15T10:05:00Z', amount: '80' }],
  });
  const closed = [{ ...row(0, 0), usage: [booked('/shop#1')] }];
  const sold = { ...line('0001', 0, '1.00'), charge: 'bookings', meter: 'bookings', quantity: '80' };
  const places = {
    ...{ ...AGREED, closed, invoice: invoiceOf(closed, [sold]), stripe: [{ line: '0001', amount: '1.00' }] },
  };
  const logged = (id: string) => new Map([[START, [booked(id)]]]);
  expect(reconcile({ ...places, logged: logged('/shop#1') })).toEqual([]);
  expect(reconcile({ ...places, logged: logged('/shop#2') })).toMatchObject([
    { place: 'logged', from: formatHour(START), meter: 'bookings' },
  ]);
});

test('two calls that change hours within the ledger are both named', () => {
  const differences = reconcile({ ...AGREED, logged: log([0, 4], [1, 2], [3, 4]) });
  expect(differences.map(({ from, says }) => [from, says.logged, says.closed])).toEqual([
    ['2026-01-15T10:00:00Z', '4', '3'],
    ['2026-01-15T11:00:00Z', '2', '3'],
  ]);
});

test('late usage that the next invoice will take is no difference', () => {
  const late = row(1, 2, 1);
  expect(reconcile({ ...AGREED, closed: [...ROWS, late], logged: log([0, 3], [1, 5], [3, 4]) })).toEqual([]);
});

test('before there is an invoice the ledger and the closed rows are compared, and neither is blamed', () => {
  const open = { ...AGREED, invoice: null, stripe: null };
  expect(reconcile(open)).toEqual([]);
  expect(reconcile({ ...open, logged: log([0, 3], [3, 4]) })).toMatchObject([{ place: null, ...HOUR_1 }]);
});

test('an invoice that is not what its digest says is found even where nothing else tells', () => {
  const invoice = edited([{ ...line('0001', 6, '0.60'), explanation: 'y' }, line('0002', 4, '0.40')]);
  expect(reconcile({ ...AGREED, invoice, stripe: null })).toMatchObject([{ place: 'rated' }]);
});

test('any change of any hour in the ledger is found at that hour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 50 }), (hour, n) => {
      const logged = new Map(AGREED.logged);
      const before = Number(logged.get(addHours(START, hour))?.[0]?.quantity ?? '0');
      logged.set(addHours(START, hour), [quantity(n)]);
      const differences = reconcile({ ...AGREED, logged });
      expect(differences.map(({ place, from }) => [place, from])).toEqual(
        n === before ? [] : [['logged', formatHour(addHours(START, hour))]],
      );
    }),
    { seed: 7 },
  );
});
