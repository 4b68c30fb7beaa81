import { chosenAt } from '../../domain/entitlement/choices.ts';
import { effectiveHour } from '../../domain/entitlement/effective-hour.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { type CorrectionPreview, type KnownFacts, knownFactsOf } from '../../domain/portal/known-facts.ts';
import type { FactValue, RulesetRecord } from '../../domain/rules/ruleset.ts';
import { choiceFacts } from '../../domain/segmentation/choice-facts.ts';
import { type CompiledRules, decide, type GivenFacts } from '../../domain/segmentation/decide.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { type Hour, hourOf } from '../../domain/time/time.ts';
import { compiledRulesets } from '../evaluate-customers/compiled-rulesets.ts';
import { knownFacts } from '../evaluate-customers/known-facts.ts';
import type { EvaluationQueue } from '../ports/access-queue.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader } from '../ports/usage.ts';
import { updateProfile } from '../provision-access/profiles.ts';
import { WRITER_LEAD_MS } from '../publish-rules/publish-rules.ts';
import type { Clock } from '../runtime.ts';

export interface PortalDataNeeds {
  readonly directory: Directory;
  readonly decisions: Pick<Decisions, 'inForceAt'>;
  readonly rulesets: Pick<Rulesets, 'inForceAt'>;
  readonly usage: Pick<ClosedUsageReader, 'closedHours' | 'firstOpenHour'>;
  readonly evaluations: EvaluationQueue;
  readonly clock: Clock;
}

interface Standing {
  readonly profile: CustomerProfile;
  readonly record: RulesetRecord;
  readonly rules: CompiledRules;
  readonly given: GivenFacts;
  readonly decision: Decision | null;
}

/** What rules know of one customer, and its say in it. Decisions are made by `evaluate-customers`; here they are only foretold. */
export function portalData(needs: PortalDataNeeds) {
  const { directory, evaluations, clock } = needs;
  const standing = standingReader(needs);
  return {
    async facts(customer: string): Promise<KnownFacts | null> {
      const found = await standing(customer, hourOf(clock.now()));
      return found && knownFactsOf(found.rules.ruleset.facts, found.given, found.decision);
    },
    async preview(customer: string, fact: string, value: FactValue): Promise<CorrectionPreview | null> {
      const at = effectiveHour(clock.now(), WRITER_LEAD_MS);
      const found = await standing(customer, at);
      return found && foretold(customer, { ...found.given, [fact]: value }, at, found);
    },
    /** The facts first, then the evaluation: one that is lost is made up for by the daily one. */
    async correct(customer: string, fact: string, value: FactValue): Promise<'corrected' | 'not-yours'> {
      const definition = (await standing(customer, hourOf(clock.now())))?.rules.ruleset.facts.find(
        ({ id }) => id === fact,
      );
      if (definition?.ask === undefined || definition.source !== 'customer') return 'not-yours';
      await setFact(directory, customer, fact, value);
      await evaluations.send({ task: 'evaluate', customers: [customer] });
      return 'corrected';
    },
  };
}

/** Also how an operator puts a fact right that the customer asked for. @returns undefined for an unknown customer */
export const setFact = (
  directory: Directory,
  customer: string,
  fact: string,
  value: FactValue,
): Promise<CustomerProfile | undefined> =>
  updateProfile(directory, customer, (profile) => ({
    ...profile,
    customer: { ...profile.customer, facts: { ...profile.customer.facts, [fact]: value } },
  }));

function standingReader({ directory, decisions, rulesets, usage, clock }: PortalDataNeeds) {
  const facts = knownFacts(usage);
  const compile = compiledRulesets();
  return async (customer: string, at: Hour): Promise<Standing | null> => {
    const now = hourOf(clock.now());
    const [profile, decision, record] = await Promise.all([
      directory.profile(customer),
      decisions.inForceAt(customer, now),
      rulesets.inForceAt(at),
    ]);
    if (!profile || !record) return null;
    const rules = compile(record);
    const known = await facts(profile, now, rules);
    const given = { ...known, ...choiceFacts(chosenAt(profile.choices, at), rules.ruleset.facts) };
    return { profile, record, rules, given, decision: decision ?? null };
  };
}

function foretold(
  customer: string,
  facts: GivenFacts,
  at: Hour,
  { record, rules, decision }: Standing,
): CorrectionPreview {
  const { hash, commit } = record;
  const after = decide(rules, facts, { customer, at, ruleset: { hash, commit } });
  const termsOf = ({ rateCard, segments, discounts, reservedCapacity, protection }: Decision) =>
    JSON.stringify([rateCard, segments, discounts, reservedCapacity, protection]);
  return {
    from: at,
    before: decision && { rateCard: decision.rateCard, segments: decision.segments },
    after: { rateCard: after.rateCard, segments: after.segments, undecided: after.undecided },
    changes: decision === null || termsOf(decision) !== termsOf(after),
  };
}
