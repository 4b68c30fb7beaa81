import { voidInvoice } from '../../../lib/app/correct-invoices/correct-invoices.ts';
import { grantCredit } from '../../../lib/app/grant-credit/grant-credit.ts';
import { addHours, hourOf } from '../../../lib/domain/time/time.ts';
import { decision } from '../invoice-customer/fixtures.ts';
import { faultsOf } from './books.ts';
import { type Life, startLife } from './life.ts';

const ANN = { by: 'ann', reason: 'a mistake' };
let life: Life;
beforeEach(async () => {
  life = await startLife(() => {});
});
afterEach(() => life.w.close());

async function months(count: number) {
  for (let i = 0; i < count; i++) {
    await life.month();
    await life.run();
  }
  return life.w.invoices.ofCustomer('acme');
}

describe('an invoice comes out again byte for byte after another was taken back', () => {
  test('whose credit is free again since', async () => {
    const { w } = life;
    await grantCredit({ customer: 'acme', amount: '60.00', currency: 'USD', expiresAt: null, ...ANN }, w.operating);
    const [january, february] = await months(2);
    expect([january, february].map((record) => record?.invoice?.credits[0]?.used)).toEqual(['49.00', '11.00']);
    // Nothing was left to be paid of January; February's 38.00 are taken back, and its 11.00 are credit again.
    if (!february) throw new Error('there are two');
    await voidInvoice(february.key, ANN, w.operating);
    const [, , march] = await months(1);
    expect(march?.invoice?.credits[0]).toMatchObject({ used: '11.00', remaining: '0.00' });
    expect(await faultsOf(w)).toEqual([]);
  });
  test('that had charged its fees in advance', async () => {
    const { w } = life;
    const soon = addHours(hourOf(w.clock.now()), 2);
    await w.decisions.record(decision({ effectiveFrom: soon, rateCard: 'large@2026-01-01' }));
    const made = await months(2);
    const fees = made.find(({ key }) => key.kind === 'advance');
    const usage = made.find(({ key }) => key.kind === 'usage' && key.period.start === fees?.key.period.start);
    // The minimum of 120.00, less 98.00 and their discount of 7.35 that were charged before.
    expect([fees?.invoice?.total, usage?.invoice?.total]).toEqual(['90.65', '29.35']);
    if (!fees) throw new Error('fees are due in advance');
    await voidInvoice(fees.key, ANN, w.operating);
    expect(await faultsOf(w)).toEqual([]);
  });
});
