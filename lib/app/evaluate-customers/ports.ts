import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { CompiledRules, GivenFacts } from '../../domain/segmentation/decide.ts';
import type { Hour } from '../../domain/time/time.ts';
import type { AccessQueue, EvaluationQueue } from '../ports/access-queue.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { Clock, Log, Metrics } from '../runtime.ts';

/** What evaluating customers reads and writes. */
export interface EvaluationPorts {
  readonly directory: Directory;
  readonly decisions: Decisions;
  readonly rulesets: Pick<Rulesets, 'inForceAt' | 'first' | 'latest'>;
  readonly access: AccessQueue;
  readonly evaluations: EvaluationQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Compiles a ruleset; the same record gives the same object, since a sweep asks once per customer. */
  readonly compile: (record: RulesetRecord) => CompiledRules;
  /** Facts of a customer as known in the hour `now`: from its file and from closed usage. What it chose comes on top. */
  readonly facts: (profile: CustomerProfile, now: Hour, rules: CompiledRules) => Promise<GivenFacts>;
}
