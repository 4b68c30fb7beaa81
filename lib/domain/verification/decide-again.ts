import { canonicalJson } from '../invoicing/canonical.ts';
import type { PublishedRuleset } from '../invoicing/terms.ts';
import type { NamedConditions, Rule } from '../rules/ruleset.ts';
import type { Decision, DecisionReason } from '../segmentation/decision.ts';
import { compilePhase } from '../segmentation/engine/compiled-phase.ts';
import { formatHour } from '../time/time.ts';
import type { Difference } from './bundle.ts';

export const decisionName = ({ effectiveFrom }: Decision): string => `decision of ${formatHour(effectiveFrom)}`;

/**
 * Runs each rule that a decision cites on the facts that it cites, and compares what the rule gives with what was decided.
 * Rules that are not shown are not run: that no rule of higher priority held is the seller's word.
 */
export function decideAgain(decision: Decision, ruleset: PublishedRuleset): Difference[] {
  if (decision.undecided !== null) return [];
  const input = decisionName(decision);
  const found = decision.reasons.map((reason) => reasonFault(decision, reason, ruleset));
  const segments = decision.reasons.filter(({ kind }) => kind === 'segment').map(({ rule }) => rule);
  const given = ruleset.rules.segments.filter(({ name }) => segments.includes(name));
  const named = [...new Set(given.map(({ event }) => event.params.segment))].sort();
  if (canonicalJson(named) !== canonicalJson([...decision.segments].sort())) {
    found.push(`its segments are ${decision.segments.join(', ')}; its rules give ${named.join(', ')}`);
  }
  return found.flatMap((message) => (message === null ? [] : [{ input, message }]));
}

function reasonFault(decision: Decision, reason: DecisionReason, { rules }: PublishedRuleset): string | null {
  const { conditions = {} } = rules;
  switch (reason.kind) {
    case 'segment':
      return heldFault(reason, rules.segments, conditions.segments) ?? null;
    case 'protection':
      return (
        heldFault(reason, rules.protection, conditions.protection) ??
        (decision.protection.includes(reason.rule) ? null : `${reason.rule} protects, and the decision does not say so`)
      );
    case 'tier': {
      const rule = rules.tiers.rules.find(({ name }) => name === reason.rule);
      return heldFault(reason, rules.tiers.rules, conditions.tiers) ?? givenFault(decision, rule?.event.params);
    }
    case 'otherwise':
      return givenFault(decision, rules.tiers.otherwise);
  }
}

function heldFault(
  { rule, facts }: DecisionReason,
  rules: readonly Rule<unknown>[],
  conditions: NamedConditions = {},
): string | undefined {
  const cited = rules.find(({ name }) => name === rule);
  if (!cited) return `it cites the rule ${rule}, which its ruleset does not show`;
  const result = compilePhase({ rules: [cited], conditions }).run(facts);
  if ('held' in result && result.held.length === 1) return undefined;
  return `the rule ${rule} does not hold on the facts that it cites`;
}

type Given = {
  readonly rateCard: string;
  readonly discounts?: unknown;
  readonly reservedCapacity?: unknown;
};

function givenFault(decision: Decision, params: Given | undefined): string | null {
  if (params === undefined) return `it cites the rule ${decision.tierRule}, which its ruleset does not show`;
  const card = decision.rateCard?.replace(/@.*$/, '');
  const same =
    card === params.rateCard &&
    canonicalJson(decision.discounts) === canonicalJson(params.discounts ?? []) &&
    canonicalJson(decision.reservedCapacity) === canonicalJson(params.reservedCapacity ?? null);
  return same ? null : `the rule ${decision.tierRule} gives ${params.rateCard} on other terms than were decided`;
}
