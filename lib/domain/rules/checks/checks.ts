import type { FaultAt } from '../fault.ts';
import type { RulesReading } from '../read-rules.ts';
import type { RulesFiles } from '../ruleset.ts';

/** What a check found, in which file, and whether the ruleset can be used all the same. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly fault: FaultAt;
}
export interface CheckContext {
  readonly files: RulesFiles;
  readonly published?: RulesFiles;
  readonly now?: number;
}
/** One question about the meaning of a ruleset. It sees only entries whose shape is right, and never throws on bad input. */
export type Check = (reading: RulesReading, context: CheckContext) => readonly Finding[];
