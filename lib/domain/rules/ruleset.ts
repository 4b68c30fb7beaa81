import type { Meters } from '../metering/meters.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Hour } from '../time/time.ts';

/** All of `rules/`, parsed and valid: what `parseRuleset` answers. Everything inside is what the files say. */
export interface Ruleset {
  readonly meters: Meters;
  /** Every dated card, oldest first within an id. */
  readonly rateCards: readonly RateCard[];
  readonly segments: readonly Rule<SegmentParams>[];
  readonly tiers: { readonly rules: readonly Rule<TierParams>[]; readonly otherwise: TierParams };
  readonly protection: readonly Rule<ProtectionParams>[];
  readonly facts: readonly FactDefinition[];
}

/** The files of a rules folder by their path inside it (`rate-cards/free/2026-01-01.json`), as text: the unit that is hashed and published. */
export type RulesFiles = Readonly<Record<string, string>>;

/** The immutable record of a published ruleset. */
export interface RulesetRecord {
  /** SHA-256, hex, over the canonical form of `files`. */
  readonly hash: string;
  /** The git commit that the files came from, or `uncommitted`. */
  readonly commit: string;
  /** In force from this hour until the next record's. */
  readonly effectiveFrom: Hour;
  readonly files: RulesFiles;
}

/** A json-rules-engine rule with four more keys. */
export interface Rule<Params> {
  readonly name: string;
  readonly rationale: string;
  readonly valueDriver: string;
  readonly owner: string;
  /** @default 1 */
  readonly priority?: number;
  readonly conditions: RuleConditions;
  readonly event: { readonly type: string; readonly params: Params };
}

export type RuleConditions =
  | { readonly all: readonly RuleConditionNode[] }
  | { readonly any: readonly RuleConditionNode[] }
  | { readonly not: RuleConditionNode }
  | { readonly condition: string };
export type RuleConditionNode = RuleConditions | RuleCondition;
export interface RuleCondition {
  readonly fact: string;
  readonly operator: string;
  readonly value: unknown;
  readonly path?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly priority?: number;
}

export interface SegmentParams {
  readonly segment: string;
}
export interface TierParams {
  /** A card's id; the version in force in the hour is taken. */
  readonly rateCard: string;
  readonly discounts?: readonly {
    readonly id: string;
    readonly percent?: string;
    readonly amount?: string;
    readonly appliesTo?: string;
  }[];
  readonly reservedCapacity?: ReservedCapacity | null;
}
/** Committed quantity for a meter (and group) at its own price, instead of the card's charge for it. */
export interface ReservedCapacity {
  readonly charge: string;
  readonly quantity: string;
  readonly per: 'hour' | 'period';
  readonly amount: string;
}
/**
 * lock: the prices of `rateCard` as of a date hold until `until`. cap: the bill rises by at most `percent` against the
 * locked card. match: the lower of old and new for `months` months from the customer's `since`.
 */
export interface ProtectionParams {
  readonly kind: 'lock' | 'cap' | 'match';
  /** The version that is protected: `growth@2025-01-01`. */
  readonly rateCard?: string;
  /** `YYYY-MM-DD`, exclusive. */
  readonly until?: string;
  readonly percent?: string;
  readonly months?: number;
}

export type FactValue = string | number | boolean | readonly string[] | null;
export interface FactDefinition {
  readonly id: string;
  readonly type: 'string' | 'number' | 'boolean' | 'date' | 'list';
  readonly unit?: string;
  readonly source: 'customer' | 'usage';
  readonly description?: string;
  /** Without one, a customer that lacks the fact cannot be decided and is reported by name. */
  readonly default?: FactValue;
  readonly use: 'price' | 'insight' | 'proxy' | 'prohibited';
}
