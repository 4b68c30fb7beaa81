import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { usageDigest } from '../../../lib/domain/invoicing/closed-usage.ts';
import { type DraftInput, draftInvoice, type EarlierPeriod, PLAIN_DRAFT } from '../../../lib/domain/invoicing/draft.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import { parseDecimal } from '../../../lib/domain/money/decimal.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import type { ProtectionParams } from '../../../lib/domain/rules/ruleset.ts';
import type { Decision } from '../../../lib/domain/segmentation/decision.ts';
import { addHours, formatHour, parseTimestamp } from '../../../lib/domain/time/time.ts';
import {
  closed,
  decision,
  FEBRUARY,
  FREE,
  GROWTH,
  hour,
  JANUARY,
  pinnedTo,
  ruleset,
} from '../../app/invoice-customer/fixtures.ts';

interface Given {
  readonly rows?: readonly ClosedHour[];
  readonly decisions?: readonly Decision[];
  readonly cards?: readonly RateCard[];
  readonly protection?: Readonly<Record<string, ProtectionParams>>;
  readonly change?: Partial<DraftInput>;
}

const rater = cardRater();
function input({ rows = [], decisions = [decision()], cards = [GROWTH, FREE], protection, change }: Given): DraftInput {
  const rules = ruleset(cards, protection);
  return {
    customer: 'acme',
    ...PLAIN_DRAFT,
    customerSince: '2025-06-01',
    current: { period: JANUARY, active: JANUARY, rows, pinned: pinnedTo('r1') },
    earlier: [],
    decisions,
    rulesets: new Map([['r1', { hash: 'r1', commit: 'c1', rules }]]),
    rater,
    ...change,
  };
}

function drafted(given: Given): Invoice {
  const outcome = draftInvoice(input(given));
  if (outcome.outcome !== 'drafted') throw new Error(JSON.stringify(outcome));
  return outcome.invoice;
}
const amounts = ({ lines }: Invoice) => lines.map(({ kind, amount }) => `${kind} ${amount}`);

describe('a month without a change', () => {
  test('has the lines of the rate card, each with what is needed to derive it again', () => {
    const invoice = drafted({ rows: [closed('2026-01-15T10', '250000')] });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'included 0.00', 'usage 96.00']);
    expect(invoice).toMatchObject({ total: '145.00', currency: 'USD', start: '2026-01-01T00:00:00Z' });
    expect(invoice.lines[2]).toMatchObject({
      ...{ id: '0003', meter: 'api-calls', tier: 1, quantity: '240000', unitPrice: '0.0004' },
      ...{ rateCard: 'growth@2026-01-01', rule: 'growth-for-startups', rulesCommit: 'c1' },
      ...{ from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', creditReason: null },
    });
    expect(invoice.lines[2]?.usageDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(invoice.lines[2]?.explanation).not.toBe('');
  });

  test('the usage digest follows the usage, not the order of the rows', () => {
    const rows = [closed('2026-01-15T10', '1'), closed('2026-01-16T10', '2')];
    expect(drafted({ rows }).digest).toBe(drafted({ rows: [...rows].reverse() }).digest);
    const other = [closed('2026-01-15T10', '2'), closed('2026-01-16T10', '1')];
    expect(drafted({ rows: other }).usageDigest).not.toBe(drafted({ rows }).usageDigest);
  });

  test('corrections of its own hours are part of it and named', () => {
    const rows = [closed('2026-01-15T10', '20000'), closed('2026-01-15T10', '-5000', { adjustment: 1 })];
    const invoice = drafted({ rows });
    expect(amounts(invoice)).toContain('usage 2.00');
    expect(invoice.rated[0]?.adjustments).toEqual(['2026-01-15T10:00:00Z#1']);
  });

  test('a customer who came on the 16th pays the fee for its time', () => {
    const start = parseTimestamp('2026-01-16T00:00:00Z');
    const current = { period: JANUARY, active: { start, end: JANUARY.end }, rows: [], pinned: pinnedTo('r1') };
    expect(drafted({ change: { current } }).total).toBe('25.29'); // 49 × 16/31
  });
});

