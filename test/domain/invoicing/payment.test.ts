import fc from 'fast-check';
import {
  applyNews,
  type Collected,
  dunningOf,
  NO_PAYMENT,
  type PaymentNews,
} from '../../../lib/domain/invoicing/payment.ts';
import { assertMove, type InvoiceState, isFinal, isUnfinished, mayMove } from '../../../lib/domain/invoicing/state.ts';

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
        fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 5 }),
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
    ['the last failure', [{ kind: 'failed', willRetry: false }], 'suspended', 'payment-overdue'],
    ['a bad debt', [{ kind: 'uncollectible' }], 'suspended', 'payment-overdue'],
    ['a bad debt that was paid', [{ kind: 'uncollectible' }, { kind: 'paid' }], 'active', null],
    ['a failure after the payment', [{ kind: 'paid' }, { kind: 'failed', willRetry: false }], 'active', null],
    ['a dispute', [{ kind: 'paid' }, { kind: 'dispute-opened' }], 'grace', 'payment-disputed'],
    ['a dispute won', [{ kind: 'dispute-won' }, { kind: 'dispute-opened' }], 'active', null],
    ['a void invoice', [{ kind: 'failed', willRetry: false }, { kind: 'voided' }], 'active', null],
  ])('%s', (_, news, status, reason) => {
    const invoice = news.reduce((state, one, index) => applyNews(state, one, at(index)), open);
    expect(dunningOf([open, invoice])).toEqual({ status, reason });
  });
});
