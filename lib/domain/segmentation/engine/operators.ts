/** How a fact and the value of a condition are compared. May throw a TypeError where the types do not fit. */
export type Comparison = (factValue: unknown, value: unknown) => boolean;
/** More operators, by name: given to json-rules-engine and to the compiled rules alike. */
export type CustomOperators = Readonly<Record<string, Comparison>>;

/**
 * What json-rules-engine takes for a number: whatever `Number.parseFloat` finds one at the start of. Written as a
 * pattern over the same text, since the domain has no floats for money and bans that function throughout.
 */
const STARTS_WITH_NUMBER = /^\s*[+-]?(?:Infinity|\.?\d)/;
function isNumeric(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isNaN(value);
  const text = `${value as string}`;
  const first = text.charCodeAt(0);
  return (first >= 48 && first <= 57) || STARTS_WITH_NUMBER.test(text);
}

type Ordered = number;
const indexOf = (list: unknown, item: unknown): number => (list as readonly unknown[]).indexOf(item);

/**
 * The operators of json-rules-engine 7.3 (`engine-default-operators`), to the letter: equality is `===`, lists are
 * searched with `indexOf`, and order is JavaScript's own, so that two dates as text compare as dates.
 */
export const OPERATORS: Readonly<Record<string, Comparison>> = {
  equal: (a, b) => a === b,
  notEqual: (a, b) => a !== b,
  in: (a, b) => indexOf(b, a) > -1,
  notIn: (a, b) => indexOf(b, a) === -1,
  contains: (a, b) => Array.isArray(a) && indexOf(a, b) > -1,
  doesNotContain: (a, b) => Array.isArray(a) && indexOf(a, b) === -1,
  lessThan: (a, b) => isNumeric(a) && (a as Ordered) < (b as Ordered),
  lessThanInclusive: (a, b) => isNumeric(a) && (a as Ordered) <= (b as Ordered),
  greaterThan: (a, b) => isNumeric(a) && (a as Ordered) > (b as Ordered),
  greaterThanInclusive: (a, b) => isNumeric(a) && (a as Ordered) >= (b as Ordered),
};

type Decorator = (next: Comparison) => Comparison;

/** Its decorators (`engine-default-operator-decorators`): `everyFact:in`, `not:equal`. They may be stacked. */
export const DECORATORS: Readonly<Record<string, Decorator>> = {
  someFact: (next) => (a, b) => Array.isArray(a) && a.some((item) => next(item, b)),
  everyFact: (next) => (a, b) => Array.isArray(a) && a.every((item) => next(item, b)),
  someValue: (next) => (a, b) => (b as readonly unknown[]).some((item) => next(a, item)),
  everyValue: (next) => (a, b) => (b as readonly unknown[]).every((item) => next(a, item)),
  swap: (next) => (a, b) => next(b, a),
  not: (next) => (a, b) => !next(a, b),
};

/** `not:someFact:in` -> decorators `['not', 'someFact']` and operator `in`. */
export function splitOperator(name: string, custom: CustomOperators = {}): { decorators: string[]; operator: string } {
  const decorators: string[] = [];
  let operator = name;
  while (!Object.hasOwn(OPERATORS, operator) && !Object.hasOwn(custom, operator) && operator.indexOf(':') > 0) {
    decorators.push(operator.slice(0, operator.indexOf(':')));
    operator = operator.slice(operator.indexOf(':') + 1);
  }
  return { decorators, operator };
}

/** The comparison that a name stands for; null when there is none by that name. */
export function comparisonOf(name: string, custom: CustomOperators = {}): Comparison | null {
  const { decorators, operator } = splitOperator(name, custom);
  const from = [custom, OPERATORS].find((operators) => Object.hasOwn(operators, operator));
  const base = from?.[operator];
  if (!base || !decorators.every((decorator) => Object.hasOwn(DECORATORS, decorator))) return null;
  return decorators.reduceRight<Comparison>((next, decorator) => (DECORATORS[decorator] as Decorator)(next), base);
}
