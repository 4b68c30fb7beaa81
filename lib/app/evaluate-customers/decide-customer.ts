import { chosenAt, isDue } from '../../domain/entitlement/choices.ts';
import { effectiveHour } from '../../domain/entitlement/effective-hour.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import { choiceFacts } from '../../domain/segmentation/choice-facts.ts';
import { decide } from '../../domain/segmentation/decide.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { addHours, type EpochMs, type Hour, hourOf } from '../../domain/time/time.ts';
import { WRITER_LEAD_MS } from '../publish-rules/publish-rules.ts';
import type { EvaluationPorts } from './ports.ts';

export interface DecideOutcome {
  /** Decisions that were recorded now, oldest first. */
  readonly decisions: readonly Decision[];
  /** Why there is no decision: the customer keeps its last one, if it has one. Null when it could be decided. */
  readonly undecided: string | null;
  /** The customer's newest decision now, in force or not yet; undefined while it has none. */
  readonly newest: Decision | undefined;
}

/**
 * Decides one customer anew and records the decision when it differs from the last.
 *
 * A customer's first decision is in force from the hour in which it was registered (no call of its was let through
 * before), or from the first ruleset's if that began later; so none of its usage is undecided. Every later one from the
 * first hour that begins after this writer is gone. Each is made with the ruleset in force in its hour, and with what the
 * customer had chosen by then. Where something is known to begin later still, another one is made for that hour: of a
 * ruleset that is published ahead, so that nobody waits a day for new rules, and of a choice that begins within the next
 * hours, so that it holds from its own hour on.
 *
 * Two evaluations at once write the same hour, and the second finds it taken: one decision.
 *
 * @param seenAt when the profile was read, or before: what it says of later hours counts as of then
 */
export async function decideCustomer(
  ports: EvaluationPorts,
  profile: CustomerProfile,
  seenAt: EpochMs,
): Promise<DecideOutcome> {
  const { decisions, rulesets } = ports;
  const last = await decisions.latest(profile.customer.id);
  const wanted = last ? laterHour(seenAt, last) : hourOf(profile.registeredAt);
  const record = (await rulesets.inForceAt(wanted)) ?? (await rulesets.first());
  if (!record) return { decisions: [], undecided: null, newest: last };
  const at = Math.max(wanted, record.effectiveFrom) as Hour;
  let outcome = await decideAt(ports, profile, { at, record, last });
  for (const hour of await laterHours(ports, profile, { at, seenAt })) {
    const then = (await rulesets.inForceAt(hour)) ?? record;
    const later = await decideAt(ports, profile, { at: hour, record: then, last: outcome.newest });
    outcome = {
      decisions: [...outcome.decisions, ...later.decisions],
      undecided: outcome.undecided ?? later.undecided,
      newest: later.newest,
    };
  }
  return outcome;
}

/** Hours after `at` with which something begins that is known by now, oldest first. */
async function laterHours(
  { rulesets }: EvaluationPorts,
  { choices = [] }: CustomerProfile,
  { at, seenAt }: { readonly at: Hour; readonly seenAt: EpochMs },
): Promise<Hour[]> {
  const next = await rulesets.latest();
  const ofRules = next && next.effectiveFrom >= effectiveHour(seenAt, WRITER_LEAD_MS) ? [next.effectiveFrom] : [];
  const ofChoices = choices.map(({ from }) => from).filter((from) => isDue(from, seenAt));
  return [...new Set([...ofRules, ...ofChoices])].filter((hour) => hour > at).sort((a, b) => a - b);
}

async function decideAt(
  ports: EvaluationPorts,
  profile: CustomerProfile,
  { at, record, last }: { at: Hour; record: RulesetRecord; last: Decision | undefined },
): Promise<DecideOutcome> {
  const rules = ports.compile(record);
  const facts = {
    ...(await ports.facts(profile, hourOf(ports.clock.now()), rules)),
    ...choiceFacts(chosenAt(profile.choices, at), rules.ruleset.facts),
  };
  const { hash, commit } = record;
  const decision = decide(rules, facts, { customer: profile.customer.id, at, ruleset: { hash, commit } });
  if (decision.undecided !== null) return { decisions: [], undecided: decision.undecided, newest: last };
  if (last && sameTerms(last, decision)) return { decisions: [], undecided: null, newest: last };
  if ((await ports.decisions.record(decision)) === 'recorded') {
    return { decisions: [decision], undecided: null, newest: decision };
  }
  return { decisions: [], undecided: null, newest: await ports.decisions.latest(profile.customer.id) };
}

const laterHour = (now: EpochMs, last: Decision): Hour =>
  Math.max(effectiveHour(now, WRITER_LEAD_MS), addHours(last.effectiveFrom, 1)) as Hour;

/**
 * Whether two decisions charge the same for the same reason. Facts move every day and are no reason for a new decision; a
 * new ruleset is, since the terms of a protection rule are those of the ruleset that the decision cites.
 */
export function sameTerms(a: Decision, b: Decision): boolean {
  return termsOf(a) === termsOf(b);
}

const termsOf = ({
  segments,
  tierRule,
  rateCard,
  discounts,
  reservedCapacity,
  protection,
  ruleset,
}: Decision): string =>
  JSON.stringify([segments, tierRule, rateCard, discounts, reservedCapacity, protection, ruleset.hash]);
