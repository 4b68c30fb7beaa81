import { chosenAt } from '../entitlement/choices.ts';
import type { CustomerProfile } from '../entitlement/profile.ts';
import type { FactDefinition } from '../rules/ruleset.ts';
import type { Hour } from '../time/time.ts';
import { CHOICE_FACTS, choiceFacts } from './choice-facts.ts';
import type { ListedCustomer } from './customer-list.ts';

/**
 * A registered customer as a customers file would say it, for an hour: what the rules know of it without its usage. What it
 * chose in the portal, and what holds by then, stands among its facts, so that `decide` and `plan` see it.
 */
export function listedCustomer(profile: CustomerProfile, at: Hour, facts: readonly FactDefinition[]): ListedCustomer {
  const { id, name, createdAt, keys, facts: known, overrides, timeZone } = profile.customer;
  const chosen = choiceFacts(chosenAt(profile.choices, at), facts);
  return {
    ...{ id, name, createdAt, keys, facts: { ...known, ...chosen }, overrides },
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

/**
 * The same without what the customer chooses itself, once it has: importing must not make a fact of a choice that it may undo.
 * Before its first one the file may say what it has chosen elsewhere.
 */
export function withoutChoices(listed: ListedCustomer, { choices = [] }: CustomerProfile): ListedCustomer {
  if (choices.length === 0) return listed;
  const kept = Object.entries(listed.facts).filter(([fact]) => !Object.hasOwn(CHOICE_FACTS, fact));
  return { ...listed, facts: Object.fromEntries(kept) };
}