describe('what stops an invoice', () => {
  test('an hour that is not closed, named', () => {
    const pinned = pinnedTo('r1');
    pinned.delete(hour('2026-01-20T05'));
    const outcome = draftInvoice(
      input({ change: { current: { period: JANUARY, active: JANUARY, rows: [], pinned } } }),
    );
    expect(outcome).toEqual({ outcome: 'not-closed', hour: hour('2026-01-20T05') });
  });
  test.each<[string, Given]>([
    ['no-decision', { decisions: [] }],
    ['undecided', { decisions: [decision({ rateCard: null, undecided: 'industry is unknown' })] }],
    ['card-missing', { decisions: [decision({ rateCard: 'gone@2026-01-01' })] }],
    ['unpriced-meter', { rows: [closed('2026-01-15T10', '5', { meter: 'tokens' })] }],
    ['negative-usage', { rows: [closed('2026-01-15T10', '5'), closed('2026-01-15T10', '-6', { adjustment: 1 })] }],
    ['protection-missing', { decisions: [decision({ protection: ['nobody-knows'] })] }],
    ['ruleset-missing', { decisions: [decision({ ruleset: { hash: 'r9', commit: 'c9' } })] }],
    ['invariant', { rows: [closed('2026-01-15T10', '5', { customer: 'other' })] }],
    [
      'reserved-charge',
      { decisions: [decision({ reservedCapacity: { charge: 'x', quantity: '1', per: 'hour', amount: '1' } })] },
    ],
  ])('%s', (code, given) => {
    const rows = given.rows ?? [closed('2026-01-15T10', '5')];
    expect(draftInvoice(input({ ...given, rows }))).toMatchObject({ outcome: 'hold', code });
  });
  test('nothing used and nothing decided is an invoice of nothing, so that the next period can follow', () => {
    const outcome = draftInvoice(input({ decisions: [] }));
    expect(outcome).toMatchObject({ outcome: 'drafted', invoice: { total: '0', lines: [] } });
  });
});

