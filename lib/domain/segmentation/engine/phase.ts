import type { NamedConditions, RuleConditions } from '../../rules/ruleset.ts';
import type { CustomOperators } from './operators.ts';

/** The rules of one file, as far as holding or not goes. */
export interface PhaseRules {
  readonly rules: readonly { readonly name: string; readonly priority?: number; readonly conditions: RuleConditions }[];
  readonly conditions?: NamedConditions;
  readonly operators?: CustomOperators;
}

/** Facts by id. One without a value is left out: `undefined` is no value. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * What running the rules of one file said: which of them hold, by their place in the file, or what kept some of them
 * from being evaluated. One rule that cannot be evaluated leaves the customer undecided, as the engine's own run fails:
 * a price is never chosen from half of the rules.
 */
export type PhaseResult = { readonly held: readonly number[] } | { readonly fault: PhaseFault };
export interface PhaseFault {
  /** Facts that rules read and that have no value, sorted. */
  readonly missing: readonly string[];
  /** Names of the rules in which a comparison met a type that it cannot take, in the file's order. */
  readonly unfit: readonly string[];
}
