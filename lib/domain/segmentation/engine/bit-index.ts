import { type ConditionTree, type Leaf, leavesOf } from './condition-tree.ts';
import { type Comparison, OPERATORS } from './operators.ts';
import type { Facts } from './phase.ts';
import { callFor, isDated, isOrder, isPlain, type Values } from './program.ts';

/**
 * Which rules hold, without a look at most comparisons. Each rule is written as alternatives that hold when all their
 * comparisons do; every alternative has a bit. The value of a fact picks, by binary search or by a map, the bits that it
 * leaves standing: what stands after the last fact holds. Each fact is read once, and the cost hardly grows with the rules.
 *
 * Only for rules that are `isSafe`.
 */
export interface BitIndex {
  /** Undefined where a fact is missing or of a type that the tables are not made for: such facts are evaluated with care. */
  held(facts: Facts): number[] | undefined;
}

/** Beyond this, nested rules have so many alternatives that comparing everything once is quicker. */
const ALTERNATIVES_MAX = 512;
const BITS = 32;

/** A comparison that must hold, or must not. */
interface Literal {
  readonly leaf: Leaf;
  readonly holds: boolean;
}
type Alternative = readonly Literal[];

/** @returns undefined where the rules have too many alternatives, or facts that only inherited names could give */
export function bitIndex(trees: readonly ConditionTree[]): BitIndex | undefined {
  const alternatives: Alternative[] = [];
  const ruleOf: number[] = [];
  for (const [rule, tree] of trees.entries()) {
    const found = alternativesOf(tree, true);
    if (!found || alternatives.length + found.length > ALTERNATIVES_MAX) return undefined;
    alternatives.push(...found);
    for (const _ of found) ruleOf.push(rule);
  }
  const leaves = [...new Map(trees.flatMap(leavesOf).map((leaf) => [leaf.index, leaf])).values()];
  if (leaves.some(({ fact, other }) => fact in {} || (other && other.fact in {}))) return undefined;
  const words = Math.ceil(alternatives.length / BITS);
  const sieves = sievesOf(leaves, alternatives, words);
  const { numbers, texts, sames, lists, calls } = sieves;
  const masks = [...numbers, ...sames, ...texts, ...lists, ...calls].map((sieve) => sieve.masks);
  const places = new Int32Array(masks.length);
  const all = maskOf(alternatives, words, () => true);
  return {
    held(facts) {
      if (!placeAll(sieves, facts, places)) return undefined;
      const held: number[] = [];
      for (let word = 0; word < words; word++) {
        let standing = all[word] as number;
        for (let i = 0; i < masks.length && standing !== 0; i++) {
          standing &= (masks[i] as Int32Array)[(places[i] as number) * words + word] as number;
        }
        addRules(standing, word * BITS, ruleOf, held);
      }
      return held;
    },
  };
}

/** The five loops are alike, but each meets one shape of sieve only, which is what makes them fast. */
function placeAll({ numbers, texts, sames, lists, calls }: Sieves, facts: Facts, places: Int32Array): boolean {
  let next = 0;
  for (let i = 0; i < numbers.length; i++) {
    const place = placeOfNumber(numbers[i] as NumberSieve, facts);
    if (place === UNFIT) return false;
    places[next++] = place;
  }
  for (let i = 0; i < sames.length; i++) {
    const place = placeOfSame(sames[i] as SameSieve, facts);
    if (place === UNFIT) return false;
    places[next++] = place;
  }
  for (let i = 0; i < texts.length; i++) {
    const place = placeOfText(texts[i] as TextSieve, facts);
    if (place === UNFIT) return false;
    places[next++] = place;
  }
  for (let i = 0; i < lists.length; i++) {
    const place = placeOfList(lists[i] as SameSieve, facts);
    if (place === UNFIT) return false;
    places[next++] = place;
  }
  for (let i = 0; i < calls.length; i++) {
    const place = placeOfCall(calls[i] as CallSieve, facts);
    if (place === UNFIT) return false;
    places[next++] = place;
  }
  return true;
}

/** Bits of one rule lie side by side, so a rule is named once however many of its alternatives stand. */
function addRules(standing: number, first: number, ruleOf: readonly number[], held: number[]): void {
  let bits = standing;
  let last = held.length === 0 ? -1 : (held[held.length - 1] as number);
  while (bits !== 0) {
    const rule = ruleOf[first + 31 - Math.clz32(bits & -bits)] as number;
    if (rule !== last) held.push(rule);
    last = rule;
    bits &= bits - 1;
  }
}

