// biome-ignore-all lint/suspicious/noAssignInExpressions: one edit a case reads best on one line
import fc from 'fast-check';
import { hashRuleset } from '../../../lib/domain/rules/hash-ruleset.ts';
import { parseRuleset } from '../../../lib/domain/rules/parse-ruleset.ts';
import type { FactValue, RulesFiles } from '../../../lib/domain/rules/ruleset.ts';
import { compileRules, type DecisionContext, decide } from '../../../lib/domain/segmentation/decide.ts';
import { decideWithEngine, referenceRules } from '../../../lib/domain/segmentation/decide-with-engine.ts';
import { explain } from '../../../lib/domain/segmentation/explain.ts';
import { parseHour } from '../../../lib/domain/time/time.ts';
import { edited, shippedRules } from '../rules/shipped-rules.ts';

const FILES = shippedRules();
const RULES = compileRules(parseRuleset(FILES));
const CONTEXT: DecisionContext = {
  customer: 'acme',
  at: parseHour('2026-01-15T00:00:00Z'),
  ruleset: { hash: hashRuleset(FILES), commit: 'uncommitted' },
};
const at = (time: string): DecisionContext => ({ ...CONTEXT, at: parseHour(time) });
const STARTUP = { industry: 'fintech', companySize: 40, createdAt: '2025-03-01', startupProgramme: true };
const rulesOf = (files: RulesFiles) => compileRules(parseRuleset(files));

describe('decide, with the shipped rules', () => {
  test.each([
    {
      who: 'nobody in particular',
      facts: {},
      segments: [],
      tierRule: 'otherwise',
      rateCard: 'free@2025-01-01',
      protection: [],
    },
    {
      who: 'a startup',
      facts: STARTUP,
      segments: ['fintech', 'startup'],
      tierRule: 'growth-for-startups',
      rateCard: 'growth@2026-01-01',
      protection: ['legacy-2025-lock'],
    },
    {
      who: 'a large company',
      facts: { companySize: 900, createdAt: '2023-01-01' },
      segments: ['large-company'],
      tierRule: 'enterprise-for-large-companies',
      rateCard: 'enterprise@2025-01-01',
      protection: ['first-customers-cap'],
    },
    {
      who: 'a fintech by what it calls',
      facts: { callsLast30Days: 1_000, routeGroupShare: { payments: 0.25 } },
      segments: ['fintech'],
      tierRule: 'growth-for-fintech',
      rateCard: 'growth@2026-01-01',
      protection: [],
    },
    {
      who: 'a clinic',
      facts: { industry: 'healthcare', companySize: 130 },
      segments: ['healthcare'],
      tierRule: 'business-for-healthcare',
      rateCard: 'business@2025-01-01',
      protection: [],
    },
    {
      who: 'a steady giant',
      facts: { companySize: 2_000, callsLast30Days: 80_000, peakShare: 0.2 },
      segments: ['high-volume', 'large-company', 'steady-load'],
      tierRule: 'enterprise-with-reserved-capacity',
      rateCard: 'enterprise@2025-01-01',
      protection: [],
    },
  ])('$who: $rateCard by $tierRule', ({ facts, segments, tierRule, rateCard, protection }) => {
    const decision = decide(RULES, { createdAt: '2025-12-01', ...facts }, CONTEXT);
    expect(decision).toMatchObject({ customer: 'acme', segments, tierRule, rateCard, protection, undecided: null });
    expect(decision.reservedCapacity).toEqual(
      tierRule === 'enterprise-with-reserved-capacity'
        ? { charge: 'calls', quantity: '200', per: 'hour', amount: '0.02' }
        : null,
    );
  });

  test('the day picks the version of the card', () => {
    expect(decide(RULES, STARTUP, at('2025-12-31T23:00:00Z')).rateCard).toBe('growth@2025-01-01');
    expect(decide(RULES, STARTUP, at('2026-01-01T00:00:00Z')).rateCard).toBe('growth@2026-01-01');
    expect(decide(RULES, STARTUP, at('2024-12-31T23:00:00Z'))).toMatchObject({
      rateCard: null,
      tierRule: null,
      undecided: 'no version of the rate card "growth" is in force at 2024-12-31T23:00:00Z',
    });
  });

  test('the reasons name each rule, its rationale and the facts that it read', () => {
    const { reasons } = decide(RULES, STARTUP, CONTEXT);
    expect(reasons.map(({ kind, rule, facts }) => [kind, rule, facts])).toEqual([
      ['segment', 'fintech', { industry: 'fintech' }],
      ['segment', 'startup', { companySize: 40, startupProgramme: true }],
      ['tier', 'growth-for-startups', { segments: ['fintech', 'startup'] }],
      ['protection', 'legacy-2025-lock', { createdAt: '2025-03-01', rateCard: 'growth' }],
    ]);
    expect(decide(RULES, { createdAt: '2025-12-01' }, CONTEXT).reasons).toMatchObject([{ kind: 'otherwise' }]);
  });

  test.each<[string, Record<string, FactValue>, string]>([
    ['a fact without a default is missing', {}, 'the fact "createdAt" is missing, without a default in facts.json'],
    ['null is no value', { createdAt: null }, 'the fact "createdAt" is missing, without a default in facts.json'],
    [
      'a fact has the wrong type',
      { createdAt: '2025-01-01', companySize: '40' },
      'the fact "companySize" is unusable: "40" is not a number',
    ],
    [
      'a day is no day',
      { createdAt: '2025-02-30' },
      'the fact "createdAt" is unusable: "2025-02-30" is not a date such as "2026-01-31"',
    ],
  ])('undecided, and it says why: %s', (_, facts, undecided) => {
    expect(decide(RULES, facts, CONTEXT)).toEqual({
      customer: 'acme',
      effectiveFrom: CONTEXT.at,
      segments: [],
      tierRule: null,
      rateCard: null,
      discounts: [],
      reservedCapacity: null,
      protection: [],
      undecided,
      reasons: [],
      ruleset: CONTEXT.ruleset,
    });
  });

  test('several missing facts are all named', () => {
    const files = edited(FILES, 'facts.json', (j) => {
      for (const fact of j.facts) delete fact.default;
    });
    const { undecided } = decide(rulesOf(files), { industry: 'x' }, CONTEXT);
    expect(undecided).toBe(
      'the facts "callsGrowth", "callsLast30Days", "companySize", "peakShare", "routeGroupShare" and "startupProgramme" are missing, without a default in facts.json',
    );
  });

  test('a fact that no rule reads may be missing', () => {
    const files = edited(FILES, 'facts.json', (j) => void delete j.facts[12].default);
    expect(decide(rulesOf(files), STARTUP, CONTEXT).undecided).toBeNull();
  });
});

