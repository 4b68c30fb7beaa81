import fc from 'fast-check';
import type { CreditGrant } from '../../../lib/domain/credits/credit-grant.ts';
import type { DatedSpendCap } from '../../../lib/domain/invoicing/billing-terms.ts';
import { draftInvoice } from '../../../lib/domain/invoicing/draft.ts';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import {
  addHours,
  DAY_MS,
  formatHour,
  HOUR_MS,
  hourOf,
  type Period,
  parseDate,
  parseTimestamp,
} from '../../../lib/domain/time/time.ts';
import { closed, decision, FREE, GROWTH, hour, JANUARY } from '../../app/invoice-customer/fixtures.ts';
import { amounts, type Given, IN_ADVANCE, inputOf, units, usageInvoice } from './drafting.ts';

const grant = (id: string, balance: string, change: Partial<CreditGrant> = {}) => ({
  grant: {
    ...{
      id,
      customer: 'acme',
      kind: 'promo' as const,
      amount: balance,
      currency: 'USD',
      grantedAt: 0,
      expiresAt: null,
    },
    source: { by: 'ops', reason: 'because' },
    ...change,
  },
  balance,
});
const cap = (amount: string | null, since: string, mode: 'hard' | 'soft' = 'hard'): DatedSpendCap => ({
  cap: amount === null ? null : { amount, mode },
  since: parseTimestamp(since),
});
/** 49.00 of fee and 96.00 of usage. */
const busy: Given = { rows: [closed('2026-01-15T10', '250000')] };

test('everything at once stands in the order that is documented', () => {
  const card: RateCard = {
    ...IN_ADVANCE,
    discounts: [
      { id: 'tenth', percent: '10' },
      { id: 'calls-off', amount: '6.00', appliesTo: 'calls' },
    ],
    minimum: { amount: '120.00' },
    maximum: { amount: '119.00' },
  };
  const dearer = { id: 'platform', price: { model: 'flat' as const, amount: '59.00' } };
  const old: RateCard = { ...card, effectiveFrom: '2025-01-01', charges: [dearer, ...card.charges.slice(1)] };
  const invoice = usageInvoice({
    ...busy,
    cards: [old, card, FREE],
    decisions: [decision({ discounts: [{ id: 'startup', percent: '5' }], protection: ['legacy'] })],
    protection: { legacy: { kind: 'lock', rateCard: 'growth@2025-01-01' } },
    terms: { coupons: [{ id: 'launch', amount: '10.00', from: '2026-01-01', until: null }] },
    change: {
      spendCaps: [cap('110.00', '2025-12-01T00:00:00Z')],
      committed: [
        {
          commitment: { id: 'y1', amount: '300', from: '2025-12-01', periods: 2, terms: null },
          ...{ start: '2025-12-01T00:00:00Z', end: '2026-02-01T00:00:00Z', trueUp: '0' },
          rated: new Map([['2025-12-01T00:00:00Z', '100.00']]),
        },
      ],
      advances: [
        {
          invoice: '2026-01-01T00:00:00Z',
          line: '0001',
          charge: 'platform',
          amount: '49.00',
          currency: 'USD',
          rateCard: null,
          explanation: 'x',
        },
      ],
      grants: [grant('welcome', '20.00')],
    },
  });
  expect(amounts(invoice)).toEqual([
    'flat 49.00',
    'included 0.00',
    'usage 96.00',
    'discount -6.00', // of the charge it names
    'discount -13.90', // 10 % of what is left, 139.00
    'discount -6.26', // 5 % of 125.10
    'discount -10.00', // the coupon: 108.84
    'protection 8.56', // the locked card makes 117.40
    'minimum 2.60',
    'maximum -1.00',
    'spend-cap -9.00',
    'commitment 90.00', // 300 − 100 − 110
    'advance -49.00',
    'credit -20.00',
  ]);
  expect(invoice).toMatchObject({ total: '131.00', rated: [{ total: '110.00' }] });
});

