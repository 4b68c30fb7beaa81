import fc from 'fast-check';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import { add, compare, parseDecimal, ZERO } from '../../../lib/domain/money/decimal.ts';
import { type UsageReportInput, usageReport } from '../../../lib/domain/reporting/usage-report.ts';
import { addHours, type Hour, hourOf, parseHour, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { calls, cardWith, decisionOf, OCTOBER, officeHours, RULES, reportInput, type World } from './report-world.ts';

const report = (world: World = {}) => usageReport(reportInput(world));
const sum = (values: readonly string[]) => values.map(parseDecimal).reduce(add, ZERO);
const same = (a: readonly string[], b: string) => compare(sum(a), parseDecimal(b)) === 0;
const OPEN = { asOf: '2026-10-20T09:30:00Z' };

describe('a period that was invoiced', () => {
  const { usage, bill, comparison, savings, forecast, period, reasons } = report();
  test('every view of the usage adds up to the same quantity, which the lines bill', () => {
    expect(usage.total).not.toBe('0');
    for (const view of [
      usage.groups.map((g) => g.quantity),
      usage.days.map((d) => d.total),
      usage.week.flatMap((d) => d.hours),
    ]) {
      expect(same(view, usage.total)).toBe(true);
    }
    const billed = bill.lines.flatMap(({ meter, quantity }) =>
      meter === 'api-calls' && quantity !== null ? [quantity] : [],
    );
    expect(same(billed, usage.total)).toBe(true);
    for (const { total, quantities } of usage.days) expect(same(quantities, total)).toBe(true);
  });
  test('the bill is the invoice, line by line', () => {
    const invoice = reportInput().invoices[0]?.invoice;
    expect(bill).toMatchObject({ basis: 'invoiced', state: 'PAID', total: invoice?.total, digest: invoice?.digest });
    expect(bill.lines.map(({ title: _, ...line }) => line)).toEqual(invoice?.lines);
    expect(bill.lines.map(({ title }) => title)).toEqual([
      'platform',
      'calls, included',
      'calls, tier 1',
      'status',
      'payments',
      'discount startup-programme',
    ]);
  });
  test('what the discount took is what was saved', () => {
    expect(savings.total).toBe(bill.lines.at(-1)?.amount.slice(1));
    expect(savings.parts).toHaveLength(1);
  });
  test('it is compared with the invoice of the period before', () => {
    expect(comparison).toMatchObject({ period: '2026-09', basis: 'period', total: { after: bill.total } });
    expect(same([comparison?.total?.before ?? '', comparison?.total?.change ?? ''], bill.total ?? '')).toBe(true);
  });
  test('it is closed, has no forecast, and names the rules that decided', () => {
    expect([period.state, forecast]).toEqual(['closed', null]);
    expect(reasons[0]).toMatchObject({
      cardName: 'Growth',
      tierRule: 'growth-for-startups',
      from: '2026-10-01T00:00:00Z',
      to: '2026-11-01T00:00:00Z',
    });
  });
  test('calls are told by status class', () => {
    expect(usage.statuses?.classes?.map(({ statusClass }) => statusClass)).toEqual(['2xx', '4xx']);
    expect(same(usage.statuses?.classes?.map((c) => c.calls) ?? [], usage.statuses?.calls ?? '')).toBe(true);
  });
  test('status classes are left out where a closed hour did not keep them', () => {
    const input = reportInput();
    const [first, ...rest] = input.rows.filter(({ hour }) => hour >= hourOf(OCTOBER.start));
    const { byStatus: _, ...tallies } = first?.tallies ?? { calls: 1, errors: 0, byGroup: {}, byClient: {} };
    const rows = [{ ...(first as ClosedHour), tallies }, ...rest];
    expect(usageReport({ ...input, rows }).usage.statuses).toMatchObject({ classes: null });
  });
});

test('views add up whatever was used', () => {
  const use = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 743 }),
      fc.integer({ min: 1, max: 1_000_000_000 }),
      fc.constantFrom(null, 'search', 'bulk'),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(use, (entries) => {
      const at = (hour: Hour) =>
        entries
          .filter(([index]) => addHours(hourOf(OCTOBER.start), index) === hour)
          .map(([, quantity, group]) => calls(quantity, group));
      const { usage, bill } = report({
        use: at,
        since: hourOf(OCTOBER.start),
        decisions: [decisionOf({ discounts: [] })],
      });
      const expected = String(entries.reduce((all, [, quantity]) => all + BigInt(quantity), 0n));
      expect(usage.total).toBe(expected);
      expect(
        same(
          usage.groups.map((g) => g.quantity),
          expected,
        ),
      ).toBe(true);
      expect(
        same(
          usage.days.map((d) => d.total),
          expected,
        ),
      ).toBe(true);
      expect(
        same(
          usage.week.flatMap((d) => d.hours),
          expected,
        ),
      ).toBe(true);
      expect(
        same(
          bill.lines.map(({ amount }) => amount),
          bill.total ?? '',
        ),
      ).toBe(true);
    }),
    { numRuns: 25, seed: 20_261_001 },
  );
});

