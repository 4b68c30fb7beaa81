import type { Exact } from '../money/exact.ts';
import type { CompiledRateCard } from './compile.ts';
import type { LineDetail } from './explain.ts';
import type { Usage } from './usage.ts';

export type LineKind = 'flat' | 'included' | 'usage' | 'reserved' | 'overage' | 'free' | 'reversal' | 'unattributed';

/** What a rated line names: the charge that took the usage. */
export interface ChargeName {
  readonly id: string;
  readonly meter: string | null;
  readonly group: string | null;
}

/** What all lines of one part of a charge have in common: made once, when the card is compiled. */
export interface LineHead {
  readonly kind: LineKind;
  /** Null on a free line only. */
  readonly charge: ChargeName | null;
  readonly meter: string | null;
  readonly group: string | null;
  /** A window's id, null for `otherwise`, undefined where windows do not apply. */
  readonly window: string | null | undefined;
}

/** One line in exact integers, before it is written down. Every line has every key, so that V8 sees one shape. */
export interface ExactLine {
  readonly head: LineHead;
  /** From 1; undefined where tiers do not apply. */
  readonly tier: number | undefined;
  readonly packages: Exact | undefined;
  /** `quantity / 10 ** scale` units of the meter; null on a flat line. */
  readonly quantity: Exact | null;
  readonly scale: number;
  /** As the card writes it; null where the amount is not quantity × unitPrice + flat. */
  readonly unitPrice: string | null;
  readonly flat: string;
  /** Minor units of the card's currency, rounded once, half-even. */
  readonly amount: Exact;
  /** What the explanation needs beyond the line itself. */
  readonly detail: LineDetail | undefined;
}

/** An amount that a rule outside the card adds or takes: shown as what it changes. Signed decimal string. */
export interface OutsideAdjustment {
  readonly id: string;
  readonly kind: 'experiment' | 'protection';
  readonly amount: string;
}

/** A bill in exact integers: every amount in minor units of the card's currency. */
export interface ExactBill {
  /** Where the card changed within the period, the last one. */
  readonly card: CompiledRateCard;
  readonly usage: Usage;
  readonly lines: readonly ExactLine[];
  readonly subtotal: Exact;
  /** Negative or 0, in the order taken. */
  readonly discounts: readonly { readonly id: string; readonly amount: Exact }[];
  readonly adjustments: readonly {
    readonly id: string;
    readonly kind: OutsideAdjustment['kind'];
    readonly amount: Exact;
  }[];
  readonly trueUp: Exact;
  /** What the maximum and the spend cap took. */
  readonly capped: Exact;
  /** What of it the spend cap took; null where none was handed in. */
  readonly spendCapped: Exact | null;
  readonly total: Exact;
  readonly credits: readonly { readonly id: string; readonly used: Exact; readonly remaining: Exact }[];
  readonly amountDue: Exact;
}

/** One line of an answer: the contract's format. Amounts are decimal strings in major units. */
export interface RatedLine {
  readonly kind: LineKind;
  readonly charge: string | null;
  readonly meter: string | null;
  readonly group: string | null;
  readonly window?: string | null;
  readonly tier?: number;
  /** Of an `included` line whose units came with a bundle. */
  readonly bundle?: string;
  readonly packages?: string;
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly flat: string;
  readonly amount: string;
  /** Why a line is negative; only of those that are. */
  readonly reason?: string;
  /** Present when it was asked for: the arithmetic of the line in words and numbers. */
  readonly explanation?: string;
}

/**
 * The contract's answer. subtotal = sum of the lines; total = subtotal + discounts (+ adjustments) + trueUp − capped;
 * amountDue = total − credits used. Only reversals of earlier outcomes make a bill negative.
 */
export interface RatedBill {
  readonly customer: string | null;
  readonly currency: string;
  readonly lines: readonly RatedLine[];
  readonly subtotal: string;
  readonly discounts: readonly { readonly id: string; readonly amount: string }[];
  /** Only where experiments or protection were handed in. */
  readonly adjustments?: readonly {
    readonly id: string;
    readonly kind: OutsideAdjustment['kind'];
    readonly amount: string;
  }[];
  readonly trueUp: string;
  readonly capped: string;
  /** What of `capped` the spend cap took; only where one was handed in. */
  readonly spendCapped?: string;
  readonly total: string;
  readonly credits: readonly { readonly id: string; readonly used: string; readonly remaining: string }[];
  readonly amountDue: string;
}
