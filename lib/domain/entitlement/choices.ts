import { addHours, type EpochMs, HOUR_MS, type Hour, hourStart, MINUTE_MS } from '../time/time.ts';

/** A rate card that a customer chose itself, and the hour from which it shall have it. */
export interface CardChoice {
  /** A card's id. */
  readonly card: string;
  readonly from: Hour;
  readonly chosenAt: EpochMs;
  /** Who chose, in words. */
  readonly by: string;
}

/**
 * A choice for a later hour is decided in the last hours before it, not at once: decisions are never taken back, choices
 * are. Three hours are several runs of the schedule that looks for them.
 */
export const FIRM_HOURS = 3;
/** Longer than any writer of choices lives: one that was taken back in time is gone before anybody decides it. */
const WRITER_MS = 5 * MINUTE_MS;
/** What is kept of the past: nobody is decided so far back. */
const KEPT_MAX = 100;

/** The card that was chosen for an hour: the last choice that holds by then. Null before the first. */
export const chosenAt = (choices: readonly CardChoice[] | undefined, at: Hour): string | null =>
  choices?.findLast(({ from }) => from <= at)?.card ?? null;

/** The choice that has not begun yet, if there is one. */
export const pendingAt = (choices: readonly CardChoice[] | undefined, now: EpochMs): CardChoice | undefined =>
  choices?.findLast(({ from }) => hourStart(from) > now);

/** Until when a choice can be taken back. */
export const undoneUntil = ({ from }: Pick<CardChoice, 'from'>): EpochMs =>
  hourStart(addHours(from, -FIRM_HOURS)) - WRITER_MS;

/** Whether a choice that begins at `from` is decided by whoever evaluates the customer now. */
export const isDue = (from: Hour, now: EpochMs): boolean => hourStart(from) - now <= FIRM_HOURS * HOUR_MS;

/**
 * Adds a choice. One that can still be taken back gives way to it, whichever hours the two are for: the last word holds. One
 * that is decided already stays, and so do those that have begun.
 */
export function withChoice(choices: readonly CardChoice[] | undefined, added: CardChoice): readonly CardChoice[] {
  const kept = (choices ?? []).filter((one) => one.from < added.from && undoneUntil(one) <= added.chosenAt);
  return [...kept, added].slice(-KEPT_MAX);
}

/** Takes back what has not been decided yet. @returns undefined when there is nothing of the kind, or it is too late */
export function withoutPending(
  choices: readonly CardChoice[] | undefined,
  now: EpochMs,
): readonly CardChoice[] | undefined {
  const kept = (choices ?? []).filter((one) => undoneUntil(one) <= now);
  return kept.length === (choices ?? []).length ? undefined : kept;
}
