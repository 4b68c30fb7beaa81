import { type GuardrailEvidence, judge } from '../../../lib/domain/impact/guardrails.ts';
import type { Guardrail, GuardrailKind } from '../../../lib/domain/rules/ruleset.ts';

const guardrail = (kind: GuardrailKind, more: Partial<Guardrail> = {}): Guardrail => ({
  id: kind,
  kind,
  rationale: 'a promise is kept',
  owner: 'pricing@example.com',
  ...more,
});
const customer = (id: string, was: number, is: number, more: object = {}) => ({
  id,
  was,
  is,
  isProtected: false,
  belowCost: [],
  ...more,
});
const evidence = (
  more: Partial<GuardrailEvidence> & { list?: ReturnType<typeof customer>[] } = {},
): GuardrailEvidence => ({
  today: '2026-11-15',
  currency: 'USD',
  decimals: 2,
  before: 100_00,
  after: 100_00,
  segments: [],
  cliffs: [],
  unexplained: [],
  customers: () => more.list ?? [],
  ...more,
});
const verdict = (one: Guardrail, of: GuardrailEvidence) => judge([one], of)[0];

describe('maxRisePerCustomer', () => {
  const bounds = guardrail('maxRisePerCustomer', { percent: '20', amount: '50.00' });
  test.each([
    { was: 100_00, is: 120_00, verdict: 'pass', why: 'exactly the percent' },
    { was: 100_00, is: 150_00, verdict: 'pass', why: 'beyond the percent, exactly the amount' },
    { was: 100_00, is: 150_01, verdict: 'fail', why: 'beyond both' },
    { was: 1_000_00, is: 1_100_00, verdict: 'pass', why: 'beyond the amount only' },
    { was: 0, is: 50_01, verdict: 'fail', why: 'a rise from 0 is beyond every percent' },
    { was: 200_00, is: 1_00, verdict: 'pass', why: 'a fall is no rise' },
  ])('$was → $is: $verdict, $why', ({ was, is, verdict: expected }) => {
    expect(verdict(bounds, evidence({ list: [customer('a', was, is)] }))?.verdict).toBe(expected);
  });
  test('without amount the percent alone decides, to the last digit', () => {
    const percent = guardrail('maxRisePerCustomer', { percent: '12.5' });
    expect(verdict(percent, evidence({ list: [customer('a', 800, 900)] }))?.verdict).toBe('pass');
    expect(verdict(percent, evidence({ list: [customer('a', 800, 901)] }))?.verdict).toBe('fail');
  });
});

test('maxRisePerSegment names the segment and its rise', () => {
  const segments = [
    { id: 'fintech', before: 100_00, after: 111_00 },
    { id: 'media', before: 100_00, after: 110_00 },
  ];
  expect(verdict(guardrail('maxRisePerSegment', { percent: '10' }), evidence({ segments }))).toMatchObject({
    verdict: 'fail',
    detail: 'segment fintech rises by 11.0 %',
  });
});

test.each([
  { after: 115_00, verdict: 'pass' },
  { after: 115_01, verdict: 'fail' },
  { after: 84_99, verdict: 'fail' },
])('maxRevenueChange holds both ways: 100.00 → $after is $verdict', ({ after, verdict: expected }) => {
  expect(verdict(guardrail('maxRevenueChange', { percent: '15' }), evidence({ after }))?.verdict).toBe(expected);
});

test('protectedCustomerTouched looks at protected customers whose bill rises', () => {
  const list = [
    customer('open', 1_00, 9_00),
    customer('kept', 5_00, 4_00, { isProtected: true }),
    customer('touched', 5_00, 5_01, { isProtected: true }),
  ];
  expect(verdict(guardrail('protectedCustomerTouched'), evidence({ list }))).toMatchObject({
    verdict: 'fail',
    customers: ['touched'],
  });
});

test('belowCost takes what rating found for this guardrail', () => {
  const list = [customer('cheap', 5_00, 1_00, { belowCost: [0] }), customer('other', 5_00, 1_00, { belowCost: [1] })];
  expect(verdict(guardrail('belowCost', { unitCosts: {} }), evidence({ list }))?.customers).toEqual(['cheap']);
});

test.each([
  { kind: 'volumeCliff', more: { cliffs: ['rate-cards/x.json: a bill falls'] } },
  { kind: 'missingRationale', more: { unexplained: ['tiers.json: x does not say why'] } },
] as const)('$kind fails with its words', ({ kind, more }) => {
  expect(verdict(guardrail(kind), evidence(more))?.verdict).toBe('fail');
  expect(verdict(guardrail(kind), evidence())?.verdict).toBe('pass');
});

describe('overrides', () => {
  const list = [customer('a', 1_00, 9_00), customer('b', 1_00, 8_00)];
  const override = { reason: 'announced in June', by: 'cfo@example.com', until: '2026-12-01' };
  const rise = (overrides: NonNullable<Guardrail['overrides']>) =>
    verdict(guardrail('maxRisePerCustomer', { percent: '10', overrides }), evidence({ list }));

  test('one for everyone overrides, and is shown with its reason', () => {
    expect(rise([override])).toMatchObject({
      verdict: 'overridden',
      customers: ['a', 'b'],
      detail: expect.stringContaining('overridden by cfo@example.com until 2026-12-01: announced in June'),
    });
  });
  test('one for some leaves the others failing, by name', () => {
    expect(rise([{ ...override, customers: ['a'] }])).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('not overridden for b'),
    });
    expect(rise([{ ...override, customers: ['a', 'b'] }])?.verdict).toBe('overridden');
  });
  test('an expired one counts as none, and says so; until is exclusive', () => {
    expect(rise([{ ...override, until: '2026-11-15' }])).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('the override by cfo@example.com ended on 2026-11-15'),
    });
    expect(rise([{ ...override, until: '2026-11-16' }])?.verdict).toBe('overridden');
  });
  test('what no customer answers for needs one for everyone', () => {
    const cliff = (customers?: string[]) =>
      verdict(
        guardrail('volumeCliff', { overrides: [{ ...override, ...(customers ? { customers } : {}) }] }),
        evidence({ cliffs: ['cliff'] }),
      )?.verdict;
    expect([cliff(['a']), cliff()]).toEqual(['fail', 'overridden']);
  });
});
