import fc from 'fast-check';
import { grantBalances, openGrants } from '../../../lib/domain/credits/balances.ts';
import { burn } from '../../../lib/domain/credits/burn.ts';
import type { CreditGrant, CreditUse } from '../../../lib/domain/credits/credit-grant.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import type { InvoiceState } from '../../../lib/domain/invoicing/state.ts';
import { units, usageInvoice } from '../invoicing/drafting.ts';

const grant = (id: string, amount: string, change: Partial<CreditGrant> = {}): CreditGrant => ({
  ...{ id, customer: 'acme', kind: 'promo', amount, currency: 'USD', grantedAt: 0, expiresAt: null },
  source: { by: 'ops', reason: 'because' },
  ...change,
});
const blank = usageInvoice({});
const using = (credits: readonly CreditUse[], state: InvoiceState = 'PAID', grants: readonly CreditGrant[] = []) => ({
  invoice: { ...blank, credits, grants } satisfies Invoice,
  state,
});
const use = (id: string, used: string): CreditUse => ({ id, kind: 'promo', used, remaining: '0.00' });
const shown = (open: readonly { grant: CreditGrant; balance: string }[]) =>
  open.map(({ grant: { id }, balance }) => `${id} ${balance}`);

describe('the balance of a credit grant', () => {
  const grants = [grant('welcome', '20.00'), grant('sorry', '5')];
  test('is what invoices have not used of it', () => {
    const records = [using([use('welcome', '12.50')]), using([use('welcome', '7.50'), use('sorry', '0.01')])];
    expect(shown(grantBalances(grants, records))).toEqual(['welcome 0.00', 'sorry 4.99']);
    expect(shown(openGrants(grants, records, 0))).toEqual(['sorry 4.99']);
  });
  test.each([
    ['RATED', '7.50'],
    ['HELD', '7.50'],
    ['UNCOLLECTIBLE', '7.50'],
    ['NOTHING_DUE', '7.50'],
    ['VOID', '20.00'],
    ['DROPPED', '20.00'],
    ['SHADOW', '20.00'],
  ] as const)('after an invoice that is %s is %s', (state, balance) => {
    expect(grantBalances([grant('welcome', '20.00')], [using([use('welcome', '12.50')], state)])[0]?.balance).toBe(
      balance,
    );
  });
  test('what an invoice carried over is a grant too, unless that invoice was taken back', () => {
    const carried = grant('carry:2026-01-01T00:00:00Z', '3.00', { kind: 'paid' });
    expect(shown(openGrants([], [using([], 'NOTHING_DUE', [carried])], 0))).toEqual([
      'carry:2026-01-01T00:00:00Z 3.00',
    ]);
    expect(openGrants([], [using([], 'VOID', [carried])], 0)).toEqual([]);
  });
  test('an invoice that was held before it could be rated uses nothing', () => {
    expect(shown(openGrants(grants, [{ invoice: null, state: 'HELD' }], 0))).toEqual(['welcome 20.00', 'sorry 5']);
  });
  test('an expired one is not open, one that expires at that very moment is', () => {
    const dated = [grant('a', '1', { expiresAt: 99 }), grant('b', '1', { expiresAt: 100 })];
    expect(shown(openGrants(dated, [], 100))).toEqual(['b 1']);
  });
  test('more used than granted is a fault of ours and stops the work', () => {
    expect(() => grantBalances(grants, [using([use('sorry', '5.01')])])).toThrow('no more is used of the credit sorry');
  });
});

test('whatever is burned by however many invoices, used and remaining are what was granted, and no bill is overpaid', () => {
  const anyGrant = fc.record({
    amount: fc.integer({ min: 0, max: 5_000 }),
    kind: fc.constantFrom('promo' as const, 'paid' as const),
    expiresAt: fc.option(fc.integer({ min: 0, max: 10 }), { nil: null }),
  });
  const order = fc.constantFrom('expiryFirst' as const, 'promoFirst' as const);
  fc.assert(
    fc.property(
      fc.array(anyGrant, { maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 6_000 }), { maxLength: 8 }),
      order,
      (given, bills, by) => {
        const grants = given.map(({ amount, ...rest }, i) => grant(`g${i}`, (amount / 100).toFixed(2), rest));
        const records: ReturnType<typeof using>[] = [];
        for (const [i, bill] of bills.entries()) {
          const open = openGrants(grants, records, i);
          const uses = burn(open, { units: BigInt(bill), currency: 'USD', decimals: 2, periodEnd: i, order: by });
          const paid = uses.reduce((sum, { used }) => sum + units(used), 0n);
          const usable = open.reduce((sum, { balance }) => sum + units(balance), 0n);
          expect(paid).toBe(usable < BigInt(bill) ? usable : BigInt(bill));
          records.push(using(uses));
        }
        for (const { grant: one, balance } of grantBalances(grants, records)) {
          const used = records.flatMap(({ invoice }) => invoice.credits).filter(({ id }) => id === one.id);
          expect(used.reduce((sum, each) => sum + units(each.used), 0n) + units(balance)).toBe(units(one.amount));
          expect(used.at(-1)?.remaining ?? balance).toBe(balance);
        }
      },
    ),
    { seed: 71, numRuns: 200 },
  );
});
