import type { DecisionReason } from '../domain/segmentation/decision.ts';

/** What the pages show: strings as a person reads them, made from the same records that bill. */
export interface CustomerView {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly segments: readonly string[];
  readonly rateCard: string | null;
  readonly tierRule: string | null;
  readonly undecided: string | null;
  readonly reasons: readonly DecisionReason[];
  readonly period: string;
  /** One entry a day of the period, in order. */
  readonly days: readonly DayUsage[];
  /** Route groups in the order of the chart's colours; the last may gather the rest. */
  readonly groups: readonly string[];
  /** Billable calls in closed hours of the period. */
  readonly calls: string;
  /** Calls counted in hours that are not closed yet. */
  readonly provisionalCalls: string;
  readonly invoice: InvoiceView | null;
}

export interface DayUsage {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Calls per group, in the order of `groups`. */
  readonly calls: readonly bigint[];
}

export interface InvoiceView {
  readonly number: string;
  readonly state: string;
  readonly currency: string;
  /** Why it is held, when it is. */
  readonly held: string | null;
  readonly lines: readonly InvoiceLineView[];
  readonly total: string;
  readonly digest: string;
}

export interface InvoiceLineView {
  readonly title: string;
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly amount: string;
  readonly why: string;
  /** The card, rule and commit that the line cites. */
  readonly cites: string;
}

/** A row of the front page. */
export interface CustomerRow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly rateCard: string | null;
  readonly segments: readonly string[];
  readonly calls: string;
  readonly total: string | null;
  readonly state: string | null;
}

/** `1234567.5` becomes `1,234,567.5`: for reading, never for reckoning. */
export function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}
