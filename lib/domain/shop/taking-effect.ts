import { effectiveHour } from '../entitlement/effective-hour.ts';
import { addHours, type EpochMs, type Hour, hourOf, MINUTE_MS, type Period } from '../time/time.ts';

/** From choosing to being evaluated: a message and a function that starts. */
const ON_THE_WAY_MS = 5 * MINUTE_MS;

export interface TakingEffect {
  readonly now: EpochMs;
  /** The billing period that `now` lies in. */
  readonly period: Period;
  /** The newest decision's hour, in force or not yet; null before the first. */
  readonly latest: Hour | null;
  /** ms: what whoever records decisions needs before the hour of one (see `effectiveHour`). */
  readonly writerLead: number;
}

/**
 * The hour from which a choice holds. `now`: the first whole hour that a decision can be made for; `periodEnd`: the one with
 * which the next billing period begins, or later where that is too near. Never an hour that is decided already.
 */
export function choiceFrom(when: 'now' | 'periodEnd', { now, period, latest, writerLead }: TakingEffect): Hour {
  const soonest = effectiveHour(now, writerLead + ON_THE_WAY_MS);
  const wanted = when === 'now' ? soonest : Math.max(soonest, hourOf(period.end));
  return Math.max(wanted, latest === null ? wanted : addHours(latest, 1)) as Hour;
}
