import type { FactDefinition, FactQuestion, FactValue } from '../rules/ruleset.ts';
import { factFromText } from '../segmentation/customer-list.ts';
import { isOfType } from '../segmentation/resolve-facts.ts';

/** A fact that customers may state themselves, and how they are asked. */
export interface AskedFact extends FactQuestion {
  readonly id: string;
  readonly type: FactDefinition['type'];
  readonly unit: string | null;
}

const TEXT_MAX = 100;

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
    const value = factFromText(text, definition);
    const fault = faultOf(value, text, definition);
    if (fault === null) facts[definition.id] = value;
    else faults[definition.id] = fault;
  }
  return { facts, faults };
}

function faultOf(value: FactValue, text: string, { type, ask }: FactDefinition): string | null {
  if (text.length > TEXT_MAX) return `At most ${TEXT_MAX} characters.`;
  if (/\p{Cc}/u.test(text)) return 'One line of text.';
  if (type === 'number') return isOfType(value, type) && (value as number) >= 0 ? null : 'A number of 0 or more.';
  if (!isOfType(value, type)) return type === 'date' ? 'A date such as 2026-01-31.' : 'Yes or no.';
  if (ask?.options !== undefined && !ask.options.includes(text)) return 'Choose one of the list.';
  return null;
}
