import { parseRuleset } from '../../domain/rules/parse-ruleset.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';

/** Reads rulesets so that each is parsed once, whoever cites it. */
export function parsedOnce(): (record: RulesetRecord) => Ruleset {
  const parsed = new Map<string, Ruleset>();
  return ({ hash, files }) => {
    const rules = parsed.get(hash) ?? parseRuleset(files);
    parsed.set(hash, rules);
    return rules;
  };
}
