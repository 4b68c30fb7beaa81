import { statedValue } from '../portal/known-facts.ts';
import type { FactDefinition, FactQuestion, FactValue } from '../rules/ruleset.ts';

/** A fact that customers may state themselves, and how they are asked. */
export interface AskedFact extends FactQuestion {
  readonly id: string;
  readonly type: FactDefinition['type'];
  readonly unit: string | null;
}

/** Those with `ask` in facts.json, in its order. */
export const askedFacts = (facts: readonly FactDefinition[]): AskedFact[] =>
  facts.flatMap(({ id, type, unit, ask }) => (ask === undefined ? [] : [{ ...ask, id, type, unit: unit ?? null }]));

export interface StatedFacts {
  /** What was left blank is not in it: the default of facts.json holds. */
  readonly facts: Readonly<Record<string, FactValue>>;
  /** By fact, what is wrong with the answer. */
  readonly faults: Readonly<Record<string, string>>;
}

/**
 * Reads answers as a form sends them. Only facts that are asked for are taken, whatever else was sent.
 * @param answers text by fact id
 */
export function readStated(
  definitions: readonly FactDefinition[],
  answers: Readonly<Record<string, string | undefined>>,
): StatedFacts {
  const facts: Record<string, FactValue> = {};
  const faults: Record<string, string> = {};
  for (const definition of definitions) {
    const text = Object.hasOwn(answers, definition.id) ? (answers[definition.id] ?? '').trim() : '';
    if (definition.ask === undefined || text === '') continue;
    const read = /\p{Cc}/u.test(text) ? { wrong: 'One line of text.' } : statedValue(definition, text);
    if ('wrong' in read) faults[definition.id] = read.wrong;
    else facts[definition.id] = read.value;
  }
  return { facts, faults };
}