describe('coupons', () => {
  test.each([
    ['2025-12-01', '2026-01-01', ['flat 49.00']],
    ['2025-12-01', '2026-01-02', ['flat 49.00', 'discount -4.90']],
    ['2026-01-01', null, ['flat 49.00', 'discount -4.90']],
    ['2026-01-02', null, ['flat 49.00']],
  ])('from %s until %s count by the day on which the period begins', (from, until, lines) => {
    expect(amounts(usageInvoice({ terms: { coupons: [{ id: 'ten', percent: '10', from, until }] } }))).toEqual(lines);
  });
  test('hold for a protected price as well', () => {
    const old: RateCard = {
      ...GROWTH,
      effectiveFrom: '2025-01-01',
      charges: [{ id: 'platform', price: { model: 'flat', amount: '40.00' } }],
    };
    const invoice = usageInvoice({
      cards: [old, GROWTH],
      decisions: [decision({ protection: ['legacy'] })],
      protection: { legacy: { kind: 'lock', rateCard: 'growth@2025-01-01' } },
      terms: { coupons: [{ id: 'half', percent: '50', from: '2026-01-01', until: null }] },
    });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'discount -24.50', 'protection -4.50']);
    expect(invoice.total).toBe('20.00');
  });
  test('finer than the currency are held, not rounded', () => {
    const coupons = [{ id: 'fine', amount: '1.005', from: '2026-01-01', until: null }];
    expect(draftInvoice(inputOf({ terms: { coupons } }))).toMatchObject({ outcome: 'hold', code: 'too-many-decimals' });
  });
});

describe('a spend cap', () => {
  const capped = (...spendCaps: DatedSpendCap[]) => usageInvoice({ ...busy, change: { spendCaps } });
  test.each<[string, DatedSpendCap[], string]>([
    ['hard: the invoice never exceeds it', [cap('100.00', '2025-12-01T00:00:00Z')], '100.00'],
    ['soft: the customer is told and pays', [cap('100.00', '2025-12-01T00:00:00Z', 'soft')], '145.00'],
    ['above the bill it changes nothing', [cap('145.00', '2025-12-01T00:00:00Z')], '145.00'],
    ['set within the period: what is used after it', [cap('100.00', '2026-01-10T00:00:00Z')], '100.00'],
    ['set after all of it was used: nothing', [cap('100.00', '2026-01-30T00:00:00Z')], '145.00'],
    [
      'set in the hour of the usage: nothing, since hours are counted whole',
      [cap('100.00', '2026-01-15T10:00:01Z')],
      '145.00',
    ],
    [
      'set within the period, then raised: the higher one',
      [cap('60', '2026-01-05T00:00:00Z'), cap('120', '2026-01-10T00:00:00Z')],
      '120.00',
    ],
    [
      'set, lifted and set again: what is used after that',
      [cap('60', '2026-01-05T00:00:00Z'), cap(null, '2026-01-06T00:00:00Z'), cap('70', '2026-01-07T00:00:00Z')],
      '70.00',
    ],
    ['set in the first hour it counts from the beginning', [cap('100.00', '2026-01-01T00:59:59Z')], '100.00'],
    [
      'raised within the period: the higher one',
      [cap('90', '2025-12-01T00:00:00Z'), cap('120', '2026-01-10T00:00:00Z')],
      '120.00',
    ],
    [
      'lowered within the period: still the higher one',
      [cap('120', '2025-12-01T00:00:00Z'), cap('90', '2026-01-10T00:00:00Z')],
      '120.00',
    ],
    [
      'lowered before it: the lower one',
      [cap('120', '2025-12-01T00:00:00Z'), cap('90', '2026-01-01T00:00:00Z')],
      '90.00',
    ],
    ['lifted within the period', [cap('90', '2025-12-01T00:00:00Z'), cap(null, '2026-01-31T23:00:00Z')], '145.00'],
    ['lifted after it', [cap('90', '2025-12-01T00:00:00Z'), cap(null, '2026-02-01T00:00:00Z')], '90.00'],
    [
      'compared as amounts, not as text',
      [cap('99', '2025-12-01T00:00:00Z'), cap('101', '2026-01-10T00:00:00Z')],
      '101.00',
    ],
    ['of nothing: the bill is nothing', [cap('0', '2025-12-01T00:00:00Z')], '0.00'],
  ])('%s', (_, caps, total) => {
    expect(capped(...caps).total).toBe(total);
  });
  test('of a customer who came within the period binds it from registration on, a call before it included', () => {
    const active = { start: parseTimestamp('2026-01-10T08:00:00Z'), end: JANUARY.end };
    const spendCaps = [cap('100.00', '2026-01-10T08:17:00Z')];
    expect(usageInvoice({ ...busy, active, change: { spendCaps } }).total).toBe('100.00');
    const before = [closed('2026-01-09T00', '1'), ...(busy.rows ?? [])];
    expect(usageInvoice({ ...busy, rows: before, active, change: { spendCaps } }).total).toBe('100.00');
  });
  test('set at any time: the bill is the lower of its own and of the larger of cap and what the hours before cost', () => {
    const day = fc.integer({ min: 0, max: 30 });
    const uses = fc.array(fc.tuple(fc.integer({ min: 0, max: 743 }), fc.integer({ min: 0, max: 900_000 })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(
        uses,
        day,
        fc.integer({ min: 0, max: 3_599 }),
        fc.integer({ min: 0, max: 300 }),
        (used, on, second, most) => {
          const byHour = new Map(used);
          const first = hour('2026-01-01T00');
          const rows = [...byHour].map(([at, calls]) =>
            closed(formatHour(addHours(first, at)).slice(0, 13), String(calls)),
          );
          const since = JANUARY.start + on * DAY_MS + second * 1_000;
          const spendCaps: DatedSpendCap[] = [{ cap: { amount: String(most), mode: 'hard' }, since }];
          const plain = (some: typeof rows) => Number(usageInvoice({ rows: some }).rated[0]?.total);
          const before = plain(rows.filter((row) => row.hour * HOUR_MS < since));
          const bound = on === 0 ? most : Math.max(most, before);
          const { total } = usageInvoice({ rows, change: { spendCaps } });
          expect(Number(total)).toBe(Math.min(plain(rows), bound));
        },
      ),
      { seed: 41, numRuns: 200 },
    );
  });
  test('is a line with its reason, and the period is rated at the cap', () => {
    const invoice = capped(cap('100.00', '2025-12-01T00:00:00Z'));
    expect(invoice.lines.at(-1)).toMatchObject({ kind: 'spend-cap', amount: '-45.00', creditReason: 'spend cap' });
    expect(invoice.rated[0]?.total).toBe('100.00');
  });
  test('is never exceeded by a bill, whatever was used and whatever changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000_000 }),
        fc.array(fc.tuple(fc.integer({ min: -5, max: 31 }), fc.integer({ min: 0, max: 200 })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 1, max: 743 }),
        (calls, changes, at) => {
          const spendCaps = [[-40, 60] as const, ...[...changes].sort((a, b) => a[0] - b[0])].map(
            ([day, amount]): DatedSpendCap => ({
              cap: { amount: String(amount), mode: 'hard' },
              since: JANUARY.start + day * DAY_MS,
            }),
          );
          const later = decision({ effectiveFrom: addHours(hour('2026-01-01T00'), at), tierRule: 'renamed' });
          const rows = [closed('2026-01-15T10', String(calls))];
          const invoice = usageInvoice({ rows, decisions: [decision(), later], change: { spendCaps } });
          const highest = Math.max(...changes.map(([, amount]) => amount), 60);
          expect(Number(invoice.total)).toBeLessThanOrEqual(highest);
        },
      ),
      { seed: 31, numRuns: 100 },
    );
  });
});

