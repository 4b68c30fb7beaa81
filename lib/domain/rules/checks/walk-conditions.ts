import { pointerTo } from '../json-source.ts';
import type { RulesRead } from '../read-rules.ts';
import type { Rule, RuleCondition, RuleConditionNode, RuleConditions } from '../ruleset.ts';

/** A node of a rule's conditions, and where it stands in its file. */
export interface ConditionAt {
  readonly pointer: string;
  readonly node: RuleConditionNode;
}

/** Every node below and with this one, parents first. */
export function* walk(node: RuleConditionNode, pointer: string): Generator<ConditionAt> {
  yield { pointer, node };
  if ('all' in node) yield* walkList(node.all, `${pointer}/all`);
  else if ('any' in node) yield* walkList(node.any, `${pointer}/any`);
  else if ('not' in node) yield* walk(node.not, `${pointer}/not`);
}

function* walkList(nodes: readonly RuleConditionNode[], pointer: string): Generator<ConditionAt> {
  for (const [index, node] of nodes.entries()) yield* walk(node, `${pointer}/${index}`);
}

/** Every node of a rules file: of its rules and of its named conditions. */
export function* walkFile<Params>({ rules, conditions }: RulesRead<Params>): Generator<ConditionAt> {
  for (const { value, pointer } of rules) yield* walk(value.conditions, `${pointer}/conditions`);
  for (const [name, node] of Object.entries(conditions)) yield* walk(node, pointerTo('conditions', name));
}

export const isComparison = (node: RuleConditionNode): node is RuleCondition => 'fact' in node;

/** The fact that stands in the place of a value, if one does. */
export function valueFact(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'fact')) return null;
  return String((value as { fact: unknown }).fact);
}

/** Named conditions put in the place of their names; `null` where a name is unknown or refers to itself. */
export function expand(
  node: RuleConditionNode,
  named: Readonly<Record<string, RuleConditions>>,
  within: readonly string[] = [],
): RuleConditionNode | null {
  if ('condition' in node) {
    const target = Object.hasOwn(named, node.condition) ? named[node.condition] : undefined;
    if (!target || within.includes(node.condition)) return null;
    return expand(target, named, [...within, node.condition]);
  }
  if ('all' in node || 'any' in node) {
    const list = 'all' in node ? node.all : node.any;
    const expanded = list.map((child) => expand(child, named, within));
    if (expanded.some((child) => child === null)) return null;
    const nodes = expanded as RuleConditionNode[];
    return 'all' in node ? { all: nodes } : { any: nodes };
  }
  if ('not' in node) {
    const child = expand(node.not, named, within);
    return child === null ? null : { not: child };
  }
  return node;
}

/** Every fact that a rule reads, named conditions included. */
export function factsOf<Params>(rule: Rule<Params>, named: Readonly<Record<string, RuleConditions>>): string[] {
  const expanded = expand(rule.conditions, named);
  if (expanded === null) return [];
  return [...walk(expanded, '')].flatMap(({ node }) => {
    if (!isComparison(node)) return [];
    const other = valueFact(node.value);
    return other === null ? [node.fact] : [node.fact, other];
  });
}
