import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { cardInPhase, phaseOn, phasesInTime, phaseTurningDays, trialEnd } from '../../../lib/domain/pricing/phases.ts';
import { compileWritten } from '../../../lib/domain/pricing/rate-phases.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { addMonths } from '../../../lib/domain/time/add-months.ts';
import { cardWith, linesInShort, usageOf } from './rating.ts';

const CHARGES = [
  { id: 'platform', price: { model: 'flat', amount: '31.00', proration: 'second' } },
  {
    id: 'calls',
    meter: 'calls',
    included: 100,
    price: {
      model: 'graduated',
      tiers: [
        { upTo: 1000, unitPrice: '0.10' },
        { upTo: null, unitPrice: '0.05' },
      ],
    },
  },
];
const TRIAL = {
  id: 'trial',
  days: 14,
  minimum: null,
  charges: {
    platform: { price: { model: 'flat', amount: '0' } },
    calls: { included: null, price: { model: 'perUnit', unitPrice: '0.01' } },
  },
};
const RAMP = { id: 'ramp', months: 3, percent: '50' };
const card = (phases: object[], own: object = {}) => parseRateCard(cardWith({ charges: CHARGES, phases, ...own }));
const bill = (phases: object[], used: object[], usage: object, own: object = {}) =>
  compileWritten(card(phases, own))(parseUsage(usageOf(used, usage)), { explain: true });

describe('when a phase holds', () => {
  test.each([
    { since: '2026-01-10', phases: [TRIAL, RAMP], turns: ['2026-01-24', '2026-04-24'], why: 'days, then months' },
    {
      since: '2026-01-31',
      phases: [
        { id: 'a', months: 1 },
        { id: 'b', months: 1 },
        { id: 'c', months: 1 },
      ],
      turns: ['2026-02-28', '2026-03-31', '2026-04-30'],
      why: 'months count from the first day, so that a short month shortens none after it',
    },
    {
      since: '2023-12-15',
      phases: [
        { id: 'a', months: 2 },
        { id: 'b', days: 14 },
        { id: 'c', months: 1 },
      ],
      turns: ['2024-02-15', '2024-02-29', '2024-03-29'],
      why: 'months after days count from where the days ended',
    },
  ])('$why', ({ since, phases, turns }) => {
    expect(phaseTurningDays(card(phases), since)).toEqual(turns);
    expect(phasesInTime(card(phases), since).map(({ from }) => from)).toEqual([since, ...turns.slice(0, -1)]);
  });

  test.each([
    ['2026-01-01', 'trial', 'a day before the start counts as the first'],
    ['2026-01-10', 'trial', 'the first day'],
    ['2026-01-23', 'trial', 'the last day'],
    ['2026-01-24', 'ramp', 'the day on which it ends is in the next'],
    ['2026-04-24', null, 'after the last the card’s own prices hold'],
  ])('on %s: %s, %s', (day, phase, _why) => {
    expect(phaseOn(card([TRIAL, RAMP]), day, '2026-01-10')?.id ?? null).toBe(phase);
  });

  test('a trial that ends with nothing after it says from which day on', () => {
    expect(trialEnd(card([{ ...TRIAL, after: 'end' }]), '2026-01-10')).toBe('2026-01-24');
    expect(trialEnd(card([{ ...TRIAL, after: 'convert' }]), '2026-01-10')).toBeNull();
    expect(trialEnd(card([TRIAL]), '2026-01-10')).toBeNull();
    expect(trialEnd(parseRateCard(cardWith({})), '2026-01-10')).toBeNull();
  });

  test.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2026-11-30', 3, '2027-02-28'],
    ['2026-05-05', 24, '2028-05-05'],
  ])('%s and %d months is %s', (date, months, expected) => {
    expect(addMonths(date, months)).toBe(expected);
  });
});

