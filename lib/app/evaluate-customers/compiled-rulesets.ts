import { parseRuleset } from '../../domain/rules/parse-ruleset.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import { type CompiledRules, compileRules } from '../../domain/segmentation/decide.ts';

/** A sweep meets the ruleset in force now and the next one; a customer's first decision may ask for an older one. */
const KEPT_MAX = 4;

/** Compiles each ruleset once. What was published is valid, so a fault here is ours. */
export function compiledRulesets(): (record: RulesetRecord) => CompiledRules {
  const kept = new Map<string, CompiledRules>();
  return ({ hash, files }) => {
    const known = kept.get(hash);
    if (known) return known;
    const oldest = kept.keys().next();
    if (kept.size >= KEPT_MAX && !oldest.done) kept.delete(oldest.value);
    const compiled = compileRules(parseRuleset(files));
    kept.set(hash, compiled);
    return compiled;
  };
}
