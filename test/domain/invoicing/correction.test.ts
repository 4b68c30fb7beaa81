import { overcharged, type PriceCorrection } from '../../../lib/domain/invoicing/correction.ts';
import { draftInvoice } from '../../../lib/domain/invoicing/draft.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { type Hour, parseMonth } from '../../../lib/domain/time/time.ts';
import {
  closed,
  decision,
  FEBRUARY,
  FREE,
  GROWTH,
  hour,
  JANUARY,
  ruleset,
} from '../../app/invoice-customer/fixtures.ts';
import { amounts, type Given, inputOf, usageInvoice } from './drafting.ts';

const RIGHT: RateCard = {
  ...GROWTH,
  effectiveFrom: '2026-01-02',
  charges: [{ id: 'platform', price: { model: 'flat', amount: '31.00', proration: 'second' } }],
  freeMeters: ['api-calls'],
};
/** The right card was published too late to be in force: only a correction names it. */
const cards = [GROWTH, FREE];
const correction = (change: Partial<PriceCorrection> = {}): PriceCorrection => ({
  ...{ id: 'fix', customer: 'acme', from: hour('2026-01-01T00'), to: hour('2026-02-01T00') },
  ...{ rateCard: 'growth@2026-01-02', ruleset: 'r2', by: 'ops@example.com', reason: 'wrong fee', at: 1 },
  ...change,
});
const rulesets = new Map([
  ['r1', { hash: 'r1', commit: 'c1', rules: ruleset(cards) }],
  ['r2', { hash: 'r2', commit: 'c2', rules: ruleset([...cards, RIGHT]) }],
]);
const corrected = (corrections: PriceCorrection[], given: Given = {}) =>
  usageInvoice({ ...given, change: { rulesets, corrections, ...given.change } });

describe('a price correction of hours that are not invoiced yet', () => {
  test('stands in the place of the decision, and its lines name it', () => {
    const invoice = corrected([correction()]);
    expect(amounts(invoice)).toEqual(['flat 31.00']);
    expect(invoice.lines[0]).toMatchObject({
      rateCard: 'growth@2026-01-02',
      rule: 'correction:fix',
      rulesCommit: 'c2',
    });
    expect(invoice.rated[0]?.adjustments).toEqual(['correction:fix']);
  });
  test('holds for its hours only', () => {
    const invoice = corrected([correction({ to: hour('2026-01-16T12') })]);
    expect(amounts(invoice)).toEqual(['flat 15.50', 'flat 24.50']);
    expect(invoice.lines.map(({ to }) => to)).toEqual(['2026-01-16T12:00:00Z', '2026-02-01T00:00:00Z']);
  });
  test('of discounts alone keeps the card that was decided', () => {
    const { rateCard: _none, ...rest } = correction({ discounts: [{ id: 'forgotten', percent: '10' }] });
    expect(amounts(corrected([rest]))).toEqual(['flat 49.00', 'discount -4.90']);
  });
  test('of two that overlap the one made last holds', () => {
    const later = correction({ id: 'a-later-one', rateCard: 'growth@2026-01-01', at: 2 });
    expect(amounts(corrected([later, correction()]))).toEqual(['flat 49.00']);
    expect(corrected([later, correction()]).digest).toBe(corrected([correction(), later]).digest);
    expect(corrected([later, correction()]).rated[0]?.adjustments).toEqual([
      'correction:fix',
      'correction:a-later-one',
    ]);
  });
  test('of two made at the same time that of the later id holds, whatever is listed first', () => {
    const other = correction({ id: 'other', rateCard: 'growth@2026-01-01' });
    expect(amounts(corrected([correction(), other]))).toEqual(['flat 49.00']);
    expect(amounts(corrected([other, correction()]))).toEqual(['flat 49.00']);
  });
  test('also prices a customer that could not be decided', () => {
    expect(amounts(corrected([correction()], { decisions: [decision({ rateCard: null })] }))).toEqual(['flat 31.00']);
  });
  test('splits where a phase of its own card ends', () => {
    const nothing = { model: 'flat', amount: '0', proration: 'second' } as const;
    const trial: RateCard = {
      ...RIGHT,
      phases: [{ id: 'trial', days: 10, charges: { platform: { price: nothing } } }],
    };
    const known = new Map([...rulesets, ['r2', { hash: 'r2', commit: 'c2', rules: ruleset([...cards, trial]) }]]);
    const change = { rulesets: known, corrections: [correction()], customerSince: '2026-01-01' };
    expect(amounts(usageInvoice({ change }))).toEqual(['flat 0.00', 'flat 21.00']); // 31 × 21/31
  });
  test.each<[string, Partial<PriceCorrection>]>([
    ['card-missing', { rateCard: 'growth@2026-01-03' }],
    ['ruleset-missing', { ruleset: 'r3' }],
  ])('%s holds the invoice', (code, change) => {
    const input = inputOf({ change: { rulesets, corrections: [correction(change)] } });
    expect(draftInvoice(input)).toMatchObject({ outcome: 'hold', code });
  });
});

