import fc from 'fast-check';
import type {
  NamedConditions,
  RuleCondition,
  RuleConditionNode,
  RuleConditions,
} from '../../../../lib/domain/rules/ruleset.ts';
import { compilePhase } from '../../../../lib/domain/segmentation/engine/compiled-phase.ts';
import { DECORATORS, OPERATORS } from '../../../../lib/domain/segmentation/engine/operators.ts';
import type { PhaseRules } from '../../../../lib/domain/segmentation/engine/phase.ts';
import { referencePhase } from '../../../../lib/domain/segmentation/engine/reference-phase.ts';

/** json-rules-engine is the reference: compiled rules must give its answers and its errors, on odd input too. */
const FACTS = ['a', 'b', 'c', 'list', 'object', 'toString', 'missing'];
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    'fintech',
    'de',
    '',
    '10',
    ' 7 seats',
    '-Infinity',
    '.5',
    '+',
    'abc',
    '2025-07-01',
    '2026-01-01T00:00:00Z',
  ),
  fc.constantFrom<unknown>(0, -0, 1, 10, 0.1 + 0.2, -5, 1e21, Number.NaN, Number.POSITIVE_INFINITY),
  fc.constantFrom<unknown>(true, false, null),
);
const list = fc.array(scalar, { maxLength: 3 });
const object = fc.record(
  {
    size: scalar,
    'a-b': scalar,
    nested: fc.record({ x: scalar, list }, { requiredKeys: [], noNullPrototype: true }),
    toString: scalar,
  },
  { requiredKeys: [], noNullPrototype: true },
);
/** A value in a rule has no key that every object inherits: the engine's copies of its conditions lose such keys. */
const ruleValue = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: list },
  { weight: 1, arbitrary: fc.record({ size: scalar }, { noNullPrototype: true }) },
);
const anyValue = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: list },
  { weight: 2, arbitrary: object },
);

const path = fc.constantFrom(
  '$.size',
  "$['a-b']",
  '$.nested.x',
  '$.nested.list[0]',
  '$.nested.list.length',
  '$[0]',
  '$.length',
  '$.toString',
);
const operator = fc
  .tuple(
    fc.array(fc.constantFrom(...Object.keys(DECORATORS)), { maxLength: 2 }),
    fc.constantFrom(...Object.keys(OPERATORS)),
  )
  .map(([decorators, name]) => [...decorators, name].join(':'));
const plainOperator = fc.constantFrom(...Object.keys(OPERATORS));

const reference = fc.record(
  { fact: fc.constantFrom(...FACTS), path },
  { requiredKeys: ['fact'], noNullPrototype: true },
);
const comparison: fc.Arbitrary<RuleCondition> = fc.record(
  {
    fact: fc.constantFrom(...FACTS),
    operator: fc.oneof({ weight: 3, arbitrary: plainOperator }, { weight: 1, arbitrary: operator }),
    value: fc.oneof({ weight: 8, arbitrary: ruleValue }, { weight: 1, arbitrary: reference }),
    path,
    priority: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['fact', 'operator', 'value'], noNullPrototype: true },
);

const priority = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
const labelled = <Node extends object>(node: fc.Arbitrary<Node>): fc.Arbitrary<Node> =>
  fc.tuple(node, priority).map(([value, p]) => (p === undefined ? value : { ...value, priority: p }));

/** Conditions that may refer to `names`. */
function conditions(names: readonly string[]): fc.Arbitrary<RuleConditions> {
  const named = names.length > 0 ? [labelled(fc.constantFrom(...names).map((condition) => ({ condition })))] : [];
  const { root } = fc.letrec<{ root: RuleConditions; node: RuleConditionNode }>((tie) => ({
    node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, comparison, tie('root')),
    root: fc.oneof(
      { depthSize: 'small' },
      labelled(fc.array(tie('node'), { maxLength: 4 }).map((all) => ({ all }))),
      labelled(fc.array(tie('node'), { maxLength: 4 }).map((any) => ({ any }))),
      labelled(tie('node').map((not) => ({ not }))),
      ...named,
    ),
  }));
  return root;
}

/** Named conditions refer only to those before them, so that none refers to itself. */
const namedConditions: fc.Arbitrary<NamedConditions> = fc
  .tuple(conditions([]), conditions(['first']))
  .map(([first, second]) => ({ first, second }));

const phase: fc.Arbitrary<PhaseRules> = fc
  .tuple(namedConditions, fc.array(conditions(['first', 'second']), { minLength: 1, maxLength: 4 }), priority)
  .map(([named, roots, p]) => ({
    conditions: named,
    rules: roots.map((root, i) => ({ name: `rule-${i}`, conditions: root, priority: i === 0 ? (p ?? 1) : 1 })),
  }));

