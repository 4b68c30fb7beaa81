import { type Exact, plus, type Scaled, shift } from '../../money/exact.ts';
import type { Period } from '../../time/time.ts';
import type { ChargeName, ExactLine, LineHead, LineKind } from '../bill.ts';
import type { LineDetail } from '../explain.ts';
import type { OutcomeBook } from '../outcomes.ts';
import type { UsageEntry } from '../usage.ts';
import type { OutcomeCount } from './outcome.ts';

export type { LineHead };

/** What prices may look at beside the usage itself. */
export interface RatingContext {
  readonly period: Period;
  /** The part of the span in which the customer was there. */
  readonly active: Period;
  /** The part of the period in which the card was in force; usually all of it. */
  readonly span: Period;
  /** The customer's own zone. */
  readonly timeZone: string;
  /** Shared by all charges of the bill; null where the card prices no outcomes. */
  readonly outcomes: OutcomeBook | null;
  /** By charge id the outcomes that count, told before anything is given back; empty where the card prices none. */
  readonly counts: ReadonlyMap<string, OutcomeCount>;
}

/**
 * A charge's price, compiled: appends its lines in the contract's order.
 * @param entries the usage that the charge takes
 * @param before what it took earlier in the same period, before a change: it makes no line, and counts against allowance,
 * capacity and tiers
 */
export type RateCharge = (
  entries: readonly UsageEntry[],
  before: readonly UsageEntry[],
  context: RatingContext,
  lines: ExactLine[],
) => void;

export const lineHead = (
  kind: LineKind,
  charge: ChargeName,
  group: string | null = charge.group,
  window?: string | null,
): LineHead => ({ kind, charge, meter: charge.meter, group, window });

/** The largest number of decimals among quantities, at least `least`. */
export function scaleOf(entries: readonly UsageEntry[], least: number): number {
  let scale = least;
  for (let i = 0; i < entries.length; i++) scale = Math.max(scale, (entries[i] as UsageEntry).scale);
  return scale;
}

/** The sum of quantities, at a scale that none of them exceeds. */
export function sumOf(entries: readonly UsageEntry[], scale: number): Exact {
  let sum: Exact = 0;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as UsageEntry;
    sum = plus(sum, shift(entry.quantity, scale - entry.scale));
  }
  return sum;
}

const NO_EVENTS: readonly Scaled[] = [];

/** Every event of the entries, in their order. */
export function eventsOf(entries: readonly UsageEntry[]): readonly Scaled[] {
  const [first] = entries;
  if (entries.length <= 1) return first?.events ?? NO_EVENTS;
  return entries.flatMap((entry) => entry.events ?? NO_EVENTS);
}

/** The sum of events' amounts. */
export function sumOfEvents(events: readonly Scaled[], least = 0): Scaled {
  let scale = least;
  for (const event of events) if (event.scale > scale) scale = event.scale;
  let units: Exact = 0;
  for (const event of events) units = plus(units, shift(event.units, scale - event.scale));
  return { units, scale };
}

/** A line with every key in one order, whatever its kind. */
export function line(
  head: LineHead,
  quantity: Exact | null,
  scale: number,
  unitPrice: string | null,
  flat: string,
  amount: Exact,
  detail: LineDetail | undefined,
  tier?: number,
  packages?: Exact,
): ExactLine {
  return {
    head,
    tier,
    packages,
    quantity,
    scale,
    unitPrice,
    flat,
    amount,
    detail,
  };
}