describe('a month that is still open', () => {
  const { bill, forecast, usage, period, notices, comparison, otherCards } = report(OPEN);
  test('is rated as far as it is counted, and says so', () => {
    expect(bill.basis).toBe('soFar');
    expect(period).toMatchObject({ state: 'open', closedUntil: '2026-10-19T07:00:00Z' });
    expect(notices).toContainEqual({ severity: 'info', message: expect.stringContaining('still open') });
    expect(Number(usage.provisional)).toBeGreaterThan(0);
    expect(usage.days.at(-1)).toMatchObject({ day: '2026-10-20', provisional: true });
  });
  test('has a forecast within its bounds, of what is counted and what is to come', () => {
    const { low = '', expected = '', high = '' } = forecast?.quantity ?? {};
    expect(forecast?.weeks).toBe(4);
    expect(Number(low)).toBeLessThanOrEqual(Number(expected));
    expect(Number(expected)).toBeLessThanOrEqual(Number(high));
    const counted = usage.days.filter(({ day }) => day < '2026-10-20').map(({ total }) => total);
    expect(same([...counted, ...(forecast?.days.map((d) => d.expected) ?? [])], expected)).toBe(true);
    expect(forecast?.days.map(({ day }) => day)).toHaveLength(12);
  });
  test('the expected bill is what rating makes of the expected usage', () => {
    expect(Number(forecast?.total?.expected)).toBeGreaterThan(Number(bill.total));
    expect(comparison).toMatchObject({ basis: 'forecast', total: { after: forecast?.total?.expected } });
    expect(
      otherCards.every(
        ({ total, difference }) => total === null || same([forecast?.total?.expected ?? '', difference ?? ''], total),
      ),
    ).toBe(true);
  });
  test('usage that repeats itself exactly is forecast exactly', () => {
    const steady = report({ ...OPEN, use: () => [calls(10, 'search')] });
    expect(steady.forecast?.quantity).toEqual({ low: '7430', expected: '7430', high: '7430' });
  });
  test('without a whole week of usage there is none, and a reason', () => {
    const { forecast, comparison } = report({ asOf: '2026-10-06T09:30:00Z', since: hourOf(OCTOBER.start) });
    expect(forecast).toMatchObject({
      quantity: null,
      total: null,
      weeks: 0,
      explanation: expect.stringContaining('one whole week'),
    });
    expect(comparison).toBeNull();
  });
});

