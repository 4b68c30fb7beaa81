import type { GuardrailVerdict } from './guardrails.ts';

/** Something that a reader should know before trusting the numbers, or the change. */
export interface Notice {
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** Path inside the rules folder, where the notice is about one of its files. */
  readonly file: string | null;
  readonly message: string;
}

/** What one side says of a customer: the contract's form. */
export interface ReportedStanding {
  readonly segments: readonly string[];
  readonly rateCard: string;
  readonly tierRule: string;
  readonly protection: readonly string[];
  readonly total: string;
}

export interface ReportedCustomer {
  readonly id: string;
  readonly before: ReportedStanding;
  readonly after: ReportedStanding;
  readonly change: string;
  readonly reasons: readonly string[];
}

/** Bills of some customers together. */
export interface ReportedGroup {
  readonly id: string;
  readonly customers: number;
  readonly before: string;
  readonly after: string;
}

/** Customers whose bills change by about as much, in percent of the bill before. */
export interface DistributionBar {
  readonly id: string;
  readonly label: string;
  readonly customers: number;
  readonly change: string;
}

export interface ProtectedCustomers {
  readonly customers: number;
  /** Of them, those whose bill rises. */
  readonly rising: number;
  /** What protection takes off the bills at head, all together. */
  readonly saved: string;
  /** The largest changes. */
  readonly largest: readonly ReportedCustomer[];
}

export interface CheaperElsewhere {
  readonly customers: number;
  readonly saving: string;
  readonly largest: readonly {
    readonly id: string;
    readonly rateCard: string;
    readonly total: string;
    readonly other: string;
    readonly otherTotal: string;
    readonly saving: string;
  }[];
}

/**
 * What a change of rules does to every bill of a month: computed once, then rendered. Amounts are decimal strings in
 * `currency` with its decimals.
 */
export interface PlanReport {
  readonly version: 1;
  readonly base: string;
  readonly head: string;
  /** `YYYY-MM` */
  readonly period: string;
  readonly currency: string;
  /** The hour that both sides take their rules of, RFC 3339. */
  readonly at: string;
  readonly summary: {
    readonly customers: number;
    readonly changed: number;
    readonly before: string;
    readonly after: string;
    readonly change: string;
    readonly rising: number;
    readonly falling: number;
    readonly leftOut: number;
  };
  readonly segments: readonly ReportedGroup[];
  readonly tierRules: readonly ReportedGroup[];
  readonly distribution: readonly DistributionBar[];
  readonly rises: readonly ReportedCustomer[];
  readonly falls: readonly ReportedCustomer[];
  readonly protectedCustomers: ProtectedCustomers;
  readonly cheaperElsewhere: CheaperElsewhere;
  readonly guardrails: readonly GuardrailVerdict[];
  readonly notices: readonly Notice[];
  /** Every customer, the largest change first, made as it is asked for. */
  customers(): Iterable<ReportedCustomer>;
  /** CONTRACT: 0 nothing changes, 2 bills change and every guardrail passes, 3 a guardrail fails. */
  readonly exitCode: 0 | 2 | 3;
}
