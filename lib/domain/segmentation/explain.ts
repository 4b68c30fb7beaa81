import type { FactValue } from '../rules/ruleset.ts';
import { type CompiledRules, type DecisionContext, decide, type GivenFacts, type PhaseName } from './decide.ts';
import type { Decision } from './decision.ts';
import type { ConditionTree, Leaf } from './engine/condition-tree.ts';
import { follow } from './engine/paths.ts';
import { HELD } from './engine/program.ts';
import { resolveFacts } from './resolve-facts.ts';

/** A decision with everything that led to it, and what was near. */
export interface Explanation {
  readonly decision: Decision;
  /** Facts that rules may use, and where each value came from. */
  readonly facts: readonly ExplainedFact[];
  readonly segments: readonly ExplainedRule[];
  readonly tiers: readonly ExplainedRule[];
  readonly protection: readonly ExplainedRule[];
}
export interface ExplainedFact {
  readonly id: string;
  readonly value: FactValue | undefined;
  readonly from: 'given' | 'default' | 'missing' | 'unusable';
}
export interface ExplainedRule {
  readonly rule: string;
  /** The segment, the rate card, or the kind of protection. */
  readonly gives: string;
  readonly rationale: string;
  readonly holds: boolean;
  /** Tiers only: of the rules that hold this one has the highest priority. */
  readonly decides: boolean;
  /** Every comparison of the rule, in its order. */
  readonly conditions: readonly ExplainedCondition[];
  /** The fewest comparisons that would have to turn out differently for the rule to hold; `[]` when it holds. */
  readonly changes: readonly string[];
}
export interface ExplainedCondition {
  /** `companySize lessThan 50` */
  readonly text: string;
  readonly found: FactValue | undefined;
  readonly holds: boolean;
}

/** Says why a customer is where it is. Rules that did not hold come after those that did, the nearest first. */
export function explain(rules: CompiledRules, given: GivenFacts, context: DecisionContext): Explanation {
  const decision = decide(rules, given, context);
  const resolved = resolveFacts(rules.ruleset.facts, given);
  const values: Readonly<Record<string, FactValue>> = {
    ...resolved.values,
    segments: decision.segments,
    ...(decision.rateCard === null ? {} : { rateCard: decision.rateCard.split('@')[0] as string }),
  };
  return {
    decision,
    facts: rules.ruleset.facts.map(({ id }) => ({
      id,
      value: Object.hasOwn(values, id) ? values[id] : undefined,
      from: resolved.unusable.has(id)
        ? 'unusable'
        : given[id] !== undefined && given[id] !== null
          ? 'given'
          : Object.hasOwn(values, id)
            ? 'default'
            : 'missing',
    })),
    segments: explainPhase(rules, 'segments', values, decision),
    tiers: explainPhase(rules, 'tiers', values, decision),
    protection: explainPhase(rules, 'protection', values, decision),
  };
}

function explainPhase(
  { ruleset, phases }: CompiledRules,
  phase: PhaseName,
  facts: Readonly<Record<string, FactValue>>,
  decision: Decision,
): ExplainedRule[] {
  const { result, trace } = phases[phase].trace(facts);
  const rules = phase === 'tiers' ? ruleset.tiers.rules : ruleset[phase];
  const explained = rules.map((rule, index): ExplainedRule => {
    const tree = phases[phase].trees[index] as ConditionTree;
    const holds = 'held' in result && result.held.includes(index);
    const { params } = rule.event;
    return {
      rule: rule.name,
      gives: 'segment' in params ? params.segment : 'kind' in params ? params.kind : params.rateCard,
      rationale: rule.rationale,
      holds,
      decides: phase === 'tiers' && decision.tierRule === rule.name,
      conditions: leaves(tree).map((leaf) => explainLeaf(leaf, facts, trace)),
      changes: holds ? [] : changesFor(tree, true, facts, trace),
    };
  });
  const held = explained.filter(({ holds }) => holds);
  const near = explained.filter(({ holds }) => !holds).sort((a, b) => a.changes.length - b.changes.length);
  return [...held, ...near];
}

const leaves = (tree: ConditionTree): Leaf[] => {
  if (tree.kind === 'leaf') return [tree];
  if (tree.kind === 'always') return [];
  return tree.kind === 'not' ? leaves(tree.child) : tree.sets.flat().flatMap(leaves);
};

const foundBy = ({ fact, path }: Leaf, facts: Readonly<Record<string, FactValue>>): FactValue | undefined => {
  const value = Object.hasOwn(facts, fact) ? facts[fact] : undefined;
  return path ? (follow(value, path) as FactValue | undefined) : value;
};

const subjectOf = ({ fact, pathText }: Leaf): string => (pathText === null ? fact : `${fact} ${pathText}`);
const valueText = ({ value, other }: Leaf): string => (other ? other.fact : JSON.stringify(value));

function explainLeaf(leaf: Leaf, facts: Readonly<Record<string, FactValue>>, trace: Uint8Array): ExplainedCondition {
  return {
    text: `${subjectOf(leaf)} ${leaf.operator} ${valueText(leaf)}`,
    found: foundBy(leaf, facts),
    holds: trace[leaf.index] === HELD,
  };
}

/** The smallest set of comparisons to turn around so that the tree comes out as wanted. */
function changesFor(
  tree: ConditionTree,
  wanted: boolean,
  facts: Readonly<Record<string, FactValue>>,
  trace: Uint8Array,
): string[] {
  if (tree.kind === 'always') return [];
  if (tree.kind === 'not') return changesFor(tree.child, !wanted, facts, trace);
  if (tree.kind === 'leaf') {
    if ((trace[tree.index] === HELD) === wanted) return [];
    return [changeText(tree, wanted, foundBy(tree, facts))];
  }
  const parts = tree.sets.flat().map((child) => changesFor(child, wanted, facts, trace));
  const everyPart = (tree.kind === 'all') === wanted;
  if (everyPart) return parts.flat();
  return parts.reduce((best, part) => (part.length < best.length ? part : best));
}

const WORDS: Readonly<Record<string, readonly [wanted: string, unwanted: string]>> = {
  equal: ['be', 'not be'],
  notEqual: ['not be', 'be'],
  in: ['be one of', 'be none of'],
  notIn: ['be none of', 'be one of'],
  contains: ['include', 'not include'],
  doesNotContain: ['not include', 'include'],
  lessThan: ['be below', 'be at least'],
  lessThanInclusive: ['be at most', 'be above'],
  greaterThan: ['be above', 'be at most'],
  greaterThanInclusive: ['be at least', 'be below'],
};

/** `companySize is 240 and would have to be below 50` */
function changeText(leaf: Leaf, wanted: boolean, found: FactValue | undefined): string {
  const is = found === undefined ? 'has no value' : `is ${JSON.stringify(found)}`;
  const words = Object.hasOwn(WORDS, leaf.operator) ? WORDS[leaf.operator] : undefined;
  const [positive, negative] = words ?? [`satisfy ${leaf.operator}`, `not satisfy ${leaf.operator}`];
  return `${subjectOf(leaf)} ${is} and would have to ${wanted ? positive : negative} ${valueText(leaf)}`;
}