describe('a change within the month', () => {
  const half = hour('2026-01-16T12'); // 372 of 744 hours
  const calls: RateCard = { ...GROWTH, charges: GROWTH.charges.slice(1) };
  const cheap: RateCard = {
    ...calls,
    id: 'cheap',
    charges: [{ id: 'calls', meter: 'api-calls', included: '10000', price: { model: 'perUnit', unitPrice: '0.0001' } }],
  };

  test('splits at the hour; usage before it counts against the new allowance', () => {
    const rows = [closed('2026-01-16T11', '15000'), closed('2026-01-16T12', '8000')];
    const decisions = [decision(), decision({ effectiveFrom: half, rateCard: 'cheap@2026-01-01', tierRule: 'loyal' })];
    const invoice = drafted({ rows, decisions, cards: [calls, cheap, FREE] });
    expect(invoice.lines.map((l) => [l.kind, l.quantity, l.amount, l.rateCard, l.rule, l.to])).toEqual([
      ['included', '10000', '0.00', 'growth@2026-01-01', 'growth-for-startups', '2026-01-16T12:00:00Z'],
      ['usage', '5000', '2.00', 'growth@2026-01-01', 'growth-for-startups', '2026-01-16T12:00:00Z'],
      ['usage', '8000', '0.80', 'cheap@2026-01-01', 'loyal', '2026-02-01T00:00:00Z'],
    ]);
  });

  test('a decision that repeats the last one splits nothing', () => {
    const again = decision({ effectiveFrom: half, reasons: [] });
    expect(drafted({ decisions: [decision(), again] }).lines).toHaveLength(1);
  });

  test('a new dated version of the card takes over at its day, by the ruleset that the hours pin', () => {
    const dearer: RateCard = {
      ...GROWTH,
      effectiveFrom: '2026-01-17',
      charges: [{ id: 'platform', price: { model: 'flat', amount: '98.00', proration: 'day' } }],
      freeMeters: ['api-calls'],
    };
    const invoice = drafted({ cards: [GROWTH, dearer, FREE] });
    expect(invoice.lines.map(({ rateCard, amount }) => `${rateCard} ${amount}`)).toEqual([
      'growth@2026-01-01 25.29',
      'growth@2026-01-17 47.42', // 98 × 15/31
    ]);
  });

  test('the first decision also covers the hours before it', () => {
    const invoice = drafted({
      decisions: [decision({ effectiveFrom: half })],
      rows: [closed('2026-01-02T00', '20000')],
    });
    expect(invoice.lines[0]).toMatchObject({ amount: '49.00', from: '2026-01-01T00:00:00Z' });
  });

  test('reserved capacity for a part of the month is charged for its hours', () => {
    const reservedCapacity = { charge: 'calls', quantity: '100', per: 'hour' as const, amount: '0.01' };
    const rows = [closed('2026-01-20T00', '150')];
    const invoice = drafted({
      rows,
      decisions: [decision(), decision({ effectiveFrom: half, reservedCapacity })],
      cards: [calls],
    });
    expect(invoice.lines.map(({ kind, quantity, amount }) => [kind, quantity, amount])).toEqual([
      ['reserved', '100', '3.72'],
      ['overage', '50', '0.02'],
    ]);
  });

  test('split anywhere by a rule that changes no price, the money is the same to a rounding per line', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 743 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 743 }), fc.integer({ min: 1, max: 400_000 })), { maxLength: 6 }),
        (at, used) => {
          const first = hour('2026-01-01T00');
          const perHour = new Map(used.map(([h, quantity]) => [h, quantity]));
          const rows = [...perHour].map(([h, quantity]) =>
            closed(formatHour(addHours(first, h)).slice(0, 13), String(quantity)),
          );
          const whole = drafted({ rows, cards: [calls] });
          const later = decision({ effectiveFrom: addHours(first, at), tierRule: 'renamed' });
          const split = drafted({ rows, cards: [calls], decisions: [decision(), later] });
          const cents = (invoice: Invoice) => Number(parseDecimal(invoice.total).units);
          expect(Math.abs(cents(split) - cents(whole))).toBeLessThanOrEqual(2);
          const used10k = (invoice: Invoice) =>
            invoice.lines
              .filter(({ kind }) => kind === 'included')
              .reduce((n, { quantity }) => n + Number(quantity), 0);
          expect(used10k(split)).toBe(used10k(whole));
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });
});

describe('discounts, minimum, maximum', () => {
  const card = (change: Partial<RateCard>): RateCard[] => [{ ...GROWTH, ...change }];
  test('the rule’s discounts follow the card’s, and each is a line', () => {
    const cards = card({ discounts: [{ id: 'annual', percent: '10' }] });
    const decisions = [decision({ discounts: [{ id: 'startup', percent: '50' }] })];
    const invoice = drafted({ cards, decisions });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'discount -4.90', 'discount -22.05']);
    expect(invoice.lines[2]).toMatchObject({ rule: 'startup', creditReason: 'discount startup' });
    expect(invoice.total).toBe('22.05');
  });
  test.each([
    { change: { minimum: { amount: '100.00' } }, lines: ['flat 49.00', 'minimum 51.00'], total: '100.00' },
    { change: { maximum: { amount: '40.00' } }, lines: ['flat 49.00', 'maximum -9.00'], total: '40.00' },
    {
      change: {
        minimum: { amount: '100.00', order: 'beforeDiscounts' as const },
        discounts: [{ id: 'a', percent: '10' }],
      },
      lines: ['flat 49.00', 'discount -10.00', 'minimum 51.00'],
      total: '90.00',
    },
    {
      change: { discounts: [{ id: 'big', amount: '80.00' }] },
      lines: ['flat 49.00', 'discount -49.00'],
      total: '0.00',
    },
  ])('$lines', ({ change, lines, total }) => {
    const invoice = drafted({ cards: card(change) });
    expect(amounts(invoice).sort()).toEqual([...lines].sort());
    expect(invoice.total).toBe(total);
  });
});

