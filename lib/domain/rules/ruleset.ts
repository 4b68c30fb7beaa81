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
  /** Named conditions, which rules of the same file refer to with `{ "condition": "<name>" }`. */
  readonly conditions?: {
    readonly segments?: NamedConditions;
    readonly tiers?: NamedConditions;
    readonly protection?: NamedConditions;
  };
  /** What `plan` refuses; none where the file is missing. */
  readonly guardrails?: readonly Guardrail[];
  readonly experiments?: readonly Experiment[];
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

/** `priority` orders the conditions of one list, highest first; the default is 1. `name` is for people. */
interface ConditionLabels {
  readonly name?: string;
  readonly priority?: number;
}
export type RuleConditions =
  | ({ readonly all: readonly RuleConditionNode[] } & ConditionLabels)
  | ({ readonly any: readonly RuleConditionNode[] } & ConditionLabels)
  | ({ readonly not: RuleConditionNode } & ConditionLabels)
  | ({ readonly condition: string } & ConditionLabels);
export type NamedConditions = Readonly<Record<string, RuleConditions>>;
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

/** What a fact may be. An object is read with a `path` in the condition: `"$.payments"`. */
export type FactValue = string | number | boolean | readonly string[] | FactObject | null;
export interface FactObject {
  readonly [key: string]: FactValue;
}
export type FactType = 'string' | 'number' | 'boolean' | 'date' | 'list' | 'object';
export interface FactDefinition {
  readonly id: string;
  readonly type: FactType;
  readonly unit?: string;
  /** Where its value comes from: the customers file, closed usage (`usageFacts`), or what the customer chose (`choiceFacts`). */
  readonly source: 'customer' | 'usage' | 'choice';
  readonly description?: string;
  /** Its presence lets a customer state the fact itself, when it signs up or later; without it only the team does. */
  readonly ask?: FactQuestion;
  /** Without one, a customer that lacks the fact cannot be decided and is reported by name. */
  readonly default?: FactValue;
  readonly use: 'price' | 'insight' | 'proxy' | 'prohibited';
  /** Why a rule may use this proxy after all. */
  readonly justification?: string;
}

/** How a customer is asked for a fact. */
export interface FactQuestion {
  readonly label: string;
  readonly hint?: string;
  /** What may be answered, of a string; whatever one likes where it is missing. */
  readonly options?: readonly string[];
}

export type GuardrailKind =
  | 'maxRisePerCustomer'
  | 'maxRisePerSegment'
  | 'maxRevenueChange'
  | 'protectedCustomerTouched'
  | 'belowCost'
  | 'volumeCliff'
  | 'missingRationale';
/** A bound that `plan` holds a change to. With both `percent` and `amount` it fails where both are exceeded. */
export interface Guardrail {
  readonly id: string;
  readonly kind: GuardrailKind;
  readonly percent?: string;
  readonly amount?: string;
  /** For `belowCost`: what one unit of each meter costs to serve, decimal strings. */
  readonly unitCosts?: Readonly<Record<string, string>>;
  readonly rationale: string;
  readonly owner: string;
  readonly overrides?: readonly {
    readonly reason: string;
    readonly by: string;
    /** `YYYY-MM-DD`, exclusive. */
    readonly until: string;
    /** Whom it is for; everyone where it is missing. */
    readonly customers?: readonly string[];
  }[];
}

/** Only its shape is checked here: running experiments is a matter of its own. */
export interface Experiment {
  readonly id: string;
  readonly status: 'draft' | 'running' | 'stopped';
  readonly rationale: string;
  readonly owner: string;
  readonly unit: 'customer';
  readonly control: string;
  readonly arms: readonly {
    readonly id: string;
    readonly weight: number;
    readonly rateCard?: string;
    readonly discounts?: TierParams['discounts'];
  }[];
  readonly audience?: { readonly segments?: readonly string[]; readonly createdFrom?: string };
  readonly rollout?: readonly { readonly from: string; readonly percent: string }[];
  readonly guardMetrics?: readonly { readonly metric: string; readonly maxFallPercent: string }[];
  readonly stopRule?: { readonly until?: string; readonly minimumCustomersPerArm?: number };
}
