import { type ConditionTree, type Leaf, leavesOf } from './condition-tree.ts';
import { splitOperator } from './operators.ts';
import { follow } from './paths.ts';

/** Facts by slot. */
export type Values = readonly unknown[];

/** In a trace: the comparison held, or it did not; 0 where nobody looked. */
export const HELD = 1;
export const FAILED = 2;

/**
 * The rules of a file as tables of numbers: first every comparison is made once, kind by kind, then each rule walks
 * along what they said. There is no call per condition and no object per result; that is what makes it fast.
 *
 * Only for rules that are `isSafe` and facts that `fits` accepts: it looks at comparisons that the engine might not have
 * reached, which with faults would matter.
 */
export interface Program {
  /** Whether the facts have the types that the tables are made for; anything else is evaluated the careful way. */
  fits(values: Values): boolean;
  /** Makes every comparison; what each said is written at `Leaf.index`. */
  compare(values: Values, trace: Uint8Array): void;
  /** Which rules hold by what the comparisons said, by their place. */
  held(trace: Uint8Array): number[];
}

const RULE_HOLDS = -1;
const RULE_FAILS = -2;

/** Comparisons of one kind, side by side: the fact's slot, what it is compared with, and where the result goes. */
interface Kind<Value> {
  readonly slots: number[];
  readonly values: Value[];
  readonly results: number[];
}
const kind = <Value>(): Kind<Value> => ({ slots: [], values: [], results: [] });

function addTo<Value>(to: Kind<Value>, slot: number, value: Value, result: number): void {
  to.slots.push(slot);
  to.values.push(value);
  to.results.push(result);
}

interface Comparisons {
  readonly equal: Kind<unknown>;
  readonly oneOf: Kind<readonly unknown[]>;
  readonly contains: Kind<unknown>;
  readonly numbers: Record<Order, Kind<number>>;
  readonly texts: Record<Order, Kind<string>>;
  /** Everything else, by a function. */
  readonly calls: { readonly call: (values: Values) => boolean; readonly result: number }[];
}
const ORDERS = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'] as const;
type Order = (typeof ORDERS)[number];
export const isOrder = (operator: string): operator is Order => (ORDERS as readonly string[]).includes(operator);
const byOrder = <Value>(): Record<Order, Kind<Value>> => ({
  lessThan: kind(),
  lessThanInclusive: kind(),
  greaterThan: kind(),
  greaterThanInclusive: kind(),
});

/** What the rules walk along: at each step a result, and where to go when it held and when it did not. */
interface Steps {
  readonly results: number[];
  readonly onTrue: number[];
  readonly onFalse: number[];
  /** The first step of each rule. */
  readonly starts: number[];
}

/** @param leaves how many different comparisons there are */
export function compileProgram(trees: readonly ConditionTree[], leaves: number): Program {
  const comparisons: Comparisons = {
    equal: kind(),
    oneOf: kind(),
    contains: kind(),
    numbers: byOrder(),
    texts: byOrder(),
    calls: [],
  };
  const known = new Array<boolean>(leaves).fill(false);
  for (const leaf of trees.flatMap(leavesOf)) {
    if (!known[leaf.index]) addComparison(leaf, comparisons);
    known[leaf.index] = true;
  }
  const steps: Steps = { results: [], onTrue: [], onFalse: [], starts: [] };
  for (const tree of trees) steps.starts.push(enter(tree, RULE_HOLDS, RULE_FAILS, steps));
  const slots = (kinds: Record<Order, Kind<unknown>>) => [...new Set(ORDERS.flatMap((order) => kinds[order].slots))];
  const [numberSlots, textSlots] = [slots(comparisons.numbers), slots(comparisons.texts)];
  return {
    fits(values) {
      for (let i = 0; i < numberSlots.length; i++) {
        if (typeof values[numberSlots[i] as number] !== 'number') return false;
      }
      for (let i = 0; i < textSlots.length; i++) if (!isDated(values[textSlots[i] as number])) return false;
      return true;
    },
    compare: (values, trace) => compareAll(comparisons, values, trace),
    held: (trace) => walk(steps, trace),
  };
}

/** Text that begins with a digit is numeric to the engine, and is then compared as text. */
export function isDated(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const first = value.charCodeAt(0);
  return first >= 48 && first <= 57;
}

function addComparison(leaf: Leaf, to: Comparisons): void {
  const { index, slot, value, operator } = leaf;
  if (leaf.path !== null || leaf.other !== null) to.calls.push({ call: callFor(leaf), result: index });
  else if (operator === 'equal') addTo(to.equal, slot, value, index);
  else if (operator === 'in' && Array.isArray(value)) addTo(to.oneOf, slot, value, index);
  else if (operator === 'contains') addTo(to.contains, slot, value, index);
  else if (isOrder(operator) && typeof value === 'number') addTo(to.numbers[operator], slot, value, index);
  else if (isOrder(operator) && typeof value === 'string') addTo(to.texts[operator], slot, value, index);
  else to.calls.push({ call: callFor(leaf), result: index });
}

