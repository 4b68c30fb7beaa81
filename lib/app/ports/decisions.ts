import type { Decision } from '../../domain/segmentation/decision.ts';
import type { Hour } from '../../domain/time/time.ts';

/** What each customer is charged and since when: append only, one item per customer and effective hour. */
export interface Decisions {
  /** The decision in force in an hour; undefined before the customer's first. Strongly consistent, like every read here. */
  inForceAt(customer: string, hour: Hour): Promise<Decision | undefined>;
  /** The one with the latest effective hour, in force or not yet. */
  latest(customer: string): Promise<Decision | undefined>;
  /**
   * Every decision in force at some time in [from, to), oldest first: the one in force at `from` (if there is one),
   * then those that begin before `to`.
   */
  during(customer: string, from: Hour, to: Hour): Promise<readonly Decision[]>;
  /** Appends; `exists` when the customer already has a decision for that hour, which stays as it is. */
  record(decision: Decision): Promise<'recorded' | 'exists'>;
}
