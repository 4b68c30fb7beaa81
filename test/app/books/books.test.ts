import fc from 'fast-check';
import { faultsOf } from './books.ts';
import { LIFE, settle, startLife } from './life.ts';

/** More, or others: `TOLLGATE_BOOKS=300,7 npx jest --config jest.config.json test/app/books`; TOLLGATE_BOOKS_SHRINK=1 finds the shortest. */
const [RUNS = 16, SEED = 2026] = (process.env.TOLLGATE_BOOKS ?? '16,2026').split(',').map(Number);

const seen = new Map<string, number>();
const saw = (what: string) => void seen.set(what, (seen.get(what) ?? 0) + 1);

const HAPPENED = [
  ...[
    'decision',
    'correction',
    'credited correction',
    'promo',
    'top-up',
    'credit note',
    'refund',
    'paid elsewhere',
    'draft deleted',
    'customer deleted',
    'leaves',
    'returns',
  ],
  ...['void', 'write-off', 'drop', 'release'],
  ...[
    'discount',
    'minimum',
    'maximum',
    'advance',
    'adjustment',
    'credit',
    'carry',
    'top-up',
    'reversal',
    'unattributed',
  ].map((kind) => `line ${kind}`),
  ...['PAID', 'VOID', 'DROPPED', 'NOTHING_DUE', 'UNCOLLECTIBLE'].map((state) => `usage ${state}`),
  ...['advance PAID', 'top-up PAID'],
];

test('whatever happens, in whatever order: the books balance', async () => {
  await fc.assert(
    fc.asyncProperty(LIFE, async (happenings) => {
      const life = await startLife(saw);
      try {
        for (const one of happenings) await life.happens(one);
        await settle(life);
        expect(await faultsOf(life.w)).toEqual([]);
        for (const { key, state, invoice, creditNotes } of await life.w.invoices.ofCustomer('acme')) {
          saw(`${key.kind} ${state}`);
          for (const { kind } of invoice?.lines ?? []) saw(`line ${kind}`);
          for (const { refund } of creditNotes) saw(refund ? 'refund' : 'credit note');
        }
      } finally {
        await life.w.close();
      }
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: process.env.TOLLGATE_BOOKS_SHRINK === undefined },
  );
}, 600_000);

test('all of it did happen', () => {
  expect(HAPPENED.filter((what) => !seen.has(what))).toEqual([]);
});