describe('credits', () => {
  const paidBy = (grants: ReturnType<typeof grant>[], change: Partial<RateCard> = {}) =>
    usageInvoice({ ...busy, cards: [{ ...GROWTH, ...change }], change: { grants } });
  test('pay the bill until they are empty, each a line that names it', () => {
    const invoice = paidBy([grant('welcome', '20.00')]);
    expect(invoice.lines.at(-1)).toMatchObject({
      kind: 'credit',
      amount: '-20.00',
      rule: 'welcome',
      creditReason: 'credit welcome',
    });
    expect(invoice).toMatchObject({
      total: '125.00',
      credits: [{ id: 'welcome', kind: 'promo', used: '20.00', remaining: '0.00' }],
    });
  });
  test('are not used beyond the bill', () => {
    const invoice = paidBy([grant('big', '200.00'), grant('next', '5.00')]);
    expect(invoice).toMatchObject({ total: '0.00', credits: [{ id: 'big', used: '145.00', remaining: '55.00' }] });
    expect(invoice.credits).toHaveLength(1);
  });
  const some = [
    grant('paid-soon', '1.00', { kind: 'paid', expiresAt: parseDate('2026-02-02') }),
    grant('promo-late', '1.00', { expiresAt: parseDate('2026-09-01') }),
    grant('promo-never', '1.00'),
    grant('at-the-end', '1.00', { expiresAt: JANUARY.end }),
    grant('expired', '1.00', { expiresAt: JANUARY.end - 1 }),
    grant('euros', '1.00', { currency: 'EUR' }),
  ];
  test.each([
    ['expiryFirst' as const, ['at-the-end', 'paid-soon', 'promo-late', 'promo-never']],
    ['promoFirst' as const, ['at-the-end', 'promo-late', 'promo-never', 'paid-soon']],
  ])('burn in the order of the card, %s, neither expired nor in another currency', (creditOrder, ids) => {
    const invoice = paidBy(some, { creditOrder });
    expect(invoice.credits.map(({ id }) => id)).toEqual(ids);
    expect(paidBy([...some].reverse(), { creditOrder }).digest).toBe(invoice.digest);
  });
});