describe('how to pay less', () => {
  test('other cards cost what rating makes of the same usage at list price, the cheapest first', () => {
    const { otherCards } = report({ use: () => [calls(1)] });
    expect(otherCards.map(({ rateCard, total }) => [rateCard, total])).toEqual([
      ['free@2025-01-01', '0.00'],
      ['business@2025-01-01', '250.00'],
      ['enterprise@2025-01-01', '1000.00'],
    ]);
  });
  test('a cheaper one is advised with what it saves', () => {
    const { advice, bill } = report({ use: () => [calls(1)] });
    expect(advice[0]).toMatchObject({ kind: 'other-card', saving: bill.total });
  });
  test.each([
    ['quota', { use: () => [calls(200)] }, 'free@2025-01-01', 'its quota is 50,000 calls'],
    ['features', { use: () => [calls(1, 'bulk')] }, 'free@2025-01-01', 'it does not include bulk'],
  ] as const)('one that could not carry the usage says why: %s', (_, world, card, reason) => {
    const found = report(world).otherCards.find(({ rateCard }) => rateCard === card);
    expect(found).toMatchObject({ total: null, obstacle: expect.stringContaining(reason) });
  });
  test('one in another currency, and one without a price for a meter, say so', () => {
    const others = [
      cardWith({ id: 'yen', currency: 'JPY' }),
      cardWith({ id: 'bare', charges: [], features: ['search', 'payments', 'status'] }),
    ];
    const rules = { ...RULES, rateCards: [...RULES.rateCards, ...others] };
    const { otherCards } = report({ rules });
    expect(otherCards.find(({ rateCard }) => rateCard.startsWith('yen'))?.obstacle).toBe('it is priced in JPY');
    expect(otherCards.find(({ rateCard }) => rateCard.startsWith('bare'))?.obstacle).toContain(
      'cannot price this usage',
    );
  });
  test('only cards on offer are asked', () => {
    expect(report({ change: { offered: ['free'] } }).otherCards.map(({ name }) => name)).toEqual(['Free']);
  });
  test('reserved capacity that would pay is advised by the difference of two bills', () => {
    const rateCard = 'enterprise@2025-01-01';
    const plain = cardWith({
      id: 'enterprise',
      effectiveFrom: '2025-01-01',
      charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.01' } }],
    });
    const rules = { ...RULES, rateCards: [plain] };
    const decisions = [decisionOf({ rateCard, discounts: [] })];
    const { advice, bill } = report({ rules, decisions, use: () => [calls(200)] });
    // 200 an hour for 0.02 instead of 200 × 0.01 an hour.
    expect(bill.total).toBe('1488.00');
    expect(advice).toContainEqual(expect.objectContaining({ kind: 'reserve', saving: '1473.12' }));
    const reservedCapacity = { charge: 'calls', quantity: '200', per: 'hour' as const, amount: '3' };
    const dear = report({
      rules,
      decisions: [decisionOf({ rateCard, discounts: [], reservedCapacity })],
      use: () => [calls(200)],
    });
    expect(dear.advice).toContainEqual(expect.objectContaining({ kind: 'unreserve', saving: '744.00' }));
  });
  test('a minimum that was not used up is named', () => {
    const { advice } = report({
      decisions: [decisionOf({ rateCard: 'business@2025-01-01', discounts: [] })],
      use: () => [calls(1)],
    });
    expect(advice).toContainEqual(
      expect.objectContaining({ kind: 'minimum', saving: null, title: 'USD 51.00 of the minimum was not used' }),
    );
  });
});

describe('what a reader must know', () => {
  const said = (world: World) =>
    report(world)
      .notices.map(({ message }) => message)
      .join('\n');
  test('late usage: counted, and billed by a later invoice', () => {
    const late: ClosedHour = {
      customer: 'acme',
      hour: parseHour('2026-10-05T10:00:00Z'),
      adjustment: 1,
      usage: [calls(7)],
      ruleset: 'r1',
      digest: 'late',
    };
    const [before, after] = [report(), report({ late: [late] })];
    expect(after.notices[0]?.message).toContain('One correction of this period came after its invoice');
    expect(Number(after.usage.total) - Number(before.usage.total)).toBe(7);
    expect(after.bill.total).toBe(before.bill.total);
  });
  test('a suspended customer, with the reason', () => {
    expect(said({ change: { status: 'suspended', statusReason: 'payment-overdue' } })).toContain(
      'Calls are refused at present: payment-overdue.',
    );
  });
  test('hours that are not closed yet once the period is over', () => {
    expect(said({ asOf: '2026-11-01T05:00:00Z' })).toContain('Hours from 2026-10-31T03:00:00Z on are not closed yet');
  });
  test('an invoice that is held, and why', () => {
    const held = { state: 'HELD' as const, invoice: null, held: 'rises by 400 %', kind: 'usage', creditNotes: [] };
    const held_ = report({ change: { invoices: [held] } });
    expect(held_.bill).toMatchObject({ basis: 'soFar', state: 'HELD' });
    expect(held_.notices[0]?.message).toContain('rises by 400 %');
  });
  test('usage that nothing prices', () => {
    const { bill, notices, currency } = report({
      invoiced: false,
      use: () => [{ meter: 'unknown', group: null, quantity: '1' }],
    });
    expect([bill.basis, bill.total, currency]).toEqual(['none', null, null]);
    expect(notices[0]).toMatchObject({ severity: 'warning', message: expect.stringContaining('could not be priced') });
  });
});