describe('after a trial that ends', () => {
  const RESERVED = {
    id: 'capacity',
    meter: 'tokens',
    price: {
      model: 'reserved',
      capacity: { quantity: '10', per: 'period' },
      amount: '5.00',
      overage: { model: 'perUnit', unitPrice: '0.02' },
    },
  };
  const half = { ...TRIAL, charges: { calls: TRIAL.charges.calls }, after: 'end' };
  const own = cardWith({
    ...{ charges: [...CHARGES, RESERVED], phases: [half], minimum: { amount: '50.00' } },
    discounts: [
      { id: 'of-platform', percent: '10', appliesTo: 'platform' },
      { id: 'of-all', percent: '50' },
    ],
  });

  const since = { customerSince: '2025-11-01' };
  const rated = (rateCard: object, used: object[]) =>
    compileWritten(parseRateCard(rateCard))(parseUsage(usageOf(used, since)), {});

  test('no fee is due, and usage costs what it did in the trial', () => {
    // By hand: 10 × 0.01 + 10 × 0.02 = 0.30, and half of it off.
    const used = [{ quantity: '10' }, { meter: 'tokens', quantity: '10' }];
    expect(rated(own, used).total).toBe('0.15');
    expect(rated(own, [])).toMatchObject({ lines: [], total: '0.00' });
  });

  test('its card is an ordinary one, and the same object each time', () => {
    const card = parseRateCard(own);
    const after = cardInPhase(card, '2026-01-24', '2026-01-10');
    expect(parseRateCard(after)).toBe(after);
    expect(cardInPhase(card, '2027-01-01', '2026-01-10')).toBe(after);
    expect(cardInPhase(card, '2026-01-23', '2026-01-10')).not.toBe(after);
  });

  test('a card of fees alone costs nothing', () => {
    const fees = cardWith({ charges: CHARGES.slice(0, 1), phases: [{ id: 'trial', days: 14, after: 'end' }] });
    expect(rated(fees, [])).toMatchObject({ lines: [], total: '0.00' });
  });
});

describe('the card of a phase', () => {
  test('is an ordinary valid card, and the same object each time', () => {
    const own = card([TRIAL, RAMP], { minimum: { amount: '50.00' } });
    for (const day of ['2026-01-10', '2026-02-10', '2026-09-01']) {
      const ordinary = cardInPhase(own, day, '2026-01-10');
      expect(parseRateCard(ordinary)).toBe(ordinary);
      expect(ordinary).not.toHaveProperty('phases');
      expect(cardInPhase(own, day, '2026-01-10')).toBe(ordinary);
    }
    expect(cardInPhase(own, '2026-01-10', '2026-01-10').minimum).toBeUndefined();
    expect(cardInPhase(own, '2026-02-10', '2026-01-10').discounts).toEqual([{ id: 'ramp', percent: '50' }]);
    expect(cardInPhase(own, '2026-09-01', '2026-01-10').minimum).toEqual({ amount: '50.00' });
  });

  test('a card without phases is answered as it is', () => {
    const plain = parseRateCard(cardWith({ charges: CHARGES }));
    expect(cardInPhase(plain, '2026-01-10', '2026-01-10')).toBe(plain);
  });

  test('a card with phases has no price by itself', () => {
    expect(() => compileRateCard(card([TRIAL]))).toThrow(expect.objectContaining({ code: 'phase-unknown' }));
    expect(() => bill([TRIAL], [], {})).toThrow(
      expect.objectContaining({ code: 'phase-unknown', path: '/customerSince' }),
    );
  });
});

describe('a price that grows with the customer', () => {
  const at = (day: string, quantity: number) => ({ hour: `2026-01-${day}T10:00:00Z`, quantity });

  test.each([
    {
      since: '2026-01-01',
      days: 60,
      total: '2.00',
      lines: ['flat = 0.00', 'usage 200 × 0.01 = 2.00'],
      why: 'within the trial',
    },
    {
      since: '2025-01-01',
      days: 60,
      total: '41.00',
      lines: ['flat at 31.00 = 31.00', 'included 100 × 0 = 0.00', 'usage tier 1 100 × 0.10 = 10.00'],
      why: 'after it',
    },
  ])('$why', ({ since, days, total, lines }) => {
    const result = bill([{ ...TRIAL, days }], [at('05', 120), at('20', 80)], { customerSince: since });
    expect(linesInShort(result)).toEqual(lines);
    expect(result.total).toBe(total);
  });

  test('a period in which the trial ends is split at that day’s first hour', () => {
    const used = [
      at('15', 120),
      { hour: '2026-01-16T23:00:00Z', quantity: 5 },
      { hour: '2026-01-17T00:00:00Z', quantity: 80 },
    ];
    const result = bill([TRIAL], used, { customerSince: '2026-01-03' });
    expect(linesInShort(result)).toEqual([
      'flat = 0.00',
      'usage 125 × 0.01 = 1.25',
      // 15 of 31 days at 31.00.
      'flat at 31.00 = 15.00',
      // The trial's 125 units have used up the allowance of 100, and 25 of the first tier.
      'usage tier 1 80 × 0.10 = 8.00',
    ]);
    expect(result.total).toBe('24.25');
  });

  test('the discount of a phase is taken of the part of the period that lies in it', () => {
    const result = bill([{ ...RAMP, months: 1 }], [at('05', 200), at('20', 100)], { customerSince: '2025-12-17' });
    // 16 of 31 days: 16.00 + 10.00 at half price; then 15.00 + 10.00.
    expect(result.discounts).toEqual([{ id: 'ramp', amount: '-13.00' }]);
    expect(result.total).toBe('38.00');
  });
});
