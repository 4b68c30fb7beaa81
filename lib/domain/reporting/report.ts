import type { CustomerStatus } from '../customer.ts';
import type { InvoiceLine } from '../invoicing/invoice.ts';
import type { InvoiceState } from '../invoicing/state.ts';
import type { DecisionReason } from '../segmentation/decision.ts';

/**
 * What one customer is told about one period. JSON as it stands: times are RFC 3339 in UTC, amounts decimal strings in
 * major units of `currency`, quantities decimal strings, shares strings in percent. Schema: docs/schema/usage-report.
 */
export interface UsageReport {
  readonly version: 1;
  readonly customer: ReportedSubject;
  readonly period: ReportedPeriod;
  /** ISO 4217; null where nothing is priced. */
  readonly currency: string | null;
  readonly usage: ReportedUsage;
  readonly bill: ReportedBill;
  readonly reasons: readonly PriceReason[];
  readonly savings: Savings;
  /** Null for the first period. */
  readonly comparison: Comparison | null;
  /** Null once the period is over. */
  readonly forecast: Forecast | null;
  readonly advice: readonly Advice[];
  /** Cards that other ways to pay were asked of, cheapest first; the customer's own is not in it. */
  readonly otherCards: readonly OtherCard[];
  /** What a reader must know besides: held invoices, late usage, hours not closed. */
  readonly notices: readonly Notice[];
}

export interface ReportedSubject {
  readonly id: string;
  readonly name: string;
  readonly status: CustomerStatus;
  readonly statusReason: string | null;
  /** IANA name; `UTC` where the customer has none. */
  readonly timeZone: string;
}

export interface ReportedPeriod {
  /** `2026-10`, the UTC month in which it begins. */
  readonly name: string;
  readonly start: string;
  readonly end: string;
  /** open: time or closing has not reached its end. closed: its numbers stand. */
  readonly state: 'open' | 'closed';
  /** Up to here (exclusive) hours are closed and their numbers stand; what is later is provisional. */
  readonly closedUntil: string;
  readonly asOf: string;
}

export interface ReportedUsage {
  /** The meter that the charts show: calls. */
  readonly meter: string | null;
  readonly unit: string;
  /** Of that meter, provisional hours included. */
  readonly total: string;
  /** The part of it in hours that are not closed yet. */
  readonly provisional: string;
  /** Largest first; the order of every list of groups here. `group` null: calls in no route group. */
  readonly groups: readonly GroupUsage[];
  /** Every UTC day of the period, up to the present one. */
  readonly days: readonly DayOfUsage[];
  /** Monday to Sunday, 24 hours each, in the customer's time zone. */
  readonly week: readonly { readonly weekday: string; readonly hours: readonly string[] }[];
  /** The hour with the most; null without usage. */
  readonly peak: { readonly hour: string; readonly quantity: string } | null;
  readonly statuses: StatusUsage | null;
  /** Every meter and group, by meter, then group. */
  readonly meters: readonly MeterUsage[];
}
export interface GroupUsage {
  readonly group: string | null;
  readonly quantity: string;
  readonly percent: string;
}
export interface DayOfUsage {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly total: string;
  /** In the order of `groups`. */
  readonly quantities: readonly string[];
  /** Whether any of its hours is still provisional. */
  readonly provisional: boolean;
}
/** All calls, billable or not, of closed hours. */
export interface StatusUsage {
  readonly calls: string;
  /** Answered with 400 or more. */
  readonly errors: string;
  readonly errorPercent: string;
  /** `2xx` …; null where hours were closed before classes were kept. */
  readonly classes: readonly { readonly statusClass: string; readonly calls: string }[] | null;
}
export interface MeterUsage {
  readonly meter: string;
  readonly unit: string;
  readonly group: string | null;
  readonly quantity: string;
  /** Of a meter that carries money: how many events. */
  readonly events: number | null;
}

export interface ReportedBill {
  /** invoiced: what was invoiced. soFar: rated like an invoice from what is counted so far. none: it could not be rated. */
  readonly basis: 'invoiced' | 'soFar' | 'none';
  /** The invoice's state; null where there is none yet. */
  readonly state: InvoiceState | null;
  /** Of the usage invoice, in its order. */
  readonly lines: readonly ReportedLine[];
  readonly total: string | null;
  /** Taken back afterwards, without touching the invoice. */
  readonly creditNotes: readonly { readonly id: string; readonly amount: string; readonly reason: string }[];
  /** Invoices of the period besides the usage invoice: fees in advance, prepaid credit. */
  readonly others: readonly { readonly kind: string; readonly state: InvoiceState; readonly total: string | null }[];
  /** SHA-256 of the invoice; null where there is none. */
  readonly digest: string | null;
}

export interface ReportedLine extends InvoiceLine {
  /** What the line is, in a few words. */
  readonly title: string;
}

/** A decision that was in force in a part of the period. */
export interface PriceReason {
  readonly from: string;
  readonly to: string;
  readonly rateCard: string | null;
  readonly cardName: string | null;
  readonly cardRationale: string | null;
  readonly tierRule: string | null;
  readonly segments: readonly string[];
  readonly protection: readonly string[];
  readonly discounts: readonly { readonly id: string; readonly percent?: string; readonly amount?: string }[];
  readonly reservedCapacity: string | null;
  readonly undecided: string | null;
  readonly reasons: readonly DecisionReason[];
  readonly rulesCommit: string;
}

export interface Savings {
  /** What the bill would have been more: the sum of the parts, 0 or more. */
  readonly total: string;
  readonly parts: readonly {
    readonly kind: string;
    readonly label: string;
    readonly amount: string;
    readonly explanation: string;
  }[];
}

export interface Comparison {
  /** `2026-09` */
  readonly period: string;
  /** What of this period is compared: all of it, or its forecast. */
  readonly basis: 'period' | 'forecast';
  readonly quantity: Change;
  /** Null where one of the two has no bill. */
  readonly total: Change | null;
  /** In the order of this period's groups; groups that were used before only come last. */
  readonly groups: readonly ({ readonly group: string | null } & Change)[];
}
export interface Change {
  readonly before: string;
  readonly after: string;
  readonly change: string;
  /** One decimal; null from 0. */
  readonly percent: string | null;
}

export interface Forecast {
  /** Null where it could not be made; `explanation` says why. */
  readonly quantity: Bounds | null;
  readonly total: Bounds | null;
  /** Whole weeks that it repeats, 0 to 4. */
  readonly weeks: number;
  readonly explanation: string;
  /** Expected quantity of each UTC day from the present one on; its past hours are counted, not forecast. */
  readonly days: readonly { readonly day: string; readonly expected: string }[];
}
export interface Bounds {
  readonly low: string;
  readonly expected: string;
  readonly high: string;
}

export interface Advice {
  readonly kind: 'other-card' | 'reserve' | 'unreserve' | 'minimum' | 'commitment';
  readonly title: string;
  readonly detail: string;
  /** What this period would have cost less; null where that cannot be said. */
  readonly saving: string | null;
}

export interface OtherCard {
  readonly rateCard: string;
  readonly name: string;
  /** For the same usage; null where it could not have carried it. */
  readonly total: string | null;
  /** total - what this period costs now. */
  readonly difference: string | null;
  /** Why it could not. */
  readonly obstacle: string | null;
}

export interface Notice {
  readonly severity: 'info' | 'warning';
  readonly message: string;
}
