import { assert } from '../assert.ts';
import type { FactValue, Ruleset, TierParams } from '../rules/ruleset.ts';
import { formatHour, type Hour } from '../time/time.ts';
import { type CardsByDate, cardsByDate } from './cards-by-date.ts';
import type { Decision, DecisionReason } from './decision.ts';
import { type CompiledPhase, compilePhase } from './engine/compiled-phase.ts';
import type { CustomOperators } from './engine/operators.ts';
import type { PhaseFault, PhaseResult, PhaseRules } from './engine/phase.ts';
import { type ResolvedFacts, resolveFacts } from './resolve-facts.ts';

/** What a decision is about besides the facts. */
export interface DecisionContext {
  readonly customer: string;
  /** The hour from which it is in force; it also says which version of a rate card is taken. */
  readonly at: Hour;
  readonly ruleset: { readonly hash: string; readonly commit: string };
}

/** Everything known about a customer, by fact id: from the customers file and from closed usage. */
export type GivenFacts = Readonly<Record<string, FactValue | undefined>>;

export type PhaseName = 'segments' | 'tiers' | 'protection';
export type Phases<Phase> = Readonly<Record<PhaseName, Phase>>;

/** A ruleset ready to decide many customers. */
export interface CompiledRules {
  readonly ruleset: Ruleset;
  readonly phases: Phases<CompiledPhase>;
  readonly cards: CardsByDate;
}

/** Once per ruleset; then `decide` for each customer. */
export function compileRules(ruleset: Ruleset, operators: CustomOperators = {}): CompiledRules {
  return { ruleset, phases: eachPhase(ruleset, operators, compilePhase), cards: cardsByDate(ruleset.rateCards) };
}

/** One runner for each of the three rules files. */
export function eachPhase<Phase>(
  ruleset: Ruleset,
  operators: CustomOperators,
  make: (rules: PhaseRules) => Phase,
): Phases<Phase> {
  const { segments, tiers, protection, conditions } = ruleset;
  return {
    segments: make({ rules: segments, conditions: conditions?.segments ?? {}, operators }),
    tiers: make({ rules: tiers.rules, conditions: conditions?.tiers ?? {}, operators }),
    protection: make({ rules: protection, conditions: conditions?.protection ?? {}, operators }),
  };
}

/**
 * Segments from the facts, the tier from facts and segments, then protection. A customer for whom a rule cannot be
 * evaluated is undecided, and the decision says which fact is missing.
 */
export function decide(rules: CompiledRules, facts: GivenFacts, context: DecisionContext): Decision {
  const steps = deciding(rules, facts, context);
  let step = steps.next();
  while (!step.done) step = steps.next(rules.phases[step.value.phase].run(step.value.facts));
  return step.value;
}

/** Rules to be run, and on what. */
export interface PhaseRequest {
  readonly phase: PhaseName;
  readonly facts: Readonly<Record<string, FactValue>>;
}

