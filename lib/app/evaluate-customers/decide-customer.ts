import { effectiveHour } from '../../domain/entitlement/effective-hour.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { decide } from '../../domain/segmentation/decide.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { addHours, type EpochMs, type Hour, hourOf } from '../../domain/time/time.ts';
import { WRITER_LEAD_MS } from '../publish-rules/publish-rules.ts';
import type { EvaluationPorts } from './ports.ts';

export type DecideOutcome =
  | { readonly kind: 'decided'; readonly decision: Decision }
  | { readonly kind: 'unchanged' }
  /** The customer keeps its last decision, if it has one. */
  | { readonly kind: 'undecided'; readonly reason: string }
  | { readonly kind: 'no-rules' };

/**
 * Decides one customer anew and records the decision when it differs from the last.
 *
 * A customer's first decision is in force from the hour in which it was registered (no call of its was let through
 * before), or from the first ruleset's if that began later; so none of its usage is undecided. Every later one from the
 * first hour that begins after this writer is gone. Each is made with the ruleset in force in its hour.
 *
 * Two evaluations at once write the same hour, and the second finds it taken: one decision.
 */
export async function decideCustomer(ports: EvaluationPorts, profile: CustomerProfile): Promise<DecideOutcome> {
  const { decisions, rulesets, clock } = ports;
  const customer = profile.customer.id;
  const now = clock.now();
  const last = await decisions.latest(customer);
  const wanted = last ? laterHour(now, last) : hourOf(profile.registeredAt);
  const record = (await rulesets.inForceAt(wanted)) ?? (await rulesets.first());
  if (!record) return { kind: 'no-rules' };
  const at = Math.max(wanted, record.effectiveFrom) as Hour;
  const rules = ports.compile(record);
  const facts = await ports.facts(profile, hourOf(now), rules);
  const { hash, commit } = record;
  const decision = decide(rules, facts, { customer, at, ruleset: { hash, commit } });
  if (decision.undecided !== null) return { kind: 'undecided', reason: decision.undecided };
  if (last && sameTerms(last, decision)) return { kind: 'unchanged' };
  const written = await decisions.record(decision);
  return written === 'recorded' ? { kind: 'decided', decision } : { kind: 'unchanged' };
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
