import type { FactDefinition, FactType, FactValue } from '../rules/ruleset.ts';

/** Every fact that a customer's own choices provide, and its type: facts.json may take any of them with `"source": "choice"`. */
export const CHOICE_FACTS: Readonly<Record<string, FactType>> = { chosenCard: 'string' };

/**
 * - `chosenCard`: the id of the rate card that the customer chose in the portal, for the hour that is decided. No value
 *   before it chose, so that the default of facts.json holds.
 *
 * A choice is a fact like any other: whether it decides, and at which terms, is up to the rules.
 *
 * @param chosenCard null where nothing was chosen
 * @param facts only those with `source` `choice` are given
 */
export function choiceFacts(chosenCard: string | null, facts: readonly FactDefinition[]): Record<string, FactValue> {
  const asked = facts.some(({ id, source }) => id === 'chosenCard' && source === 'choice');
  return chosenCard === null || !asked ? {} : { chosenCard };
}
