import { deniedRoutes } from '../../domain/entitlement/features.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { trialEnd } from '../../domain/pricing/phases.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { formatDate, hourOf } from '../../domain/time/time.ts';
import type { EvaluationPorts } from './ports.ts';

/** After a trial that ended a customer has to choose a card before it calls again. */
const EVERYTHING: readonly string[] = ['*/*'];

/**
 * Makes a customer's access follow the decision in force now: its usage plan and the routes that are open to it. Nothing
 * is sent when they do already, so this can run as often as anyone likes.
 *
 * @param newest the customer's newest decision where the caller has just read it: in force, it needs no other query
 */
export async function applyDecision(
  ports: EvaluationPorts,
  profile: CustomerProfile,
  newest?: Decision,
): Promise<'asked' | 'in-place'> {
  const { decisions, rulesets, access, clock } = ports;
  const customer = profile.customer.id;
  const now = clock.now();
  if (profile.access.retired.some(({ deleteAfter }) => deleteAfter <= now))
    await access.send({ do: 'retire', customer });
  if (profile.status === 'closed') return 'in-place';
  const hour = hourOf(now);
  const decision = newest && newest.effectiveFrom <= hour ? newest : await decisions.inForceAt(customer, hour);
  const record = await rulesets.inForceAt(hour);
  if (!decision?.rateCard || !record) return 'in-place';
  const { ruleset, cards } = ports.compile(record);
  const card = cards.inForce(decision.rateCard.split('@')[0] as string, hour);
  if (!card) return 'in-place';
  const rateCard = `${card.id}@${card.effectiveFrom}`;
  const end = trialEnd(card, profile.customer.createdAt);
  const hasEnded = end !== null && formatDate(now) >= end;
  const denied = hasEnded ? EVERYTHING : deniedRoutes(card, ruleset.meters, ruleset.rateCards);
  const { current, rateCard: placedOn, denied: closed } = profile.access;
  if (current && placedOn === rateCard && closed.join('\n') === denied.join('\n')) return 'in-place';
  await access.send({ do: 'place', customer, rateCard, denied, quota: card.usagePlan?.quota ?? null });
  return 'asked';
}