/** De Morgan turns a negated set around. @returns undefined where there are too many */
function alternativesOf(tree: ConditionTree, wanted: boolean): Alternative[] | undefined {
  if (tree.kind === 'always') return wanted ? [[]] : [];
  if (tree.kind === 'leaf') return [[{ leaf: tree, holds: wanted }]];
  if (tree.kind === 'not') return alternativesOf(tree.child, !wanted);
  const together = (tree.kind === 'all') === wanted;
  let result: Alternative[] = together ? [[]] : [];
  for (const child of tree.sets.flat()) {
    const more = alternativesOf(child, wanted);
    if (!more) return undefined;
    result = together ? result.flatMap((one) => more.map((other) => [...one, ...other])) : [...result, ...more];
    if (result.length > ALTERNATIVES_MAX) return undefined;
  }
  return result;
}

/** Clears the bits that a value rules out: the masks of all its possible places, one after the other. */
interface Sieve {
  readonly fact: string;
  readonly masks: Int32Array;
}
/** Between two neighbouring bounds nothing changes, and on a bound perhaps: masks for below, on and above each, and for NaN. */
interface NumberSieve extends Sieve {
  readonly bounds: Float64Array;
}
interface TextSieve extends Sieve {
  readonly bounds: readonly string[];
}
/** Of a value: its place, the last for what no comparison names. Of a list: a bit of the place for each item that is in it. */
interface SameSieve extends Sieve {
  readonly places: ReadonlyMap<unknown, number>;
  readonly otherwise: number;
}
/** Masks for failed and for held. */
interface CallSieve extends Sieve {
  readonly call: (values: Values) => boolean;
  readonly slots: readonly { readonly fact: string; readonly slot: number }[];
  readonly values: unknown[];
}
interface Sieves {
  readonly numbers: NumberSieve[];
  readonly texts: TextSieve[];
  readonly sames: SameSieve[];
  readonly lists: SameSieve[];
  readonly calls: CallSieve[];
}

/** How the comparisons of a fact can be looked up; by a call where in no other way. */
function sortOf({ operator, value, path, other }: Leaf): 'same' | 'number' | 'text' | 'list' | 'call' {
  if (path !== null || other !== null) return 'call';
  if (operator === 'equal' || operator === 'notEqual') return isKey(value) ? 'same' : 'call';
  if ((operator === 'in' || operator === 'notIn') && Array.isArray(value)) return value.every(isKey) ? 'same' : 'call';
  if (operator === 'contains') return isKey(value) ? 'list' : 'call';
  if (isOrder(operator) && typeof value === 'number') return 'number';
  return isOrder(operator) && typeof value === 'string' ? 'text' : 'call';
}

/** A map finds it exactly where `===` does: all but NaN and what has an identity of its own. */
const isKey = (value: unknown): boolean => !Number.isNaN(value) && (typeof value !== 'object' || value === null);

function sievesOf(leaves: readonly Leaf[], alternatives: readonly Alternative[], words: number): Sieves {
  const sieves: Sieves = { numbers: [], texts: [], sames: [], lists: [], calls: [] };
  for (const group of groupsOf(leaves)) {
    const mask: Mask = (holding) => {
      const known = new Map(group.map((leaf) => [leaf.index, holding(leaf)]));
      return maskOf(alternatives, words, ({ leaf, holds }) => (known.get(leaf.index) ?? holds) === holds);
    };
    const sort = sortOf(group[0] as Leaf);
    if (sort === 'number') sieves.numbers.push(numberSieve(group, mask));
    else if (sort === 'text') sieves.texts.push(orderSieve(group, mask));
    else if (sort === 'same') sieves.sames.push(sameSieve(group, mask));
    else if (sort === 'list') sieves.lists.push(listSieve(group, mask));
    else sieves.calls.push(callSieve(group[0] as Leaf, mask));
  }
  return sieves;
}

/** A list has a mask for every set of its items that rules ask for, so not many of them go together. */
const ITEMS_MAX = 6;

function groupsOf(leaves: readonly Leaf[]): Leaf[][] {
  const groups = new Map<string, Leaf[]>();
  const items = new Map<string, number>();
  for (const leaf of leaves) {
    const sort = sortOf(leaf);
    const nth = items.get(leaf.fact) ?? 0;
    if (sort === 'list') items.set(leaf.fact, nth + 1);
    const part = sort === 'call' ? leaf.index : sort === 'list' ? Math.floor(nth / ITEMS_MAX) : 0;
    const name = JSON.stringify([sort, leaf.fact, part]);
    groups.set(name, [...(groups.get(name) ?? []), leaf]);
  }
  return [...groups.values()];
}

type Mask = (holding: (leaf: Leaf) => boolean) => Int32Array;

