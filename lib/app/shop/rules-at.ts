import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { CompiledRules } from '../../domain/segmentation/decide.ts';
import type { Hour } from '../../domain/time/time.ts';
import type { Shop } from './needs.ts';

export interface RulesAt {
  readonly record: RulesetRecord;
  readonly rules: CompiledRules;
}

/** The rules in force in an hour, in hours before the first ruleset that one; undefined while nothing is published. */
export async function rulesAt(
  { rulesets, compile }: Pick<Shop, 'rulesets' | 'compile'>,
  hour: Hour,
): Promise<RulesAt | undefined> {
  const record = (await rulesets.inForceAt(hour)) ?? (await rulesets.first());
  return record && { record, rules: compile(record) };
}
