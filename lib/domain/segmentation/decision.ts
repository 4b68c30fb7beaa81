import type { FactValue, ReservedCapacity } from '../rules/ruleset.ts';
import type { Hour } from '../time/time.ts';

/**
 * What one customer is charged, and why: immutable, in force from its hour until the customer's next decision.
 * `decide` makes it from the facts, the ruleset and the day; nothing else goes in.
 */
export interface Decision {
  readonly customer: string;
  readonly effectiveFrom: Hour;
  readonly segments: readonly string[];
  /** Name of the tier rule that decided, `otherwise` where none held, null when undecided. */
  readonly tierRule: string | null;
  /** `growth@2026-01-01`, null when undecided. */
  readonly rateCard: string | null;
  readonly discounts: readonly {
    readonly id: string;
    readonly percent?: string;
    readonly amount?: string;
    readonly appliesTo?: string;
  }[];
  readonly reservedCapacity: ReservedCapacity | null;
  /** Names of the protection rules that hold, sorted. */
  readonly protection: readonly string[];
  /** Why there is no decision, in words; null when there is one. */
  readonly undecided: string | null;
  readonly reasons: readonly DecisionReason[];
  /** Hash and commit of the ruleset record it was made with. */
  readonly ruleset: { readonly hash: string; readonly commit: string };
}

/** One rule that held. */
export interface DecisionReason {
  readonly kind: 'segment' | 'tier' | 'protection' | 'otherwise';
  readonly rule: string;
  readonly rationale: string;
  /** The facts that the rule's conditions read, as they were. */
  readonly facts: Readonly<Record<string, FactValue>>;
}