describe('price protection is a line of its own', () => {
  const old: RateCard = {
    ...GROWTH,
    id: 'growth',
    effectiveFrom: '2025-01-01',
    charges: [{ id: 'platform', price: { model: 'flat', amount: '40.00' } }],
    freeMeters: ['api-calls'],
  };
  const given = (params: ProtectionParams, rows: ClosedHour[] = []): Given => ({
    rows,
    cards: [old, GROWTH, FREE],
    decisions: [decision({ protection: ['legacy'] })],
    protection: { legacy: { rateCard: 'growth@2025-01-01', ...params } },
  });
  test.each<[string, ProtectionParams, string[], string]>([
    ['lock', { kind: 'lock' }, ['flat 49.00', 'protection -9.00'], '40.00'],
    ['match takes the lower', { kind: 'match', months: 12 }, ['flat 49.00', 'protection -9.00'], '40.00'],
    ['cap allows a rise of 10 %', { kind: 'cap', percent: '10' }, ['flat 49.00', 'protection -5.00'], '44.00'],
    ['a wide cap changes nothing', { kind: 'cap', percent: '50' }, ['flat 49.00'], '49.00'],
    ['a match that is over', { kind: 'match', months: 3 }, ['flat 49.00'], '49.00'],
    ['a lock that is over', { kind: 'lock', until: '2026-01-01' }, ['flat 49.00'], '49.00'],
  ])('%s', (_, params, lines, total) => {
    const invoice = drafted(given(params));
    expect(amounts(invoice)).toEqual(lines);
    expect(invoice.total).toBe(total);
  });
  test('a lock until the 16th holds for the hours before it', () => {
    const invoice = drafted(given({ kind: 'lock', until: '2026-01-16' }));
    expect(invoice.lines.filter(({ kind }) => kind === 'protection')).toMatchObject([
      { rule: 'legacy', from: '2026-01-01T00:00:00Z', to: '2026-01-16T00:00:00Z', creditReason: null },
    ]);
  });
});

