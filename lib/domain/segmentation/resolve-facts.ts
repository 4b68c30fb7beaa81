import { isDate } from '../rules/is-date.ts';
import type { FactDefinition, FactType, FactValue } from '../rules/ruleset.ts';

/** The facts of one customer as rules see them. */
export interface ResolvedFacts {
  readonly values: Readonly<Record<string, FactValue>>;
  /** Facts that were given with the wrong type, and so have no value: what was found, in words. */
  readonly unusable: ReadonlyMap<string, string>;
}

/**
 * Checks what was given against facts.json and fills in defaults. `null` is no value. A fact of the wrong type is not
 * converted and does not fall back to its default: a price would rest on a slip of the pen.
 */
export function resolveFacts(
  definitions: readonly FactDefinition[],
  given: Readonly<Record<string, FactValue | undefined>>,
): ResolvedFacts {
  const values: Record<string, FactValue> = {};
  const unusable = new Map<string, string>();
  for (const { id, type, default: fallback } of definitions) {
    const value = Object.hasOwn(given, id) ? given[id] : undefined;
    if (value === undefined || value === null) {
      if (fallback !== undefined && fallback !== null) values[id] = fallback;
    } else if (isOfType(value, type)) {
      values[id] = value;
    } else {
      unusable.set(id, `${JSON.stringify(value)} is not ${WANTED[type]}`);
    }
  }
  return { values, unusable };
}

export const WANTED: Readonly<Record<FactType, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date such as "2026-01-31"',
  list: 'a list of strings',
  object: 'an object',
};

export function isOfType(value: unknown, type: FactType): boolean {
  switch (type) {
    case 'date':
      return typeof value === 'string' && isDate(value);
    case 'list':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}
