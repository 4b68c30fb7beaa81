import { parseRuleset } from '../../../lib/domain/rules/parse-ruleset.ts';
import { choiceFacts } from '../../../lib/domain/segmentation/choice-facts.ts';
import { compileRules, decide, type GivenFacts } from '../../../lib/domain/segmentation/decide.ts';
import { explain } from '../../../lib/domain/segmentation/explain.ts';
import { hourOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { shippedRules } from '../rules/shipped-rules.ts';

const rules = compileRules(parseRuleset(shippedRules()));
const context = {
  ...{ customer: 'acme', at: hourOf(parseTimestamp('2026-11-02T10:00:00Z')) },
  ruleset: { hash: 'h', commit: 'c' },
};
const PLAIN: GivenFacts = { createdAt: '2026-09-15' };
const decided = (facts: GivenFacts) => {
  const { tierRule, rateCard, discounts } = decide(rules, { ...PLAIN, ...facts }, context);
  return { tierRule, rateCard, discounts: discounts.map(({ percent }) => percent) };
};

describe('with the shipped rules a customer that chose', () => {
  test.each([
    { why: 'nothing is decided as ever', facts: {}, card: 'free@2025-01-01', rule: 'otherwise', off: [] },
    { why: 'Growth', facts: { chosenCard: 'growth' }, card: 'growth@2026-01-01', rule: 'growth-chosen', off: [] },
    {
      why: 'Business',
      facts: { chosenCard: 'business' },
      card: 'business@2025-01-01',
      rule: 'business-chosen',
      off: [],
    },
    {
      why: 'Free stays on it though it calls much',
      facts: { chosenCard: 'free', callsLast30Days: 90_000 },
      ...{ card: 'free@2025-01-01', rule: 'free-chosen', off: [] },
    },
    {
      why: 'Growth keeps the discount of the programme that it is in',
      facts: { chosenCard: 'growth', startupProgramme: true, companySize: 12 },
      ...{ card: 'growth@2026-01-01', rule: 'growth-chosen-by-startups', off: ['50'] },
    },
    {
      why: 'Business keeps the discount of a clinic',
      facts: { chosenCard: 'business', industry: 'healthcare', companySize: 100 },
      ...{ card: 'business@2025-01-01', rule: 'business-chosen-by-healthcare', off: ['10'] },
    },
    {
      why: 'a card that nobody may choose is decided as if it had chosen nothing',
      facts: { chosenCard: 'enterprise' },
      ...{ card: 'free@2025-01-01', rule: 'otherwise', off: [] },
    },
  ])('$why', ({ facts, card, rule, off }) => {
    expect(decided(facts)).toEqual({ tierRule: rule, rateCard: card, discounts: off });
  });
});

test('the choice is explained by the rule, its rationale and the fact', () => {
  const { decision, tiers } = explain(rules, { ...PLAIN, chosenCard: 'growth' }, context);
  expect(decision.reasons.at(-1)).toEqual({
    ...{ kind: 'tier', rule: 'growth-chosen', facts: { chosenCard: 'growth' } },
    rationale: expect.stringContaining('chose Growth itself'),
  });
  expect(tiers.find(({ decides }) => decides)?.rule).toBe('growth-chosen');
});

test('the fact is given only where facts.json asks for it, and something was chosen', () => {
  expect(choiceFacts('growth', rules.ruleset.facts)).toEqual({ chosenCard: 'growth' });
  expect(choiceFacts(null, rules.ruleset.facts)).toEqual({});
  expect(choiceFacts('growth', [])).toEqual({});
});