/** Facts of their usual types, so that the quick way is taken, and odd ones, so that it must not be. */
const usualFacts = fc.record(
  {
    a: fc.constantFrom('fintech', 'de', 'abc'),
    b: fc.integer({ min: -5, max: 12 }),
    c: fc.constantFrom('2025-07-01', '2024-12-31'),
    list: fc.array(fc.constantFrom('fintech', 'de', 'abc'), { maxLength: 3 }),
    object: fc.record({ size: fc.double({ min: 0, max: 12 }) }, { noNullPrototype: true }),
    toString: fc.boolean(),
    missing: fc.constant(1),
  },
  { requiredKeys: ['a', 'b', 'c', 'list', 'object', 'toString'], noNullPrototype: true },
);
const oddFacts = fc.record(
  {
    a: anyValue,
    b: anyValue,
    c: anyValue,
    list: fc.oneof(list, anyValue),
    object: fc.oneof(object, anyValue),
    toString: scalar,
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** What kind of answer a run gave: the property must have seen each often. */
const seen = { held: 0, none: 0, missing: 0, unfit: 0 };

async function expectAgreement(rules: PhaseRules, facts: Record<string, unknown>): Promise<void> {
  const compiled = compilePhase(rules);
  const expected = await referencePhase(rules).run(facts);
  expect(compiled.run(facts)).toEqual(expected);
  expect(compiled.trace(facts).result).toEqual(expected);
  if ('held' in expected) seen[expected.held.length > 0 ? 'held' : 'none']++;
  else seen[expected.fault.missing.length > 0 ? 'missing' : 'unfit']++;
}

describe('compiled rules and json-rules-engine', () => {
  test('agree on every answer and every error', async () => {
    await fc.assert(
      fc.asyncProperty(phase, fc.oneof(usualFacts, oddFacts), (rules, facts) => expectAgreement(rules, facts)),
      { seed: 20260115, numRuns: 700 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  }, 60_000);

  test('agree on rules that pass validation and on facts of their types', async () => {
    const typed: fc.Arbitrary<RuleCondition> = fc.oneof(
      fc.record({
        fact: fc.constant('a'),
        operator: fc.constantFrom('equal', 'notEqual'),
        value: fc.constantFrom('fintech', 'de'),
      }),
      fc.record({
        fact: fc.constant('a'),
        operator: fc.constantFrom('in', 'notIn'),
        value: fc.constant(['de', 'abc']),
      }),
      fc.record({
        fact: fc.constant('b'),
        operator: fc.constantFrom('lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'),
        value: fc.integer({ min: -5, max: 12 }),
      }),
      fc.record({
        fact: fc.constant('c'),
        operator: fc.constantFrom('lessThan', 'greaterThanInclusive'),
        value: fc.constant('2025-01-01'),
      }),
      fc.record({
        fact: fc.constant('list'),
        operator: fc.constantFrom('contains', 'doesNotContain'),
        value: fc.constant('de'),
      }),
      fc.record({
        fact: fc.constant('object'),
        path: fc.constant('$.size'),
        operator: fc.constant('greaterThan'),
        value: fc.constant(6),
      }),
    );
    const nested = fc.oneof(
      fc.array(typed, { minLength: 1, maxLength: 3 }).map((any): RuleConditionNode => ({ any })),
      typed.map((not): RuleConditionNode => ({ not })),
      typed,
    );
    const rules = fc.array(
      fc.array(nested, { minLength: 1, maxLength: 4 }).map((all): RuleConditions => ({ all })),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(rules, usualFacts, (roots, facts) =>
        expectAgreement({ rules: roots.map((root, i) => ({ name: `rule-${i}`, conditions: root })) }, facts),
      ),
      { seed: 7, numRuns: 250 },
    );
  }, 60_000);

  test('agree on operators of one’s own', async () => {
    const operators = {
      startsWith: (fact: unknown, value: unknown) => String(fact).startsWith(String(value)),
      fails: () => {
        throw new Error('broken');
      },
    };
    const rule = (name: string, operator: string): PhaseRules['rules'][number] => ({
      name,
      conditions: { all: [{ fact: 'a', operator, value: 'fin' }] },
    });
    await expectAgreement(
      { operators, rules: [rule('one', 'startsWith'), rule('two', 'not:startsWith')] },
      { a: 'fintech' },
    );
    await expectAgreement({ operators, rules: [rule('one', 'startsWith'), rule('two', 'fails')] }, { a: 'fintech' });
  });

  test('runs of one reference that overlap do not skip rules', async () => {
    const rules = [1, 2, 3].map((p) => ({
      name: `p${p}`,
      priority: p,
      conditions: { all: [{ fact: 'a', operator: 'greaterThan', value: 0 }] },
    }));
    const engine = referencePhase({ rules });
    const results = await Promise.all(Array.from({ length: 5 }, () => engine.run({ a: 1 })));
    for (const result of results) expect(result).toEqual({ held: [0, 1, 2] });
  });
});
