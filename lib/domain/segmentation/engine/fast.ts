import type { ConditionTree, Group, Leaf } from './condition-tree.ts';
import { type Comparison, splitOperator } from './operators.ts';
import { follow } from './paths.ts';

/** Facts by slot. */
export type Values = readonly unknown[];
export type Predicate = (values: Values) => boolean;
/** Writes what each comparison said at its index: 1 it held, 2 it did not; 0 stays where none was needed. */
export type TracedPredicate = (values: Values, trace: Uint8Array) => boolean;

export const HELD = 1;
export const FAILED = 2;

/** Operators that take whatever a plain fact can be, so that running fewer or more of them cannot differ in faults. */
const NEVER_THROW = new Set([
  'equal',
  'notEqual',
  'contains',
  'doesNotContain',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
]);
const HARMLESS_DECORATORS = new Set(['not', 'someFact', 'everyFact']);

/** Whether a rule cannot have a fault other than a missing fact, so that the short way round gives the same answer. */
export function isSafe(tree: ConditionTree): boolean {
  if (tree.kind === 'always') return true;
  if (tree.kind === 'not') return isSafe(tree.child);
  if (tree.kind !== 'leaf') return tree.sets.flat().every(isSafe);
  const { decorators, operator } = splitOperator(tree.operator);
  const listed = (operator === 'in' || operator === 'notIn') && Array.isArray(tree.value);
  const plainValue = typeof tree.value !== 'object' || tree.value === null || listed || tree.other !== null;
  return decorators.every((d) => HARMLESS_DECORATORS.has(d)) && (NEVER_THROW.has(operator) || listed) && plainValue;
}

/** The shortest way to the answer: for rules that are safe and facts that are all there. */
export function fastPredicate(tree: ConditionTree): Predicate {
  if (tree.kind === 'always') return () => true;
  if (tree.kind === 'leaf') return fastLeaf(tree);
  if (tree.kind === 'not') {
    const child = fastPredicate(tree.child);
    return (values) => !child(values);
  }
  const children = tree.sets.flat().map(fastPredicate);
  return tree.kind === 'all' ? allOf(children) : anyOf(children);
}

function allOf(children: readonly Predicate[]): Predicate {
  const [a, b, c] = children as [Predicate, Predicate, Predicate];
  if (children.length === 2) return (values) => a(values) && b(values);
  if (children.length === 3) return (values) => a(values) && b(values) && c(values);
  return (values) => {
    for (const child of children) if (!child(values)) return false;
    return true;
  };
}

function anyOf(children: readonly Predicate[]): Predicate {
  const [a, b, c] = children as [Predicate, Predicate, Predicate];
  if (children.length === 2) return (values) => a(values) || b(values);
  if (children.length === 3) return (values) => a(values) || b(values) || c(values);
  return (values) => {
    for (const child of children) if (child(values)) return true;
    return false;
  };
}

function fastLeaf(leaf: Leaf): Predicate {
  const { slot, path, other, compare, value } = leaf;
  if (other) {
    const right = other.path;
    return (values) =>
      compare(
        path ? follow(values[slot], path) : values[slot],
        right ? follow(values[other.slot], right) : values[other.slot],
      );
  }
  if (path) return (values) => compare(follow(values[slot], path), value);
  const plain = Object.hasOwn(PLAIN, leaf.operator) ? PLAIN[leaf.operator] : undefined;
  return plain?.(slot, value, compare) ?? ((values) => compare(values[slot], value));
}

type PlainLeaf = (slot: number, value: unknown, compare: Comparison) => Predicate;

const ordered =
  (test: (fact: number, bound: number) => boolean): PlainLeaf =>
  (slot, value, compare) => {
    if (typeof value !== 'number') return (values) => compare(values[slot], value);
    return (values) => {
      const fact = values[slot];
      return typeof fact === 'number' ? test(fact, value) : compare(fact, value);
    };
  };

/** The usual comparisons with a constant, without the test whether a number is numeric. */
const PLAIN: Readonly<Record<string, PlainLeaf>> = {
  equal: (slot, value) => (values) => values[slot] === value,
  notEqual: (slot, value) => (values) => values[slot] !== value,
  contains: (slot, value) => (values) => {
    const list = values[slot];
    return Array.isArray(list) && list.indexOf(value) > -1;
  },
  lessThan: ordered((fact, bound) => fact < bound),
  lessThanInclusive: ordered((fact, bound) => fact <= bound),
  greaterThan: ordered((fact, bound) => fact > bound),
  greaterThanInclusive: ordered((fact, bound) => fact >= bound),
};

/**
 * As the engine goes: a set of equal priority as a whole, so that the trace shows every comparison that it would make.
 * For rules that are safe and facts that are all there.
 */
export function tracedPredicate(tree: ConditionTree): TracedPredicate {
  if (tree.kind === 'always') return () => true;
  if (tree.kind === 'leaf') {
    const { index } = tree;
    const leaf = fastLeaf(tree);
    return (values, trace) => {
      const holds = leaf(values);
      trace[index] = holds ? HELD : FAILED;
      return holds;
    };
  }
  if (tree.kind === 'not') {
    const child = tracedPredicate(tree.child);
    return (values, trace) => !child(values, trace);
  }
  return tracedGroup(tree);
}

function tracedGroup({ kind, sets }: Group): TracedPredicate {
  const runs = sets.map((set) => tracedSet(kind, set.map(tracedPredicate)));
  const [only] = runs;
  if (only && runs.length === 1) return only;
  const decides = kind === 'any';
  return (values, trace) => {
    for (const run of runs) if (run(values, trace) === decides) return decides;
    return !decides;
  };
}

function tracedSet(kind: Group['kind'], children: readonly TracedPredicate[]): TracedPredicate {
  const [a, b] = children as [TracedPredicate, TracedPredicate];
  if (children.length === 1) return a;
  if (children.length === 2) {
    return (values, trace) => {
      const [first, second] = [a(values, trace), b(values, trace)];
      return kind === 'all' ? first && second : first || second;
    };
  }
  return (values, trace) => {
    let held = 0;
    for (const child of children) if (child(values, trace)) held++;
    return kind === 'all' ? held === children.length : held > 0;
  };
}
