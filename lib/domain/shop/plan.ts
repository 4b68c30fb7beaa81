import type { CardChoice } from '../entitlement/choices.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Forecast, ReportedLine } from '../reporting/report.ts';
import type { Decision } from '../segmentation/decision.ts';
import type { EpochMs, Hour, Period } from '../time/time.ts';
import type { ComparedCard, ComparedMonth } from './compare-cards.ts';
import type { OfferedCard } from './offered-cards.ts';
import type { AskedFact } from './stated-facts.ts';

/** What anyone may see of the prices: nothing in it is about a customer. */
export interface PriceList {
  readonly at: Hour;
  readonly cards: readonly OfferedCard[];
  /** What meters and route groups are called, by id. */
  readonly units: Readonly<Record<string, string>>;
  /** Facts that whoever signs up is asked for. */
  readonly asked: readonly AskedFact[];
}

/** A card that a customer could choose now. */
export interface PlanOffer {
  /** The version that it would get. */
  readonly card: RateCard;
  readonly isCurrent: boolean;
  readonly direction: 'upgrade' | 'downgrade';
  readonly when: 'now' | 'periodEnd';
  /** The hour from which it would hold. */
  readonly from: Hour;
  /** What the rules would decide; its card is this one, unless there is an obstacle. */
  readonly decision: Decision;
  /** Why it cannot be chosen, in words; null where it can. */
  readonly obstacle: string | null;
}

/** A customer's plan, and what it could do about it. */
export interface PlanView {
  readonly now: EpochMs;
  readonly period: Period;
  /** Null before the first decision. */
  readonly current: RateCard | null;
  readonly decision: Decision | null;
  /** A choice that has not begun; null where there is none. */
  readonly pending: PendingChoice | null;
  /** The end of its last period, when it has cancelled. */
  readonly leavesAt: EpochMs | null;
  /** When it would leave if it cancelled now. */
  readonly couldLeaveAt: EpochMs;
  readonly offers: readonly PlanOffer[];
  /** The customer's last whole periods, newest first, and what each card would have cost in them. */
  readonly months: readonly ComparedMonth[];
  readonly compared: readonly ComparedCard[];
}

export interface PendingChoice extends CardChoice {
  readonly name: string;
  /** Until when it can be taken back. */
  readonly undoneUntil: EpochMs;
}

/** What coming back to a closed account on a card means, before it is done. */
export interface PlanReturn {
  readonly offer: PlanOffer;
  readonly leftAt: EpochMs;
  /** Something is late: it has to be paid first. */
  readonly owes: boolean;
  /** As {@link PlanPreview.token}. */
  readonly token: string;
}

/** The present period's bill, in major units; what it is made of comes from the code that makes invoices. */
export interface PeriodOutlook {
  readonly period: Period;
  readonly currency: string | null;
  readonly forecast: Forecast | null;
  /** Rated from what is counted so far; null where it cannot be rated, and `fault` says why. */
  readonly soFar: string | null;
  /** With what is expected of the rest; the same as `soFar` where nothing can be forecast. */
  readonly expected: string | null;
  readonly lines: readonly ReportedLine[];
  readonly fault: string | null;
}

/** What a change of card does to the bill, before it is made. */
export interface PlanPreview {
  readonly offer: PlanOffer;
  readonly period: Period;
  readonly without: PeriodOutlook;
  /** The same as `without` where the change begins after the period. */
  readonly with: PeriodOutlook;
  readonly months: readonly ComparedMonth[];
  readonly compared: ComparedCard | null;
  /** It is the customer's plan, and no other is ahead: there is nothing to choose. */
  readonly isPresent: boolean;
  /** Names all that was shown: a form that carries another one is shown the preview again. */
  readonly token: string;
}
