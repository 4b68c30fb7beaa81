import fc from 'fast-check';
import {
  applyNews,
  assertDunning,
  type Collected,
  DUNNING_DEFAULTS,
  dunningOf,
  NO_PAYMENT,
  type PaymentNews,
  parseDunning,
} from '../../../lib/domain/invoicing/payment.ts';
import { assertMove, type InvoiceState, isFinal, isUnfinished, mayMove } from '../../../lib/domain/invoicing/state.ts';
import { DAY_MS } from '../../../lib/domain/time/time.ts';

const STATES: InvoiceState[] = [
  'RATED',
  'CREATED',
  'LINED',
  'FINALIZED',
  'UNCOLLECTIBLE',
  'PAID',
  'VOID',
  'NOTHING_DUE',
  'HELD',
];
const open: Collected = { state: 'FINALIZED', payment: NO_PAYMENT };

describe('the state machine', () => {
  test('moves only forward, and from nowhere final', () => {
    const moves = STATES.flatMap((from) => STATES.filter((to) => mayMove(from, to)).map((to) => `${from} ${to}`));
    const order = ['RATED', 'CREATED', 'LINED', 'FINALIZED', 'UNCOLLECTIBLE'];
    for (const move of moves) {
      const [from = '', to = ''] = move.split(' ');
      expect(['PAID', 'VOID', 'NOTHING_DUE', 'HELD']).not.toContain(from);
      if (order.includes(to)) expect(order.indexOf(to)).toBeGreaterThan(order.indexOf(from));
    }
    expect(moves).toContain('UNCOLLECTIBLE PAID');
    expect(moves).not.toContain('CREATED NOTHING_DUE');
    expect(() => assertMove('PAID', 'VOID')).toThrow('only forward');
  });
  test('what is unfinished is what Stripe still has to hear of', () => {
    expect(STATES.filter(isUnfinished)).toEqual(['RATED', 'CREATED', 'LINED']);
    expect(STATES.filter(isFinal)).toEqual(['PAID', 'VOID', 'NOTHING_DUE']);
  });
});

describe('news of a payment', () => {
  const kinds: PaymentNews[] = [
    { kind: 'finalized' },
    { kind: 'failed', willRetry: true },
    { kind: 'failed', willRetry: false },
    { kind: 'overdue' },
    { kind: 'uncollectible' },
    { kind: 'dispute-opened' },
    { kind: 'dispute-lost' },
    { kind: 'refunded', amount: '9.50' },
    { kind: 'refunded', amount: '10.00' },
  ];
  const at = (index: number) => index * 1_000;
  const settle = (order: readonly number[], news: readonly PaymentNews[]) =>
    order.reduce((state, index) => applyNews(state, news[index] as PaymentNews, at(index)), open);

  test('in any order and any number of times it ends the same', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.shuffledSubarray(
          kinds.map((_, i) => i),
          { minLength: 1 },
        ),
        fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 5 }),
        (paid, chosen, again) => {
          const news = paid ? [...kinds, { kind: 'paid' } as const] : kinds;
          const sorted = [...chosen].sort((a, b) => a - b);
          const repeated = [...chosen, ...again.filter((i) => chosen.includes(i))];
          const withPaid = (order: number[], where: number) => (paid ? order.toSpliced(where, 0, kinds.length) : order);
          const expected = settle(withPaid(sorted, sorted.length), news);
          expect(settle(withPaid(repeated, again.length % (repeated.length + 1)), news)).toEqual(expected);
        },
      ),
      { seed: 3, numRuns: 400 },
    );
  });

  test.each<[string, PaymentNews[], string, string | null]>([
    ['nothing', [], 'active', null],
    ['a failure that will be tried again', [{ kind: 'failed', willRetry: true }], 'grace', 'payment-overdue'],
    ['a due date missed', [{ kind: 'overdue' }], 'grace', 'payment-overdue'],
    ['the last failure', [{ kind: 'failed', willRetry: false }], 'grace', 'payment-overdue'],
    ['a bad debt', [{ kind: 'uncollectible' }], 'suspended', 'payment-overdue'],
    ['a bad debt that was paid', [{ kind: 'uncollectible' }, { kind: 'paid' }], 'active', null],
    ['a failure after the payment', [{ kind: 'paid' }, { kind: 'failed', willRetry: false }], 'active', null],
    ['a dispute', [{ kind: 'paid' }, { kind: 'dispute-opened' }], 'grace', 'payment-disputed'],
    ['a dispute won', [{ kind: 'dispute-won' }, { kind: 'dispute-opened' }], 'active', null],
    ['a void invoice', [{ kind: 'failed', willRetry: false }, { kind: 'voided' }], 'active', null],
  ])('%s', (_, news, status, reason) => {
    const invoice = news.reduce((state, one, index) => applyNews(state, one, at(index)), open);
    expect(dunningOf([open, invoice], DUNNING_DEFAULTS, DAY_MS)).toEqual({ status, reason });
  });
  test('of refunds the largest sum counts', () => {
    const news = ['5.00', '20.00', '10.00'].map((amount): PaymentNews => ({ kind: 'refunded', amount }));
    const paid = applyNews(open, { kind: 'paid' }, 0);
    expect(news.reduce((state, one) => applyNews(state, one, 0), paid)).toEqual({
      state: 'PAID',
      payment: { ...NO_PAYMENT, refunded: '20.00' },
    });
  });
});

describe('the dunning schedule', () => {
  const late = (willRetry: boolean) => applyNews(open, { kind: 'failed', willRetry }, 0);
  test.each([
    { graceDays: 7, suspendAfterDays: 21, willRetry: true, days: 20, status: 'grace' },
    { graceDays: 7, suspendAfterDays: 21, willRetry: true, days: 21, status: 'suspended' },
    { graceDays: 7, suspendAfterDays: 21, willRetry: false, days: 6, status: 'grace' },
    { graceDays: 7, suspendAfterDays: 21, willRetry: false, days: 7, status: 'suspended' },
    { graceDays: 0, suspendAfterDays: null, willRetry: false, days: 0, status: 'suspended' },
    { graceDays: 0, suspendAfterDays: null, willRetry: true, days: 300, status: 'grace' },
  ])('$graceDays and $suspendAfterDays days, Stripe tries on: $willRetry, after $days days: $status', (row) => {
    expect(dunningOf([late(row.willRetry)], row, row.days * DAY_MS).status).toBe(row.status);
  });
  test('a millisecond before, it is not time', () => {
    expect(dunningOf([late(false)], DUNNING_DEFAULTS, 7 * DAY_MS - 1).status).toBe('grace');
  });
  test.each([
    { graceDays: -1, suspendAfterDays: null },
    { graceDays: 1.5, suspendAfterDays: null },
    { graceDays: 10, suspendAfterDays: 9 },
    { graceDays: 0, suspendAfterDays: 400 },
  ])('$graceDays and $suspendAfterDays are refused', (schedule) => {
    expect(() => assertDunning(schedule)).toThrow('graceDays');
  });
  test('is a setting', () => {
    expect(parseDunning(undefined)).toEqual(DUNNING_DEFAULTS);
    expect(parseDunning('{"graceDays":1,"suspendAfterDays":null}')).toEqual({ graceDays: 1, suspendAfterDays: null });
    expect(() => parseDunning('{"graceDays":1}')).toThrow('suspendAfterDays undefined');
  });
});
