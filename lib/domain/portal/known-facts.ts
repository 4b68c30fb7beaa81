import type { FactDefinition, FactValue } from '../rules/ruleset.ts';
import { factFromText } from '../segmentation/customer-list.ts';
import type { GivenFacts } from '../segmentation/decide.ts';
import type { Decision, DecisionReason } from '../segmentation/decision.ts';
import { isOfType, resolveFacts } from '../segmentation/resolve-facts.ts';
import type { Hour } from '../time/time.ts';

/** One fact about a customer, and what it does. */
export interface KnownFact {
  readonly definition: FactDefinition;
  readonly value: FactValue | undefined;
  /** default: nothing is known, and what facts.json says for that case holds. unusable: it was given in the wrong type. */
  readonly from: 'given' | 'default' | 'missing' | 'unusable';
  /** The rules behind the decision in force that read it; none: it does not affect the price now. */
  readonly readBy: readonly Pick<DecisionReason, 'kind' | 'rule' | 'rationale'>[];
}

export interface KnownFacts {
  readonly facts: readonly KnownFact[];
  /** Facts that are kept and that no rule knows: they can affect nothing. */
  readonly unread: readonly { readonly id: string; readonly value: FactValue }[];
}

/** How the decision would change with another value of one fact. */
export interface CorrectionPreview {
  /** When a decision made now would be in force. */
  readonly from: Hour;
  readonly before: Pick<Decision, 'rateCard' | 'segments'> | null;
  readonly after: Pick<Decision, 'rateCard' | 'segments' | 'undecided'>;
  /** Whether card, segments, discounts, reserved capacity or protection differ. */
  readonly changes: boolean;
}

export function knownFactsOf(
  definitions: readonly FactDefinition[],
  given: GivenFacts,
  decision: Pick<Decision, 'reasons'> | null,
): KnownFacts {
  const { values, unusable } = resolveFacts(definitions, given);
  const facts = definitions.map((definition): KnownFact => {
    const { id } = definition;
    const isGiven = given[id] !== undefined && given[id] !== null;
    const value = unusable.has(id) ? given[id] : values[id];
    const from = unusable.has(id) ? 'unusable' : isGiven ? 'given' : value === undefined ? 'missing' : 'default';
    return { definition, value, from, readBy: readersOf(id, decision) };
  });
  const known = new Set(definitions.map(({ id }) => id));
  const unread = Object.entries(given).flatMap(([id, value]) =>
    known.has(id) || value === undefined ? [] : [{ id, value }],
  );
  return { facts, unread };
}

const readersOf = (id: string, decision: Pick<Decision, 'reasons'> | null): KnownFact['readBy'] =>
  (decision?.reasons ?? [])
    .filter(({ facts }) => Object.hasOwn(facts, id))
    .map(({ kind, rule, rationale }) => ({ kind, rule, rationale }));

/** Longest answer to a question about a fact. */
const TEXT_MAX = 200;

/** What was typed as the fact's value, or what is wrong with it in words. */
export function statedValue(definition: FactDefinition, text: string): { value: FactValue } | { wrong: string } {
  const trimmed = text.trim();
  const { type, ask } = definition;
  if (trimmed === '') return { wrong: 'Say something here.' };
  if (trimmed.length > TEXT_MAX) return { wrong: `At most ${TEXT_MAX} characters.` };
  if (ask?.options !== undefined && !ask.options.includes(trimmed)) return { wrong: 'Choose one of the list.' };
  const value = factFromText(trimmed, definition);
  if (!isOfType(value, type)) return { wrong: WANTED[type] ?? 'This cannot be read.' };
  if (typeof value === 'number' && value < 0) return { wrong: 'Not below zero.' };
  return { value };
}

const WANTED: Readonly<Record<string, string>> = {
  number: 'A number, in digits.',
  boolean: 'Yes or no.',
  date: 'A date such as 2026-01-31.',
};