export function callFor({ slot, path, other, compare, value }: Leaf): (values: Values) => boolean {
  if (!other) return (values) => compare(path ? follow(values[slot], path) : values[slot], value);
  const right = other.path;
  return (values) =>
    compare(
      path ? follow(values[slot], path) : values[slot],
      right ? follow(values[other.slot], right) : values[other.slot],
    );
}

/** Writes the steps of a tree, its last ones first. @returns where to enter it */
function enter(tree: ConditionTree, whenTrue: number, whenFalse: number, steps: Steps): number {
  if (tree.kind === 'always') return whenTrue;
  if (tree.kind === 'not') return enter(tree.child, whenFalse, whenTrue, steps);
  if (tree.kind === 'leaf') {
    steps.onTrue.push(whenTrue);
    steps.onFalse.push(whenFalse);
    return steps.results.push(tree.index) - 1;
  }
  const children = tree.sets.flat().reverse();
  return tree.kind === 'all'
    ? children.reduce((next, child) => enter(child, next, whenFalse, steps), whenTrue)
    : children.reduce((next, child) => enter(child, whenTrue, next, steps), whenFalse);
}

/** `indexOf`, quicker on the short lists that rules have. */
function isAmong(value: unknown, list: readonly unknown[]): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
  return false;
}

function compareAll(
  { equal, oneOf, contains, numbers, texts, calls }: Comparisons,
  facts: Values,
  trace: Uint8Array,
): void {
  for (let i = 0; i < equal.slots.length; i++) {
    trace[equal.results[i] as number] = facts[equal.slots[i] as number] === equal.values[i] ? HELD : FAILED;
  }
  for (let i = 0; i < oneOf.slots.length; i++) {
    const holds = isAmong(facts[oneOf.slots[i] as number], oneOf.values[i] as readonly unknown[]);
    trace[oneOf.results[i] as number] = holds ? HELD : FAILED;
  }
  for (let i = 0; i < contains.slots.length; i++) {
    const list = facts[contains.slots[i] as number];
    const holds = Array.isArray(list) && isAmong(contains.values[i], list);
    trace[contains.results[i] as number] = holds ? HELD : FAILED;
  }
  compareOrder(numbers, facts as readonly number[], trace);
  compareOrder(texts, facts as readonly string[], trace);
  for (let i = 0; i < calls.length; i++) {
    const { call, result } = calls[i] as Comparisons['calls'][number];
    trace[result] = call(facts) ? HELD : FAILED;
  }
}

function compareOrder<Value extends number | string>(
  { lessThan, lessThanInclusive, greaterThan, greaterThanInclusive }: Record<Order, Kind<Value>>,
  facts: readonly Value[],
  trace: Uint8Array,
): void {
  for (let i = 0; i < lessThan.slots.length; i++) {
    const holds = (facts[lessThan.slots[i] as number] as Value) < (lessThan.values[i] as Value);
    trace[lessThan.results[i] as number] = holds ? HELD : FAILED;
  }
  for (let i = 0; i < lessThanInclusive.slots.length; i++) {
    const holds = (facts[lessThanInclusive.slots[i] as number] as Value) <= (lessThanInclusive.values[i] as Value);
    trace[lessThanInclusive.results[i] as number] = holds ? HELD : FAILED;
  }
  for (let i = 0; i < greaterThan.slots.length; i++) {
    const holds = (facts[greaterThan.slots[i] as number] as Value) > (greaterThan.values[i] as Value);
    trace[greaterThan.results[i] as number] = holds ? HELD : FAILED;
  }
  for (let i = 0; i < greaterThanInclusive.slots.length; i++) {
    const holds =
      (facts[greaterThanInclusive.slots[i] as number] as Value) >= (greaterThanInclusive.values[i] as Value);
    trace[greaterThanInclusive.results[i] as number] = holds ? HELD : FAILED;
  }
}

function walk({ results, onTrue, onFalse, starts }: Steps, trace: Uint8Array): number[] {
  const held: number[] = [];
  for (let rule = 0; rule < starts.length; rule++) {
    let step = starts[rule] as number;
    while (step >= 0) step = (trace[results[step] as number] === HELD ? onTrue[step] : onFalse[step]) as number;
    if (step === RULE_HOLDS) held.push(rule);
  }
  return held;
}

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

/** No value inside has a `toString` or `valueOf` of its own, which would throw where an operator compares it. */
export function isPlain(value: object): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === 'object' && item !== null && !isPlain(item)) return false;
    }
    return true;
  }
  for (const key in value) {
    if (key === 'toString' || key === 'valueOf') return false;
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === 'object' && item !== null && !isPlain(item)) return false;
  }
  return true;
}