describe('late usage of an earlier period', () => {
  const earlier = (rows: ClosedHour[], total: string, taken: string[] = []): EarlierPeriod => ({
    ...{ period: JANUARY, active: JANUARY, rows, pinned: pinnedTo('r1'), total, taken },
    lines: drafted({ rows: rows.filter(({ adjustment }) => adjustment === 0) }).lines,
  });
  const february = { period: FEBRUARY, active: FEBRUARY, rows: [], pinned: pinnedTo('r1', FEBRUARY) };
  test('is one line: the period rated again, less what it was rated at', () => {
    const rows = [closed('2026-01-15T10', '9000'), closed('2026-01-15T10', '6000', { adjustment: 1 })];
    const invoice = drafted({ change: { current: february, earlier: [earlier(rows, '49.00')] } });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'adjustment 2.00']);
    expect(invoice.rated).toMatchObject([
      { start: '2026-02-01T00:00:00Z', total: '49.00', adjustments: [] },
      { start: '2026-01-01T00:00:00Z', total: '51.00', adjustments: ['2026-01-15T10:00:00Z#1'] },
    ]);
    expect(invoice.total).toBe('51.00');
    // The original line, and what came late to it.
    const words = 'late usage of 2026-01, line 0002 (2026-01-15T10:00:00Z#1): rated again 51.00, rated before 49.00';
    expect(invoice.lines[1]?.explanation).toBe(words);
  });
  test('of a route group cites its own lines, or those of its meter that name none', () => {
    const price = { model: 'perUnit' as const, unitPrice: '0.001' };
    const groups = ['pay', 'find'].map((group) => ({ id: group, meter: 'api-calls', group, price }));
    const cards = [{ ...GROWTH, charges: [...groups, { id: 'other', meter: 'api-calls', price }] }];
    const usage = (group: string | null, quantity: string) => ({ meter: 'api-calls', group, quantity });
    const first = {
      ...closed('2026-01-15T10', '0'),
      usage: ['find', 'pay', null].map((group) => usage(group, '1000')),
    };
    const words = (group: string) => {
      const late = { ...closed('2026-01-15T10', '0', { adjustment: 1 }), usage: [usage(group, '500')] };
      const before = { ...earlier([first, late], '3.00'), lines: drafted({ cards, rows: [first] }).lines };
      const { lines } = drafted({ cards, change: { current: february, earlier: [before] } });
      return lines.find(({ kind }) => kind === 'adjustment')?.explanation;
    };
    expect(words('find')).toMatch(/^late usage of 2026-01, line 0002 \(/);
    expect(words('another')).toMatch(/^late usage of 2026-01, line 0003 \(/);
  });
  test('of a meter that had none before cites no line', () => {
    const late = [closed('2026-01-15T10', '6000', { adjustment: 1, meter: 'tokens' })];
    const charge = { id: 'tokens', meter: 'tokens', price: { model: 'perUnit' as const, unitPrice: '0.001' } };
    const cards = [{ ...GROWTH, charges: [...GROWTH.charges, charge] }];
    const invoice = drafted({ cards, change: { current: february, earlier: [earlier(late, '49.00')] } });
    expect(invoice.lines.at(-1)).toMatchObject({ kind: 'adjustment', amount: '6.00' });
    expect(invoice.lines.at(-1)?.explanation).toMatch(/^late usage of 2026-01, on no line before \(/);
  });
  test('within the allowance it costs nothing and is still named', () => {
    const rows = [closed('2026-01-15T10', '10', { adjustment: 1 })];
    const invoice = drafted({ change: { current: february, earlier: [earlier(rows, '49.00')] } });
    expect(amounts(invoice)).toEqual(['flat 49.00', 'adjustment 0.00']);
  });
  test('usage that was too much comes back, with a reason', () => {
    const rows = [closed('2026-01-15T10', '20000'), closed('2026-01-15T10', '-10000', { adjustment: 1 })];
    const invoice = drafted({ change: { current: february, earlier: [earlier(rows, '53.00')] } });
    expect(invoice.lines[1]).toMatchObject({ amount: '-4.00', creditReason: 'correction of 2026-01' });
  });
});

test('the usage digest is what JSON.stringify makes of the rows in order, so that anyone can make it again', () => {
  const usage = [
    { meter: 'api-calls', group: null, quantity: '7' },
    { meter: 'api-calls', group: 'a"b', quantity: '0.50' },
    { meter: 'payouts', group: null, quantity: '3.00', events: ['1.00', '2.00'] },
  ];
  const late = closed('2026-01-15T10', '-2', { adjustment: 1, digest: 'd"1' });
  const rows = [
    closed('2026-01-15T23', '0', { usage }),
    late,
    closed('2026-01-15T10', '12'),
    closed('2026-01-16T00', '1', { usage: [] }),
  ];
  const text = JSON.stringify([
    ['2026-01-15T10:00:00Z', 0, 'r1', 'digest-2026-01-15T10', [['api-calls', null, '12', null]]],
    ['2026-01-15T10:00:00Z', 1, 'r1', 'd"1', [['api-calls', null, '-2', null]]],
    [
      ...['2026-01-15T23:00:00Z', 0, 'r1', 'digest-2026-01-15T23'],
      [
        ['api-calls', 'a"b', '0.50', null],
        ['api-calls', null, '7', null],
        ['payouts', null, '3.00', ['1.00', '2.00']],
      ],
    ],
    ['2026-01-16T00:00:00Z', 0, 'r1', 'digest-2026-01-16T00', []],
  ]);
  expect(usageDigest(rows)).toBe(createHash('sha256').update(text).digest('hex'));
  expect(usageDigest([])).toBe(createHash('sha256').update('[]').digest('hex'));
});
