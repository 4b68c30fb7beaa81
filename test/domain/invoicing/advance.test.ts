import fc from 'fast-check';
import { advancesFor, hasAdvanceFees } from '../../../lib/domain/invoicing/advance.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { periodAt, periodsFrom } from '../../../lib/domain/invoicing/periods.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { addHours, parseMonth, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { closed, decision, FREE, GROWTH, hour, JANUARY } from '../../app/invoice-customer/fixtures.ts';
import { advanceInvoice, amounts, type Given, IN_ADVANCE, units, usageInvoice } from './drafting.ts';

const paid = (invoice: Invoice) => ({ invoice, state: 'PAID' as const });
/** The usage invoice of the same things, less what an advance invoice charged. */
const afterAdvance = (given: Given, advance: Invoice): Invoice =>
  usageInvoice({
    ...given,
    change: { ...given.change, advances: advancesFor(given.period ?? JANUARY, [paid(advance)]) },
  });

describe('an advance invoice', () => {
  const cards = [IN_ADVANCE, FREE];
  test('has the fees that are due when the period begins, and nothing of its usage', () => {
    const invoice = advanceInvoice({ cards });
    expect(amounts(invoice)).toEqual(['flat 49.00']);
    expect(invoice).toMatchObject({ kind: 'advance', total: '49.00', rated: [], start: '2026-01-01T00:00:00Z' });
    expect(invoice.lines[0]).toMatchObject({ charge: 'platform', rateCard: 'growth@2026-01-01', rulesCommit: 'c1' });
  });
  test('is of nothing for a card whose fees are due at the end', () => {
    expect(advanceInvoice({})).toMatchObject({ lines: [], total: '0.00', currency: 'USD' });
    expect([hasAdvanceFees(GROWTH), hasAdvanceFees(IN_ADVANCE)]).toEqual([false, true]);
  });
  test('prorates the first period from registration', () => {
    const active = { start: parseTimestamp('2026-01-16T00:00:00Z'), end: JANUARY.end };
    expect(advanceInvoice({ cards, active }).total).toBe('25.29'); // 49 × 16/31
  });
  test('takes percentage discounts of card, decision and coupon; an amount waits for the usage invoice', () => {
    const discounts = [
      { id: 'annual', percent: '10' },
      { id: 'sorry', amount: '5.00' },
    ];
    const coupons = [{ id: 'launch', percent: '50', from: '2026-01-01', until: null }];
    const invoice = advanceInvoice({ cards: [{ ...IN_ADVANCE, discounts }], terms: { coupons } });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'discount -4.90', 'discount -22.05']);
  });
  test('knows no minimum, maximum or spend cap', () => {
    const card: RateCard = { ...IN_ADVANCE, minimum: { amount: '100.00' }, maximum: { amount: '40.00' } };
    const spendCaps = [{ cap: { amount: '10', mode: 'hard' as const }, since: 0 }];
    expect(amounts(advanceInvoice({ cards: [card], change: { spendCaps } }))).toEqual(['flat 49.00']);
  });
  test('charges no fee while a trial lasts: what its end makes due comes with the usage invoice', () => {
    const free = { model: 'flat', amount: '0.00', due: 'inAdvance', proration: 'second' } as const;
    const trial: RateCard = {
      ...IN_ADVANCE,
      phases: [{ id: 'trial', days: 14, charges: { platform: { price: free } } }],
    };
    const given = { cards: [trial], change: { customerSince: '2026-01-01' } };
    const advance = advanceInvoice(given);
    expect(advance).toMatchObject({ total: '0.00' });
    // 49.00 × 17/31
    expect(afterAdvance(given, advance)).toMatchObject({ total: '26.87' });
    // A ramp is owed from its first day on, and so is what follows it: 22.13 − 11.06 (11.065, to the even cent) + 26.87.
    const ramp: RateCard = { ...IN_ADVANCE, phases: [{ id: 'ramp', days: 14, percent: '50' }] };
    expect(advanceInvoice({ ...given, cards: [ramp] }).total).toBe('37.94');
  });
  test('of a locked customer has the fees of the locked card', () => {
    const old = {
      ...IN_ADVANCE,
      effectiveFrom: '2025-01-01',
      charges: [{ id: 'platform', price: { model: 'flat', amount: '40', due: 'inAdvance' } }],
    } as const;
    const given = {
      cards: [old, IN_ADVANCE],
      decisions: [decision({ protection: ['legacy'] })],
      protection: { legacy: { kind: 'lock' as const, rateCard: 'growth@2025-01-01' } },
    };
    expect(advanceInvoice(given).total).toBe('40.00');
  });
  test('of a year has the lines of twelve periods, each with its own hours and the card in force then', () => {
    const dearer = {
      ...IN_ADVANCE,
      effectiveFrom: '2026-07-01',
      charges: [{ id: 'platform', price: { model: 'flat', amount: '60.00', due: 'inAdvance' } }],
    } as const;
    const invoice = advanceInvoice({ cards: [IN_ADVANCE, dearer] }, periodsFrom(1, JANUARY.start, 12));
    expect(invoice.lines.map(({ amount }) => amount)).toEqual([...Array(6).fill('49.00'), ...Array(6).fill('60.00')]);
    expect(invoice).toMatchObject({ start: '2026-01-01T00:00:00Z', end: '2027-01-01T00:00:00Z', total: '654.00' });
    expect(invoice.lines[1]).toMatchObject({ from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z' });
  });
});

describe('the usage invoice takes off what was charged in advance', () => {
  const cards = [IN_ADVANCE, FREE];
  const rows = [closed('2026-01-15T10', '250000')];
  test('line by line, naming the advance invoice', () => {
    const invoice = afterAdvance({ cards, rows }, advanceInvoice({ cards }));
    expect(amounts(invoice)).toEqual(['flat 49.00', 'included 0.00', 'usage 96.00', 'advance -49.00']);
    expect(invoice.lines[3]).toMatchObject({
      charge: 'platform',
      creditReason: 'charged by the advance invoice of 2026-01-01',
    });
    expect(invoice).toMatchObject({ total: '96.00', rated: [{ total: '145.00' }] });
  });
  test('an upgrade in the middle costs the prorated difference at the end', () => {
    const big: RateCard = {
      ...IN_ADVANCE,
      id: 'scale',
      charges: [{ id: 'platform', price: { model: 'flat', amount: '149.00', due: 'inAdvance', proration: 'second' } }],
      freeMeters: ['api-calls'],
    };
    const upgrade = decision({ effectiveFrom: hour('2026-01-16T12'), rateCard: 'scale@2026-01-01' });
    const invoice = afterAdvance(
      { cards: [...cards, big], decisions: [decision(), upgrade] },
      advanceInvoice({ cards }),
    );
    expect(amounts(invoice)).toEqual(['flat 24.50', 'flat 74.50', 'advance -49.00']);
    expect(invoice.total).toBe('50.00');
  });
  test('of a year by the period that each line begins in', () => {
    const year = advanceInvoice({ cards }, periodsFrom(1, JANUARY.start, 12));
    const march = parseMonth('2026-03');
    expect(advancesFor(march, [paid(year)])).toMatchObject([
      { line: '0003', amount: '49.00', invoice: '2026-01-01T00:00:00Z' },
    ]);
    expect(advancesFor(parseMonth('2027-01'), [paid(year)])).toEqual([]);
  });
  test.each(['VOID', 'DROPPED', 'SHADOW'] as const)('but not one that is %s', (state) => {
    expect(advancesFor(JANUARY, [{ invoice: advanceInvoice({ cards }), state }])).toEqual([]);
  });
  test('a downgrade leaves credit, which is carried', () => {
    const free = decision({ effectiveFrom: hour('2026-01-16T12'), rateCard: 'free@2026-01-01' });
    const invoice = afterAdvance({ cards, decisions: [decision(), free] }, advanceInvoice({ cards }));
    expect(amounts(invoice)).toEqual(['flat 24.50', 'advance -49.00', 'carry 24.50']);
    expect(invoice).toMatchObject({
      total: '0.00',
      grants: [{ id: 'carry:2026-01-01T00:00:00Z', kind: 'paid', amount: '24.50', currency: 'USD', expiresAt: null }],
    });
  });

  const anyCard = fc.record({
    fee: fc.integer({ min: 0, max: 20_000 }),
    percent: fc.integer({ min: 0, max: 100 }),
    proration: fc.constantFrom('none' as const, 'day' as const, 'second' as const),
    minimum: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined }),
    calls: fc.integer({ min: 0, max: 1_000_000 }),
    from: fc.integer({ min: 0, max: 700 }),
  });
  const cents = (n: number) => (n / 100).toFixed(2);
  test('so that both together are the bill without an advance, whatever the card', () => {
    fc.assert(
      fc.property(anyCard, ({ fee, percent, proration, minimum, calls, from }) => {
        const card = (due: 'inAdvance' | 'inArrears'): RateCard => ({
          ...GROWTH,
          charges: [
            { id: 'platform', price: { model: 'flat', amount: cents(fee), proration, due } },
            ...GROWTH.charges.slice(1),
          ],
          discounts: [{ id: 'd', percent: String(percent) }],
          ...(minimum === undefined ? {} : { minimum: { amount: cents(minimum) } }),
        });
        const start = addHours(hour('2026-01-01T00'), from) * 3_600_000;
        const given = { rows: [closed('2026-01-31T10', String(calls))], active: { start, end: JANUARY.end } };
        const plain = usageInvoice({ ...given, cards: [card('inArrears')] });
        const advance = advanceInvoice({ ...given, cards: [card('inAdvance')] });
        const usage = afterAdvance({ ...given, cards: [card('inAdvance')] }, advance);
        const carried = usage.grants.reduce((sum, { amount }) => sum + units(amount), 0n);
        expect(units(advance.total) + units(usage.total) - carried).toBe(units(plain.total));
      }),
      { seed: 11, numRuns: 150 },
    );
  });
  test('twelve months of one annual invoice are twelve monthly ones where no price changes, on any anchor', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 0, max: 20_000 }), (day, fee) => {
        const card: RateCard = {
          ...GROWTH,
          effectiveFrom: '2024-01-01',
          charges: [
            { id: 'platform', price: { model: 'flat', amount: cents(fee), due: 'inAdvance', proration: 'second' } },
          ],
        };
        const periods = periodsFrom(day, periodAt(day, JANUARY.start).start, 12);
        const given = { cards: [card], decisions: [decision({ effectiveFrom: hour('2025-01-01T00') })] };
        const year = advanceInvoice(given, periods);
        const months = periods.map((period) => advanceInvoice(given, [period]));
        expect(year.lines.map(({ id: _id, ...line }) => line)).toEqual(
          months.flatMap(({ lines }) => lines.map(({ id: _id, ...line }) => line)),
        );
        expect(units(year.total)).toBe(months.reduce((sum, { total }) => sum + units(total), 0n));
      }),
      { seed: 12, numRuns: 40 },
    );
  });
});
