import { assert } from '../../assert.ts';
import type { NamedConditions, RuleConditionNode } from '../../rules/ruleset.ts';
import { type Comparison, type CustomOperators, comparisonOf } from './operators.ts';
import { type FactPath, parsePath } from './paths.ts';

/** Conditions ready to run: names resolved, facts by slot, lists split into what is looked at together. */
export type ConditionTree = Leaf | Group | Negation | Always;

/** One comparison of a fact with a value or with another fact. */
export interface Leaf {
  readonly kind: 'leaf';
  /** Where its result stands in a trace. The same comparison in several rules is one: it is made once. */
  readonly index: number;
  readonly fact: string;
  readonly slot: number;
  readonly path: FactPath | null;
  readonly pathText: string | null;
  readonly operator: string;
  readonly compare: Comparison;
  readonly value: unknown;
  /** Where the value is another fact. */
  readonly other: { readonly fact: string; readonly slot: number; readonly path: FactPath | null } | null;
}
/**
 * json-rules-engine looks at a list in sets of equal priority, highest first: all of a set, then, if it decides, none
 * of the next. That shows in which missing facts are noticed, so it is kept.
 */
export interface Group {
  readonly kind: 'all' | 'any';
  readonly sets: readonly (readonly ConditionTree[])[];
}
export interface Negation {
  readonly kind: 'not';
  readonly child: ConditionTree;
}
/** An empty list: the engine lets it hold, `validate` does not let it through. */
export interface Always {
  readonly kind: 'always';
}

export interface TreeContext {
  readonly conditions: NamedConditions;
  readonly operators: CustomOperators;
  slotOf(fact: string): number;
  /** The index of a comparison, the same for the same one. */
  indexOf(comparison: string): number;
}

/** @throws Error when the conditions are not valid: `validateRuleset` says so beforehand, with file and line. */
export function conditionTree(node: RuleConditionNode, context: TreeContext, depth = 0): ConditionTree {
  assert(depth < 200, 'named conditions do not refer to each other in a circle');
  if ('condition' in node) {
    const named = context.conditions[node.condition];
    assert(named && Object.hasOwn(context.conditions, node.condition), `the condition "${node.condition}" exists`);
    return conditionTree(named, context, depth + 1);
  }
  if ('any' in node) return group('any', node.any, context, depth);
  if ('all' in node) return group('all', node.all, context, depth);
  if ('not' in node) return { kind: 'not', child: conditionTree(node.not, context, depth + 1) };
  const compare = comparisonOf(node.operator, context.operators);
  assert(compare, `the operator "${node.operator}" exists`);
  return {
    kind: 'leaf',
    index: context.indexOf(JSON.stringify([node.fact, node.path ?? '', node.operator, node.value])),
    fact: node.fact,
    slot: context.slotOf(node.fact),
    path: pathOf(node.path),
    pathText: node.path ?? null,
    operator: node.operator,
    compare,
    value: node.value,
    other: otherFact(node.value, context),
  };
}

function group(
  kind: 'all' | 'any',
  nodes: readonly RuleConditionNode[],
  context: TreeContext,
  depth: number,
): ConditionTree {
  const [first] = nodes;
  if (first === undefined) return { kind: 'always' };
  if (nodes.length === 1) return conditionTree(first, context, depth + 1);
  const priorities = [...new Set(nodes.map(priorityOf))].sort((a, b) => b - a);
  const sets = priorities.map((priority) =>
    nodes.filter((node) => priorityOf(node) === priority).map((node) => conditionTree(node, context, depth + 1)),
  );
  return { kind, sets };
}

const priorityOf = (node: RuleConditionNode): number => node.priority || 1;

function pathOf(path: string | undefined): FactPath | null {
  if (path === undefined || path === '') return null;
  const parsed = parsePath(path);
  assert(parsed, `the path "${path}" names one place`);
  return parsed;
}

/** `{ "fact": "companySize" }` in the place of a value. */
function otherFact(value: unknown, context: TreeContext): Leaf['other'] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'fact')) return null;
  const { fact, path } = value as { fact: string; path?: string };
  return { fact, slot: context.slotOf(fact), path: pathOf(path) };
}

/** Every leaf, in the order in which they are looked at. */
export function leavesOf(tree: ConditionTree): Leaf[] {
  if (tree.kind === 'leaf') return [tree];
  if (tree.kind === 'always') return [];
  if (tree.kind === 'not') return leavesOf(tree.child);
  return tree.sets.flat().flatMap(leavesOf);
}
