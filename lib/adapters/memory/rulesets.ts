import type { Rulesets } from '../../app/ports/rulesets.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';

/** Rulesets without a database: append only, one per effective hour. */
export function memoryRulesets(published: readonly RulesetRecord[] = []): Rulesets {
  let records = [...published].sort((a, b) => a.effectiveFrom - b.effectiveFrom);
  return {
    inForceAt: async (hour) => records.findLast(({ effectiveFrom }) => effectiveFrom <= hour),
    byHash: async (hash) => records.find((record) => record.hash === hash),
    latest: async () => records.at(-1),
    first: async () => records[0],
    async publish(record) {
      const there = records.find(({ effectiveFrom }) => effectiveFrom === record.effectiveFrom);
      if (there) return there.hash === record.hash ? 'exists' : 'refused';
      records = [...records, record].sort((a, b) => a.effectiveFrom - b.effectiveFrom);
      return 'published';
    },
  };
}