describe('late usage and carry', () => {
  const february: Period = { start: JANUARY.end, end: parseDate('2026-03-01') };
  test('what is owed to the customer pays the next invoice: money is conserved', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 400_000 }), (fee, calls) => {
        const card: RateCard = {
          ...GROWTH,
          charges: [
            { id: 'platform', price: { model: 'flat', amount: (fee / 100).toFixed(2), due: 'inAdvance' } },
            ...GROWTH.charges.slice(1),
          ],
        };
        const half = decision({ effectiveFrom: hour('2026-01-16T12'), rateCard: 'free@2026-01-01' });
        const advances = [
          {
            invoice: '2026-01-01T00:00:00Z',
            line: '0001',
            charge: 'platform',
            amount: (fee / 50).toFixed(2),
            currency: 'USD',
            rateCard: null,
            explanation: 'x',
          },
        ];
        const first = usageInvoice({ cards: [card, FREE], decisions: [decision(), half], change: { advances } });
        const grants = first.grants.map((one) => ({ grant: one, balance: one.amount }));
        const second = usageInvoice({
          period: february,
          cards: [GROWTH],
          rows: [closed('2026-02-03T00', String(calls))],
          change: { grants },
        });
        const left = second.credits.at(-1)?.remaining ?? '0';
        const unused =
          second.credits.length === 0 ? grants.reduce((sum, { balance }) => sum + units(balance), 0n) : units(left);
        const bills = BigInt(units(first.rated[0]?.total ?? '0')) + units(second.rated[0]?.total ?? '0');
        expect(units(first.total) + units(second.total) - unused).toBe(bills - units((fee / 50).toFixed(2)));
      }),
      { seed: 41, numRuns: 80 },
    );
  });
  test('a correction below zero is carried when the new bill is too small for it', () => {
    const rows = [closed('2026-01-15T10', '250000'), closed('2026-01-15T10', '-240000', { adjustment: 1 })];
    const earlier = [{ ...inputOf({ rows }).current, total: '145.00', taken: [], lines: [] }];
    const invoice = usageInvoice({ period: february, change: { earlier } });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'adjustment -96.00', 'carry 47.00']);
    expect(invoice.grants).toMatchObject([
      { id: 'carry:2026-02-01T00:00:00Z', amount: '47.00', grantedAt: february.end },
    ]);
  });
});

describe('a short period between two anchors', () => {
  test('costs its share of the fee', () => {
    const period = { start: parseDate('2026-02-01'), end: parseDate('2026-02-15') };
    const invoice = usageInvoice({ period, rows: [closed('2026-02-03T00', '250000')] });
    expect(amounts(invoice)).toEqual(['flat 22.13', 'included 0.00', 'usage 96.00']); // 49 × 14/31
  });
});

test('what a store lists first changes nothing: every list of an input may be shuffled', () => {
  const rowsOf = (count: number): ClosedHour[] =>
    Array.from({ length: count }, (_, i) =>
      closed(formatHour(addHours(hourOf(JANUARY.start), i * 7)).slice(0, 13), String(1000 + i), {
        usage: [
          { meter: 'api-calls', group: null, quantity: String(1000 + i) },
          { meter: 'api-calls', group: 'payments', quantity: '0.5' },
        ],
      }),
    );
  const rows = [
    ...rowsOf(90),
    closed('2026-01-15T10', '5', { adjustment: 1 }),
    closed('2026-01-15T10', '-2', { adjustment: 2 }),
  ];
  const decisions = [
    decision(),
    decision({ effectiveFrom: hour('2026-01-10T00'), tierRule: 'a' }),
    decision({ effectiveFrom: hour('2026-01-20T00'), tierRule: 'b' }),
  ];
  const grants = [grant('a', '1.00'), grant('b', '2.00'), grant('c', '3.00', { expiresAt: JANUARY.end + HOUR_MS })];
  const whole = usageInvoice({ rows, decisions, change: { grants } });
  const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  fc.assert(
    fc.property(shuffled(rows), shuffled(decisions), shuffled(grants), fc.boolean(), (r, d, g, flip) => {
      const turned = flip ? r.map((row) => ({ ...row, usage: [...row.usage].reverse() })) : r;
      expect(usageInvoice({ rows: turned, decisions: d, change: { grants: g } }).digest).toBe(whole.digest);
    }),
    { seed: 51, numRuns: 40 },
  );
});