function maskOf(
  alternatives: readonly Alternative[],
  words: number,
  stands: (literal: Literal) => boolean,
): Int32Array {
  const mask = new Int32Array(words);
  for (const [bit, literals] of alternatives.entries()) {
    const word = Math.floor(bit / BITS);
    if (literals.every(stands)) mask[word] = (mask[word] as number) | (1 << (bit % BITS));
  }
  return mask;
}

const flat = (masks: readonly Int32Array[]): Int32Array => Int32Array.from(masks.flatMap((mask) => [...mask]));
const answer = ({ operator, value }: Leaf, fact: unknown): boolean => (OPERATORS[operator] as Comparison)(fact, value);

function sameSieve(leaves: readonly Leaf[], mask: Mask): SameSieve {
  const listed = leaves.flatMap(({ value }) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  const values = [...new Set(listed), Symbol('none of them')];
  return {
    fact: (leaves[0] as Leaf).fact,
    places: new Map(values.slice(0, -1).map((value, place) => [value, place])),
    otherwise: values.length - 1,
    masks: flat(values.map((value) => mask((leaf) => answer(leaf, value)))),
  };
}

function orderSieve<Bound extends number | string>(leaves: readonly Leaf[], mask: Mask) {
  const bounds = [...new Set(leaves.map(({ value }) => value as Bound))].sort((a, b) => (a < b ? -1 : 1));
  // In places instead of values: bound n is place 2n + 1, and even places lie between.
  const inPlaces = (place: number) =>
    mask((leaf) => answer({ ...leaf, value: 2 * bounds.indexOf(leaf.value as Bound) + 1 }, place));
  const masks = Array.from({ length: 2 * bounds.length + 1 }, (_, place) => inPlaces(place));
  return { fact: (leaves[0] as Leaf).fact, bounds, masks: flat([...masks, mask(() => false)]) };
}

const numberSieve = (leaves: readonly Leaf[], mask: Mask): NumberSieve => {
  const { bounds, ...sieve } = orderSieve<number>(leaves, mask);
  return { ...sieve, bounds: Float64Array.from(bounds) };
};

function listSieve(leaves: readonly Leaf[], mask: Mask): SameSieve {
  const sets = Array.from({ length: 1 << leaves.length }, (_, set) =>
    mask((leaf) => (set & (1 << leaves.indexOf(leaf))) !== 0),
  );
  const places = new Map(leaves.map(({ value }, item) => [value, 1 << item]));
  return { fact: (leaves[0] as Leaf).fact, places, otherwise: 0, masks: flat(sets) };
}

function callSieve(leaf: Leaf, mask: Mask): CallSieve {
  const { fact, slot, other } = leaf;
  const masks = flat([mask(() => false), mask(() => true)]);
  return { fact, call: callFor(leaf), slots: other ? [leaf, other] : [leaf], values: new Array(slot + 1), masks };
}

/** A fact that is missing, or of a type that the tables are not made for. */
const UNFIT = -1;

function placeOfNumber({ fact, bounds }: NumberSieve, facts: Facts): number {
  const value = facts[fact];
  if (typeof value !== 'number') return UNFIT;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  const onBound = low < bounds.length && bounds[low] === value ? 1 : 0;
  // Nothing is above, below or on NaN: that has the last mask.
  return Number.isNaN(value) ? 2 * bounds.length + 1 : 2 * low + onBound;
}

function placeOfText({ fact, bounds }: TextSieve, facts: Facts): number {
  const value = facts[fact];
  if (!isDated(value)) return UNFIT;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] as string) < value) low = middle + 1;
    else high = middle;
  }
  return 2 * low + (bounds[low] === value ? 1 : 0);
}

const isFit = (value: unknown): boolean =>
  value !== undefined && (typeof value !== 'object' || value === null || isPlain(value));

function placeOfSame({ fact, places, otherwise }: SameSieve, facts: Facts): number {
  const value = facts[fact];
  if (typeof value !== 'string' && !isFit(value)) return UNFIT;
  return places.get(value) ?? otherwise;
}

function placeOfList({ fact, places, otherwise }: SameSieve, facts: Facts): number {
  const value = facts[fact];
  if (!Array.isArray(value)) return UNFIT;
  let place = 0;
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    if (typeof item !== 'string' && !isFit(item ?? null)) return UNFIT;
    place |= places.get(item) ?? otherwise;
  }
  return place;
}

function placeOfCall({ call, slots, values }: CallSieve, facts: Facts): number {
  for (const { fact, slot } of slots) {
    const value = facts[fact];
    if (!isFit(value)) return UNFIT;
    values[slot] = value;
  }
  return call(values) ? 1 : 0;
}
