import type { RuleCondition } from '../ruleset.ts';

/** A comparison or its opposite, as far as reasoning about it goes. */
export interface Literal {
  /** What is compared: the fact and its path. */
  readonly subject: string;
  readonly test:
    | { readonly kind: 'oneOf'; readonly values: readonly unknown[] }
    | { readonly kind: 'noneOf'; readonly values: readonly unknown[] }
    | { readonly kind: 'above' | 'below'; readonly bound: number | string; readonly inclusive: boolean }
    | { readonly kind: 'holds' | 'lacks'; readonly item: unknown }
    /** Beyond this reasoning: only in conflict with its own opposite. */
    | { readonly kind: 'opaque'; readonly text: string; readonly positive: boolean };
}

const OPPOSITE: Readonly<Record<string, string>> = {
  equal: 'notEqual',
  notEqual: 'equal',
  in: 'notIn',
  notIn: 'in',
  contains: 'doesNotContain',
  doesNotContain: 'contains',
  lessThan: 'greaterThanInclusive',
  greaterThanInclusive: 'lessThan',
  greaterThan: 'lessThanInclusive',
  lessThanInclusive: 'greaterThan',
};

/** @param positive whether the comparison, or its opposite */
export function literalOf({ fact, path, operator, value }: RuleCondition, positive: boolean): Literal {
  const subject = path === undefined ? fact : `${fact} ${path}`;
  const opaque: Literal = { subject, test: { kind: 'opaque', text: JSON.stringify([operator, value]), positive } };
  // Inside an object there may be nothing, which is neither below nor above: the opposite is then not the mirror image.
  if (path !== undefined && !positive) return opaque;
  const effective = positive ? operator : OPPOSITE[operator];
  const isList = Array.isArray(value);
  const isOrdered = typeof value === 'number' || typeof value === 'string';
  if (typeof value === 'object' && value !== null && !isList) return opaque;
  switch (effective) {
    case 'equal':
      return { subject, test: { kind: 'oneOf', values: [value] } };
    case 'notEqual':
      return { subject, test: { kind: 'noneOf', values: [value] } };
    case 'in':
      return isList ? { subject, test: { kind: 'oneOf', values: value } } : opaque;
    case 'notIn':
      return isList ? { subject, test: { kind: 'noneOf', values: value } } : opaque;
    case 'contains':
      return { subject, test: { kind: 'holds', item: value } };
    case 'doesNotContain':
      return { subject, test: { kind: 'lacks', item: value } };
    case 'lessThan':
    case 'lessThanInclusive':
    case 'greaterThan':
    case 'greaterThanInclusive': {
      if (!isOrdered) return opaque;
      const kind = effective.startsWith('less') ? 'below' : 'above';
      return { subject, test: { kind, bound: value, inclusive: effective.endsWith('Inclusive') } };
    }
    default:
      return opaque;
  }
}

/** Whether facts exist for which all of them hold. Sound, not complete: a `true` may be too kind, a `false` never is. */
export function isSatisfiable(literals: readonly Literal[]): boolean {
  const bySubject = new Map<string, Literal['test'][]>();
  for (const { subject, test } of literals) {
    const tests = bySubject.get(subject);
    if (tests) tests.push(test);
    else bySubject.set(subject, [test]);
  }
  return [...bySubject.values()].every(isPossible);
}

function isPossible(tests: readonly Literal['test'][]): boolean {
  const opaque = tests.flatMap((test) => (test.kind === 'opaque' ? [test] : []));
  if (opaque.some((a) => opaque.some((b) => a.text === b.text && a.positive !== b.positive))) return false;
  const lacked = tests.flatMap((test) => (test.kind === 'lacks' ? [test.item] : []));
  if (tests.some((test) => test.kind === 'holds' && lacked.includes(test.item))) return false;
  const allowed = tests.flatMap((test) => (test.kind === 'oneOf' ? [test.values] : []));
  const [first, ...others] = allowed;
  if (first) return first.some((value) => others.every((list) => list.includes(value)) && tests.every(takes(value)));
  if ([true, false].every((value) => tests.some((test) => test.kind === 'noneOf' && test.values.includes(value)))) {
    return false;
  }
  return hasRoom(tests);
}

/** Whether a value passes a test that does not list what it takes. */
const takes =
  (value: unknown) =>
  (test: Literal['test']): boolean => {
    if (test.kind === 'noneOf') return !test.values.includes(value);
    if (test.kind !== 'above' && test.kind !== 'below') return true;
    if (typeof value !== typeof test.bound) return true;
    const [v, bound] = [value as number, test.bound as number];
    if (v === bound) return test.inclusive;
    return test.kind === 'above' ? v > bound : v < bound;
  };

/** Whether the bounds leave anything between them. */
function hasRoom(tests: readonly Literal['test'][]): boolean {
  const lows = tests.flatMap((test) => (test.kind === 'above' ? [test] : []));
  const highs = tests.flatMap((test) => (test.kind === 'below' ? [test] : []));
  return lows.every((low) =>
    highs.every((high) => {
      if (typeof low.bound !== typeof high.bound || low.bound < high.bound) return true;
      return low.bound === high.bound && low.inclusive && high.inclusive && takesAll(tests, low.bound);
    }),
  );
}

const takesAll = (tests: readonly Literal['test'][], value: unknown): boolean => tests.every(takes(value));
