import type { ConditionTree, Leaf } from './condition-tree.ts';
import { follow } from './paths.ts';

/** What kept a rule from being evaluated. */
export interface RuleFaults {
  /** Facts that it read and that have no value. */
  readonly missing: Set<string>;
  /** A comparison met a type that its operator cannot take. */
  unfit: boolean;
}

/**
 * Evaluates one rule as json-rules-engine does when something is amiss: a set of equal priority is looked at as a whole,
 * a fault in it ends the rule, and every fault met on the way is collected.
 *
 * @returns whether the rule holds, null when it has a fault
 */
export function evaluateCarefully(tree: ConditionTree, values: readonly unknown[], faults: RuleFaults): boolean | null {
  switch (tree.kind) {
    case 'always':
      return true;
    case 'leaf':
      return evaluateLeaf(tree, values, faults);
    case 'not': {
      const result = evaluateCarefully(tree.child, values, faults);
      return result === null ? null : !result;
    }
    default: {
      const decides = tree.kind === 'any';
      for (const set of tree.sets) {
        const results = set.map((child) => evaluateCarefully(child, values, faults));
        if (results.includes(null)) return null;
        if (results.includes(decides)) return decides;
      }
      return !decides;
    }
  }
}

function evaluateLeaf(leaf: Leaf, values: readonly unknown[], faults: RuleFaults): boolean | null {
  const { slot, path, other, compare } = leaf;
  if (values[slot] === undefined) faults.missing.add(leaf.fact);
  if (other && values[other.slot] === undefined) faults.missing.add(other.fact);
  if (values[slot] === undefined || (other && values[other.slot] === undefined)) return null;
  const left = path ? follow(values[slot], path) : values[slot];
  const right = other ? (other.path ? follow(values[other.slot], other.path) : values[other.slot]) : leaf.value;
  try {
    return compare(left, right);
  } catch {
    // Such as `in` with a number for a list; the engine's run fails on it too.
    faults.unfit = true;
    return null;
  }
}