describe('a price correction of an invoiced period', () => {
  const rows = [closed('2026-01-15T10', '250000')];
  const again = (corrections: PriceCorrection[], taken: string[] = []) => {
    const january = { ...inputOf({ rows }).current, total: '145.00', taken, lines: usageInvoice({ rows }).lines };
    return inputOf({ period: FEBRUARY, change: { rulesets, corrections, earlier: [january] } });
  };
  const line = (corrections: PriceCorrection[]) => {
    const outcome = draftInvoice(again(corrections));
    if (outcome.outcome !== 'drafted') throw new Error(JSON.stringify(outcome));
    return outcome.invoice.lines.find(({ kind }) => kind === 'adjustment');
  };
  test('is a line of the next invoice: rated again, less what was rated before', () => {
    expect(line([correction()])).toMatchObject({
      ...{ amount: '-114.00', creditReason: 'correction of 2026-01', from: '2026-01-01T00:00:00Z' },
      explanation:
        'corrected price of 2026-01, lines 0001, 0002, 0003 (correction:fix): rated again 31.00, rated before 145.00',
    });
  });
  test('names what it took, so that the next one takes only what is new', () => {
    const outcome = draftInvoice(again([correction()], ['correction:fix']));
    expect(outcome).toMatchObject({ outcome: 'hold', code: 'invariant' });
  });
  test('leaves out what a credit note has given back at once', () => {
    expect(line([correction({ credited: '114.00' })])).toMatchObject({ amount: '0.00', creditReason: null });
    expect(line([correction({ credited: '100.00' })])?.explanation).toContain('credited since 100.00');
  });
  test('that was credited lies within one period', () => {
    const outcome = draftInvoice(again([correction({ credited: '1', to: hour('2026-02-02T00') as Hour })]));
    expect(outcome).toMatchObject({ outcome: 'hold', code: 'correction-too-long' });
  });
  test('touches no other period', () => {
    const march = parseMonth('2026-03');
    expect(
      usageInvoice({ period: march, change: { rulesets, corrections: [correction()] } }).rated[0]?.adjustments,
    ).toEqual([]);
    expect(JANUARY.end).toBe(FEBRUARY.start);
  });
});

describe('which lines were too high', () => {
  const line = (id: string, charge: string | null, amount: string) => ({ id, charge, amount });
  const lines = [line('0001', 'fee', '49.00'), line('0002', 'calls', '0.00'), line('0003', 'calls', '96.00')];
  test.each([
    {
      why: 'charge by charge',
      again: [line('', 'fee', '19.00'), line('', 'calls', '90.00')],
      amount: '36.00',
      parts: ['0001 30.00', '0003 6.00'],
    },
    { why: 'a charge that is gone', again: [line('', 'fee', '49.00')], amount: '96.00', parts: ['0003 96.00'] },
    { why: 'one is lower and one higher', again: [line('', 'fee', '59.00')], amount: '86.00', parts: null },
    { why: 'only a discount on the whole', again: [...lines, line('', null, '-10.00')], amount: '10.00', parts: null },
  ])('$why', ({ again, amount, parts }) => {
    expect(overcharged(lines, again, amount)?.map((part) => `${part.line} ${part.amount}`) ?? null).toEqual(parts);
  });
});
