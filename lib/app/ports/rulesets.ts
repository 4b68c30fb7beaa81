import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { Hour } from '../../domain/time/time.ts';

/**
 * The published rulesets, append only. A record is in force from its hour until the next record's; every use of rules
 * asks for the one in force in the hour that it works on, never for the newest.
 */
export interface Rulesets {
  /** The record in force in an hour; undefined before the first one. Strongly consistent. */
  inForceAt(hour: Hour): Promise<RulesetRecord | undefined>;
  /** A record by its content. The same content can be published again later; this is the first time it came into force. */
  byHash(hash: string): Promise<RulesetRecord | undefined>;
  /** The record with the latest effective hour, in force or not yet. */
  latest(): Promise<RulesetRecord | undefined>;
  /** The record with the earliest effective hour. */
  first(): Promise<RulesetRecord | undefined>;
  /**
   * Appends a record. One conditional write per effective hour, so it can be repeated after a crash:
   * `exists` when this hash already holds that hour, `refused` when another one does (it stays).
   */
  publish(record: RulesetRecord): Promise<'published' | 'exists' | 'refused'>;
}
