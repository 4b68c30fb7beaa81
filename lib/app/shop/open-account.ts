import { type CustomerProfile, newProfile } from '../../domain/entitlement/profile.ts';
import type { Identity, Member } from '../../domain/portal/member.ts';
import type { FactValue } from '../../domain/rules/ruleset.ts';
import { choiceFacts } from '../../domain/segmentation/choice-facts.ts';
import { decide } from '../../domain/segmentation/decide.ts';
import { customerIdFor } from '../../domain/shop/customer-id.ts';
import { offeredCards } from '../../domain/shop/offered-cards.ts';
import { formatDate, hourOf } from '../../domain/time/time.ts';
import type { Shop } from './needs.ts';
import { rulesAt } from './rules-at.ts';
import { obstacleOf } from './standing.ts';

export interface AccountRequest {
  readonly name: string;
  /** Id of an offered card. */
  readonly card: string;
  /** What the customer states of itself, read and checked. */
  readonly facts: Readonly<Record<string, FactValue>>;
  /** IANA name; null for UTC. */
  readonly timeZone: string | null;
  /** Who opens it, in words. */
  readonly by: string;
}

export type OpenOutcome =
  | { readonly outcome: 'opened'; readonly member: Member }
  | { readonly outcome: 'not-offered' | 'member-already' }
  /** The rules give it another card; why, in words. */
  | { readonly outcome: 'other-card'; readonly reason: string };

const ID_BYTES = 5;

/**
 * Opens an account for somebody who is signed in: a customer with its first choice, and that person as its admin.
 *
 * The membership is written first, with the new customer's id in it: until its customer exists it gives access to nothing,
 * and whoever comes again, after a crash or from a second window, finds the id there and goes on with it. So a person opens
 * one account, and none is ever without an admin. Then the customer, noted for the hour so that it is decided even when the
 * message that asks for it is lost.
 */
export async function openAccount(shop: Shop, identity: Identity, request: AccountRequest): Promise<OpenOutcome> {
  const now = shop.clock.now();
  const refused = await refusal(shop, request, now);
  if (refused) return refused;
  const customer = await claimedId(shop, identity, request, now);
  if (customer === 'member-already') return { outcome: 'member-already' };
  await shop.directory.noteChange(customer.customer, hourOf(now));
  await shop.directory.register(profileOf(customer.customer, request, now));
  await shop.evaluations.send({ task: 'evaluate', customers: [customer.customer] });
  return { outcome: 'opened', member: customer };
}

/** Decided as the evaluation will: nobody opens an account at a price other than the one that was shown. */
async function refusal(shop: Shop, { card, facts }: AccountRequest, now: number): Promise<OpenOutcome | undefined> {
  const hour = hourOf(now);
  const found = await rulesAt(shop, hour);
  const offered = found && offeredCards(found.rules.ruleset, hour).find((one) => one.card.id === card)?.card;
  if (!found || !offered) return { outcome: 'not-offered' };
  const { record, rules } = found;
  const known = { createdAt: formatDate(now), ...facts, ...choiceFacts(card, rules.ruleset.facts) };
  const context = { customer: 'new', at: hour, ruleset: { hash: record.hash, commit: record.commit } };
  const reason = obstacleOf(offered, decide(rules, known, context));
  return reason === null ? undefined : { outcome: 'other-card', reason };
}

/** The person's membership of the customer that is being opened: there from an earlier attempt, or new. */
async function claimedId(
  shop: Shop,
  identity: Identity,
  { name, by }: AccountRequest,
  now: number,
): Promise<Member | 'member-already'> {
  const { store, directory, random } = shop;
  const { issuer, subject, email, name: person } = identity;
  const known = await store.member(identity);
  const standing = known && (await directory.profile(known.customer));
  if (known && !standing) return known;
  if (known && (standing?.status !== 'closed' || standing.reopensAt !== undefined)) return 'member-already';
  // Of a closed account: its invoices stay with the other members, and with the team.
  if (known) {
    await store.removeMember(known);
    const act = { action: 'member-removed' as const, actor: by, subject: 'opened another account' };
    await store.appendAudit({ ...act, customer: known.customer, at: now, id: random.hex(6) });
  }
  const customer = customerIdFor(name, random.hex(ID_BYTES));
  const member: Member = { issuer, subject, email, name: person, customer, role: 'admin', joinedAt: now };
  if ((await store.addMember(member)) === 'added') return member;
  const other = await store.member(identity);
  return other && !(await directory.profile(other.customer)) ? other : 'member-already';
}

function profileOf(id: string, { name, facts, timeZone, card, by }: AccountRequest, now: number): CustomerProfile {
  const zone = timeZone === null ? {} : { timeZone };
  const customer = { id, name, createdAt: formatDate(now), keys: [], facts, overrides: {}, ...zone };
  return { ...newProfile(customer, now), choices: [{ card, from: hourOf(now), chosenAt: now, by }] };
}
