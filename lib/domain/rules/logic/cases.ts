import type { RuleConditionNode } from '../ruleset.ts';
import { isSatisfiable, type Literal, literalOf } from './literals.ts';

/** Beyond this many cases rules are not reasoned about: validating must stay quick. */
const CASES_MAX = 3_000;
type Cases = readonly (readonly Literal[])[];

/**
 * The cases in which conditions hold (disjunctive normal form), impossible ones left out; `[]` when they never hold.
 * @param node without named conditions
 * @returns null when there are too many to reason about
 */
export function casesOf(node: RuleConditionNode, positive = true): Cases | null {
  if ('not' in node) return casesOf(node.not, !positive);
  if ('all' in node) return positive ? product(node.all, true) : sum(node.all, false);
  if ('any' in node) return positive ? sum(node.any, true) : product(node.any, false);
  if ('condition' in node) return null;
  return [[literalOf(node, positive)]];
}

/** Whether no facts make the conditions hold; null when that is beyond reasoning. */
export function neverHolds(node: RuleConditionNode): boolean | null {
  const cases = casesOf(node);
  return cases === null ? null : cases.length === 0;
}

function sum(nodes: readonly RuleConditionNode[], positive: boolean): Cases | null {
  const all: (readonly Literal[])[] = [];
  for (const node of nodes) {
    const cases = casesOf(node, positive);
    if (cases === null || all.length + cases.length > CASES_MAX) return null;
    all.push(...cases);
  }
  return all;
}

function product(nodes: readonly RuleConditionNode[], positive: boolean): Cases | null {
  let combined: Cases = [[]];
  for (const node of nodes) {
    const cases = casesOf(node, positive);
    if (cases === null || combined.length * cases.length > CASES_MAX) return null;
    combined = combined.flatMap((one) => cases.map((other) => [...one, ...other])).filter(isSatisfiable);
  }
  return combined;
}
