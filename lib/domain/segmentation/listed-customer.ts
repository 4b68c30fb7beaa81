import { chosenAt } from '../entitlement/choices.ts';
import type { CustomerProfile } from '../entitlement/profile.ts';
import type { FactDefinition } from '../rules/ruleset.ts';
import type { Hour } from '../time/time.ts';
import { choiceFacts } from './choice-facts.ts';
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

/** The same without what is the customer's alone to choose: importing must not make a fact of a choice that it may undo. */
export function withoutChoices(listed: ListedCustomer, facts: readonly FactDefinition[]): ListedCustomer {
  const isChoice = (fact: string) => facts.some(({ id, source }) => id === fact && source === 'choice');
  const kept = Object.entries(listed.facts).filter(([fact]) => !isChoice(fact));
  return kept.length === Object.keys(listed.facts).length ? listed : { ...listed, facts: Object.fromEntries(kept) };
}
