import { Routes } from '../../../lib/domain/pricing/routes.ts';

const price = { model: 'perUnit', unitPrice: '1' } as const;
const routes = () =>
  new Routes({
    charges: [
      { id: 'payments', meter: 'calls', group: 'payments', price },
      { id: 'calls', meter: 'calls', price },
      { id: 'tokens', meter: 'tokens', group: 'large', price },
    ],
    freeMeters: ['health', 'tokens'],
  });

describe('which charge takes a unit', () => {
  test.each([
    { meter: 'calls', group: 'payments', charge: 0, free: false, why: 'the charge that names its group' },
    { meter: 'calls', group: 'search', charge: 1, free: false, why: 'else the one without a group' },
    { meter: 'calls', group: null, charge: 1, free: false, why: 'which takes what has no group too' },
    { meter: 'tokens', group: 'small', charge: undefined, free: true, why: 'of a free meter what no charge takes' },
    { meter: 'health', group: null, charge: undefined, free: true, why: 'a free meter' },
    { meter: 'other', group: null, charge: undefined, free: false, why: 'nothing: an error for whoever rates' },
  ])('$meter, $group: $why', ({ meter, group, charge, free }) => {
    expect(routes().of(meter, group, 0)).toEqual({ meter, group, charge, free });
  });

  test('the place of an entry, and what stood there before, have no effect', () => {
    const used = routes();
    const asked = ['payments', null, 'search', 'payments', 'search', null];
    for (let round = 0; round < 3; round++) {
      for (const [i, group] of asked.entries()) {
        for (const place of [i, asked.length - i, 0, 1_000]) {
          expect(used.of('calls', group, place).charge).toBe(group === 'payments' ? 0 : 1);
        }
      }
    }
  });
});