describe('ugly data', () => {
  test('no usage: the fee alone, no groups, no peak', () => {
    const { usage, bill } = report({ use: () => [] });
    expect(usage).toMatchObject({ total: '0', groups: [], peak: null, statuses: null });
    expect(bill.total).toBe('24.50');
  });
  test('a million calls in an hour are the peak', () => {
    const busy = parseHour('2026-10-15T12:00:00Z');
    const { usage } = report({ use: (hour) => (hour === busy ? [calls(1_000_000)] : []) });
    expect(usage.peak).toEqual({ hour: '2026-10-15T12:00:00Z', quantity: '1000000' });
  });
  test('40 groups stand by quantity', () => {
    const { usage } = report({
      use: (hour) => (hour % 24 === 0 ? Array.from({ length: 40 }, (_, i) => calls(i + 1, `g${i}`)) : []),
    });
    expect(usage.groups).toHaveLength(40);
    expect(usage.groups[0]).toMatchObject({ group: 'g39', quantity: String(40 * 31) });
  });
  test('a time zone 14 hours away moves the hours of the day, not the days of the bill', () => {
    const noon = (hour: Hour) => (hour % 24 === 12 ? [calls(10)] : []);
    const { usage } = report({
      use: noon,
      change: { customer: { id: 'acme', name: 'Acme', timeZone: 'Pacific/Kiritimati' } },
    });
    expect(usage.days.every(({ total }) => total === '10')).toBe(true);
    expect(usage.week.every(({ hours }) => hours.every((quantity, hour) => (hour === 2) === (quantity !== '0')))).toBe(
      true,
    );
  });
  test.each([
    ['JPY', '3', '744', '2232'],
    ['KWD', '0.0015', '744', '1.116'],
  ])('%s keeps its own decimals', (currency, unitPrice, quantity, total) => {
    const rules = {
      ...RULES,
      rateCards: [
        cardWith({ currency, charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice } }] }),
      ],
    };
    const found = report({ rules, decisions: [decisionOf({ discounts: [] })], use: () => [calls(1)] });
    expect([found.currency, found.usage.total, found.bill.total]).toEqual([currency, quantity, total]);
  });
  test('amounts that events carry are billed, and not forecast', () => {
    const charges = [{ id: 'fee', meter: 'payments', price: { model: 'percentage' as const, percent: '1' } }];
    const rules = { ...RULES, rateCards: [cardWith({ charges })] };
    const use = (hour: Hour) => [
      {
        meter: 'payments',
        group: null,
        quantity: '30.00',
        ...(hour >= hourOf(parseTimestamp('2026-10-19T07:00:00Z')) ? {} : { events: ['10.00', '20.00'] }),
      },
    ];
    const { forecast, usage } = report({ ...OPEN, rules, use, decisions: [decisionOf({ discounts: [] })] });
    expect(usage.meters[0]).toMatchObject({ meter: 'payments', events: 2 * 439 });
    expect(forecast?.explanation).toContain('Amounts reported as payments are not forecast.');
  });
  test('the same input is the same report, whatever the order of its rows', () => {
    const input: UsageReportInput = reportInput({ use: officeHours });
    const turned = { ...input, rows: [...input.rows].reverse() };
    expect(JSON.stringify(usageReport(turned))).toBe(JSON.stringify(usageReport(input)));
  });
});