/** The steps of a decision, whoever runs the rules. */
export function* deciding(
  rules: CompiledRules,
  given: GivenFacts,
  context: DecisionContext,
): Generator<PhaseRequest, Decision, PhaseResult> {
  const { ruleset } = rules;
  const resolved = resolveFacts(ruleset.facts, given);
  const inSegments = yield { phase: 'segments', facts: resolved.values };
  if ('fault' in inSegments) return undecided(context, faultText('segments', inSegments.fault, resolved));
  const held = inSegments.held.map((index) => ruleset.segments[index]?.event.params.segment as string);
  const segments = [...new Set(held)].sort();

  const tierFacts = { ...resolved.values, segments };
  const inTiers = yield { phase: 'tiers', facts: tierFacts };
  if ('fault' in inTiers) return undecided(context, faultText('tiers', inTiers.fault, resolved));
  const tierIndex = highestPriority(ruleset.tiers.rules, inTiers.held);
  const tier = tierIndex === null ? ruleset.tiers.otherwise : tierParams(ruleset, tierIndex);
  const card = rules.cards.inForce(tier.rateCard, context.at);
  if (card === null) {
    return undecided(
      context,
      `no version of the rate card "${tier.rateCard}" is in force at ${formatHour(context.at)}`,
    );
  }

  const protectionFacts = { ...tierFacts, rateCard: tier.rateCard };
  const inProtection = yield { phase: 'protection', facts: protectionFacts };
  if ('fault' in inProtection) return undecided(context, faultText('protection', inProtection.fault, resolved));
  const reasons = [
    ...reasonsFor(rules, 'segments', inSegments.held, resolved.values),
    ...(tierIndex === null ? [OTHERWISE] : reasonsFor(rules, 'tiers', [tierIndex], tierFacts)),
    ...reasonsFor(rules, 'protection', inProtection.held, protectionFacts),
  ];
  return {
    customer: context.customer,
    effectiveFrom: context.at,
    segments,
    tierRule: tierIndex === null ? 'otherwise' : (ruleset.tiers.rules[tierIndex]?.name as string),
    rateCard: `${card.id}@${card.effectiveFrom}`,
    discounts: tier.discounts ?? [],
    reservedCapacity: tier.reservedCapacity ?? null,
    protection: inProtection.held.map((index) => ruleset.protection[index]?.name as string).sort(),
    undecided: null,
    reasons,
    ruleset: context.ruleset,
  };
}

const OTHERWISE: DecisionReason = {
  kind: 'otherwise',
  rule: 'otherwise',
  rationale: 'The usual price, which everyone has whom no rule gives another one.',
  facts: {},
};

function tierParams(ruleset: Ruleset, index: number): TierParams {
  const rule = ruleset.tiers.rules[index];
  assert(rule, 'a rule that holds is one of the rules');
  return rule.event.params;
}

/** `validate` refuses equal priorities, so there is one highest; null when none holds. */
export function highestPriority(
  rules: readonly { readonly priority?: number }[],
  held: readonly number[],
): number | null {
  const priority = (index: number) => rules[index]?.priority ?? 1;
  return held.reduce<number | null>(
    (best, index) => (best === null || priority(index) > priority(best) ? index : best),
    null,
  );
}

function undecided(context: DecisionContext, reason: string): Decision {
  return {
    customer: context.customer,
    effectiveFrom: context.at,
    segments: [],
    tierRule: null,
    rateCard: null,
    discounts: [],
    reservedCapacity: null,
    protection: [],
    undecided: reason,
    reasons: [],
    ruleset: context.ruleset,
  };
}

/** What is missing or unusable, in words that name it. */
function faultText(phase: PhaseName, fault: PhaseFault, { unusable }: ResolvedFacts): string {
  const wrong = fault.missing.filter((fact) => unusable.has(fact));
  const missing = fault.missing.filter((fact) => !unusable.has(fact));
  const texts = wrong.map((fact) => `the fact "${fact}" is unusable: ${unusable.get(fact)}`);
  const names = missing.map((fact) => `"${fact}"`);
  const last = names.pop();
  if (last !== undefined) {
    const several = names.length > 0;
    const which = several ? `the facts ${names.join(', ')} and ${last} are` : `the fact ${last} is`;
    texts.push(`${which} missing, without a default in facts.json`);
  }
  if (fault.unfit.length > 0) {
    const rules = fault.unfit.map((name) => `"${name}"`).join(', ');
    texts.push(`${phase}.json: ${rules} compares values whose types do not fit`);
  }
  return texts.join('; ');
}

const KINDS = { segments: 'segment', tiers: 'tier', protection: 'protection' } as const;

function reasonsFor(
  { ruleset, phases }: CompiledRules,
  phase: PhaseName,
  held: readonly number[],
  facts: Readonly<Record<string, FactValue>>,
): DecisionReason[] {
  const rules = phase === 'tiers' ? ruleset.tiers.rules : ruleset[phase];
  return held.map((index) => {
    const rule = rules[index];
    assert(rule, 'a rule that holds is one of the rules');
    const read = (phases[phase].reads[index] ?? []).map((fact) => [fact, facts[fact] as FactValue] as const);
    return { kind: KINDS[phase], rule: rule.name, rationale: rule.rationale, facts: Object.fromEntries(read) };
  });
}
