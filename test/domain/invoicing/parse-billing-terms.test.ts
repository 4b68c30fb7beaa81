import { InputError } from '../../../lib/domain/input-error.ts';
import { PLAIN_TERMS } from '../../../lib/domain/invoicing/billing-terms.ts';
import {
  agreedAddress,
  couponsOn,
  parseBillingTerms,
  withoutNames,
} from '../../../lib/domain/invoicing/parse-billing-terms.ts';
import { parseCustomerList } from '../../../lib/domain/segmentation/customer-list.ts';

const full = {
  anchor: { day: 31 },
  feesEvery: 'year',
  netTermsDays: 30,
  purchaseOrder: 'PO-1177',
  memo: 'Thank you.',
  tax: {
    automatic: true,
    exempt: 'reverse',
    ids: [{ type: 'eu_vat', value: 'DE123456789' }],
    address: { line1: 'Hauptstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  },
  coupons: [
    { id: 'launch', percent: '20', from: '2026-01-01', until: '2026-04-01' },
    { id: 'sorry', amount: '10.00', from: '2026-02-01', until: null },
  ],
  commitment: { id: 'y1', amount: '12000', from: '2026-01-01', periods: 12, terms: null },
  spendCap: { amount: '500.00', mode: 'hard' },
  topUp: { amount: '100', below: '20' },
};

function faultOf(billing: unknown): InputError {
  try {
    parseBillingTerms({ billing }, '/customers/0/overrides');
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('no fault');
}

describe('billing terms of a customer', () => {
  test('nothing agreed is the plain terms', () => {
    expect(parseBillingTerms({})).toEqual(PLAIN_TERMS);
    expect(parseBillingTerms({ billing: {} })).toEqual(PLAIN_TERMS);
  });
  test('every key is read', () => {
    expect(parseBillingTerms({ billing: full })).toEqual(full);
  });
  test('the address stands beside the terms, in small letters', () => {
    const billing = { email: 'Bills@Acme.example', memo: 'Thank you.' };
    expect(parseBillingTerms({ billing })).toEqual({ ...PLAIN_TERMS, memo: 'Thank you.' });
    expect(agreedAddress({ billing })).toBe('bills@acme.example');
    for (const overrides of [{}, { billing: {} }, { billing: { email: null } }])
      expect(agreedAddress(overrides)).toBeNull();
  });
  test('without names the terms say the same of prices and tax, and nothing of where somebody lives', () => {
    const billing = { ...full, email: 'bills@acme.example' };
    const kept = withoutNames({ billing });
    expect(JSON.stringify(kept)).not.toMatch(/Hauptstr|Berlin|Thank you|acme/);
    const tax = { ...full.tax, address: { postalCode: '10115', country: 'DE' } };
    expect(parseBillingTerms(kept)).toEqual({ ...full, memo: null, netTermsDays: null, tax });
    expect(withoutNames(kept)).toEqual(kept);
    for (const plain of [{}, { billing: {} }]) expect(withoutNames(plain)).toEqual(plain);
    expect(withoutNames({ netTermsDays: 30 })).toEqual({});
  });
  test('a part of the tax terms leaves the rest plain', () => {
    expect(parseBillingTerms({ billing: { tax: { exempt: 'exempt' } } }).tax).toEqual({
      ...PLAIN_TERMS.tax,
      exempt: 'exempt',
    });
  });
  test('net terms may stand directly under overrides, but not in both places', () => {
    expect(parseBillingTerms({ netTermsDays: 14 }).netTermsDays).toBe(14);
    expect(() => parseBillingTerms({ netTermsDays: 14, billing: { netTermsDays: 30 } })).toThrow(
      'stands here and under',
    );
  });

  test.each<[string, string, unknown, string]>([
    ['unknown-key', '/achor', { achor: { day: 1 } }, 'did you mean "anchor"?'],
    ['unknown-key', '/tax/adress', { tax: { adress: null } }, 'did you mean "address"?'],
    ['unknown-key', '/coupons/0/expires', { coupons: [{ ...full.coupons[0], expires: 1 }] }, 'known keys'],
    ['out-of-range', '/anchor/day', { anchor: { day: 32 } }, ''],
    ['out-of-range', '/anchor/day', { anchor: { day: 0 } }, ''],
    ['missing-key', '/anchor', { anchor: {} }, ''],
    ['not-an-address', '/email', { email: 'billing at acme' }, ''],
    ['unknown-value', '/feesEvery', { feesEvery: 'yearly' }, 'did you mean "year"?'],
    ['out-of-range', '/netTermsDays', { netTermsDays: 366 }, ''],
    ['out-of-range', '/netTermsDays', { netTermsDays: '30' }, ''],
    ['too-long', '/memo', { memo: 'x'.repeat(141) }, ''],
    ['empty', '/purchaseOrder', { purchaseOrder: ' ' }, ''],
    ['missing-key', '/tax', { tax: { automatic: true } }, ''],
    ['not-a-country', '/tax/address/country', { tax: { address: { country: 'Germany' } } }, ''],
    ['unknown-value', '/tax/ids/0/type', { tax: { ids: [{ type: 'VAT', value: 'DE1' }] } }, ''],
    ['percent-or-amount', '/coupons/0', { coupons: [{ id: 'a', from: '2026-01-01', until: null }] }, ''],
    ['out-of-range', '/coupons/0/percent', coupon({ percent: '100.1' }), ''],
    ['out-of-range', '/coupons/0/percent', coupon({ percent: '0' }), ''],
    ['negative', '/coupons/0/amount', coupon({ amount: '-1' }), ''],
    ['not-a-string', '/coupons/0/amount', coupon({ amount: 5 }), 'write it as a string: "5"'],
    ['empty-range', '/coupons/0/until', coupon({ percent: '5', until: '2026-01-01' }), ''],
    ['not-a-date', '/coupons/0/from', coupon({ percent: '5', from: '2026-02-30' }), ''],
    ['duplicate-id', '/coupons/1/id', { coupons: [full.coupons[0], full.coupons[0]] }, ''],
    ['missing-key', '/commitment', { commitment: { ...full.commitment, terms: undefined } }, ''],
    ['not-an-amount', '/commitment/amount', { commitment: { ...full.commitment, amount: '0' } }, ''],
    ['out-of-range', '/commitment/periods', { commitment: { ...full.commitment, periods: 0 } }, ''],
    ['unknown-value', '/spendCap/mode', { spendCap: { amount: '5', mode: 'firm' } }, ''],
    ['missing-key', '/spendCap', { spendCap: { amount: '5' } }, ''],
    ['not-a-decimal', '/topUp/below', { topUp: { amount: '5', below: '1e3' } }, ''],
    ['not-an-object', '', 'monthly', ''],
  ])('%s at %s', (code, pointer, billing, hint) => {
    const fault = faultOf(JSON.parse(JSON.stringify(billing)));
    expect([fault.code, fault.path]).toEqual([code, `/customers/0/overrides/billing${pointer}`]);
    expect(fault.hint ?? '').toContain(hint);
  });

  test('a slip beside "billing" is found too', () => {
    expect(() => parseBillingTerms({ biling: {} })).toThrow(
      expect.objectContaining({ hint: 'did you mean "billing"?' }),
    );
  });
  test('they are checked when customers are read, with the place in the file', () => {
    const customers = [{ id: 'acme', overrides: { billing: { anchor: { day: 40 } } } }];
    expect(() => parseCustomerList({ customers })).toThrow(
      expect.objectContaining({ code: 'out-of-range', path: '/customers/0/overrides/billing/anchor/day' }),
    );
  });
});

function coupon(change: object) {
  return { coupons: [{ id: 'a', from: '2026-01-01', until: null, ...change }] };
}

test.each([
  ['2025-12-31', []],
  ['2026-01-01', ['launch']],
  ['2026-02-01', ['launch', 'sorry']],
  ['2026-04-01', ['sorry']],
])('coupons of a period that begins on %s: %j', (day, ids) => {
  expect(couponsOn(parseBillingTerms({ billing: full }).coupons, day).map(({ id }) => id)).toEqual(ids);
});