test('both engines give the same decision, to the byte', async () => {
  const reference = referenceRules(parseRuleset(FILES));
  const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
  const facts = fc.record(
    {
      industry: oneOf<FactValue>('fintech', 'healthcare', 'media', 7, null),
      companySize: oneOf<FactValue>(1, 49, 50, 100, 500, '500'),
      createdAt: oneOf<FactValue>('2023-06-01', '2025-06-30', '2025-07-01', 'soon'),
      startupProgramme: oneOf<FactValue>(true, false),
      callsLast30Days: oneOf<FactValue>(0, 999, 1_000, 5_000, 50_000),
      callsGrowth: oneOf<FactValue>(-1, 0.2499, 0.25),
      peakShare: oneOf<FactValue>(0.1, 0.33, 1),
      routeGroupShare: oneOf<FactValue>({}, { payments: 0.25 }, { payments: '1' }, []),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(facts, async (given) => {
      expect(JSON.stringify(decide(RULES, given, CONTEXT))).toBe(
        JSON.stringify(await decideWithEngine(reference, given, CONTEXT)),
      );
    }),
    { seed: 42, numRuns: 150 },
  );
}, 30_000);

describe('explain', () => {
  test('the nearest rule that did not hold, and what would have to change', () => {
    const { segments, tiers, facts } = explain(RULES, { ...STARTUP, companySize: 60 }, CONTEXT);
    const startup = segments.find(({ rule }) => rule === 'startup');
    expect(startup).toMatchObject({ holds: false, changes: ['companySize is 60 and would have to be below 50'] });
    expect(startup?.conditions).toEqual([
      { text: 'startupProgramme equal true', found: true, holds: true },
      { text: 'companySize lessThan 50', found: 60, holds: false },
    ]);
    expect(tiers.filter(({ decides }) => decides).map(({ rule }) => rule)).toEqual(['growth-for-fintech']);
    expect(facts.find(({ id }) => id === 'companySize')).toEqual({ id: 'companySize', value: 60, from: 'given' });
    expect(facts.find(({ id }) => id === 'peakShare')).toEqual({ id: 'peakShare', value: 1, from: 'default' });
  });

  test('nearest first, and of alternatives the shorter', () => {
    const { segments } = explain(RULES, { ...STARTUP, callsLast30Days: 999 }, CONTEXT);
    const near = segments.filter(({ holds }) => !holds).map(({ changes }) => changes.length);
    expect(near).toEqual([...near].sort());
    const { tiers } = explain(RULES, { createdAt: '2026-01-01' }, CONTEXT);
    expect(tiers.find(({ rule }) => rule === 'growth-for-growing')?.changes).toEqual([
      'callsLast30Days is 0 and would have to be at least 5000',
    ]);
  });

  test('an undecided customer: what is missing, and the rest all the same', () => {
    const { decision, protection, facts } = explain(RULES, {}, CONTEXT);
    expect(decision.undecided).toContain('createdAt');
    expect(facts.find(({ id }) => id === 'createdAt')).toEqual({ id: 'createdAt', value: undefined, from: 'missing' });
    expect(protection.every(({ holds }) => !holds)).toBe(true);
  });
});

describe('parseRuleset and hashRuleset', () => {
  test('the first fault stops it, with file, line and pointer', () => {
    const files = edited(FILES, 'tiers.json', (j) => void (j.rules[0].conditions.all[0].operator = 'contans'));
    expect(() => parseRuleset(files)).toThrow(
      expect.objectContaining({
        code: 'unknown-operator',
        path: 'tiers.json:14 /rules/0/conditions/all/0/operator',
        hint: 'did you mean "contains"?',
      }),
    );
  });

  test('the hash is of the bytes, whatever the order in which they were read', () => {
    const reversed = Object.fromEntries(Object.entries(FILES).reverse());
    expect(hashRuleset(reversed)).toBe(hashRuleset(FILES));
    expect(hashRuleset({ ...FILES, 'tiers.json': `${FILES['tiers.json']} ` })).not.toBe(hashRuleset(FILES));
    expect(hashRuleset(FILES)).toMatch(/^[0-9a-f]{64}$/);
  });
});
