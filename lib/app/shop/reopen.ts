import { withChoice } from '../../domain/entitlement/choices.ts';
import { canReturn } from '../../domain/entitlement/stays.ts';
import type { PlanReturn } from '../../domain/shop/plan.ts';
import { hourStart } from '../../domain/time/time.ts';
import type { InvoiceHead } from '../ports/invoices.ts';
import { revokeKey } from '../provision-access/keys.ts';
import { updateProfile } from '../provision-access/profiles.ts';
import type { ChooseRequest } from './change-plan.ts';
import type { Shop } from './needs.ts';
import { offerNamed, standingOf } from './standing.ts';
import { tokenOf } from './view-plan.ts';

/** What coming back on a card means. `not-offered`: no such card; `not-closed`: there is nothing to come back to. */
export async function viewReturn(
  shop: Shop,
  customer: string,
  card: string,
): Promise<PlanReturn | 'not-offered' | 'not-closed'> {
  const [standing, heads] = await Promise.all([standingOf(shop, customer), shop.invoices.headsOf(customer)]);
  if (!standing) return 'not-offered';
  const { profile } = standing;
  if (!canReturn(profile)) return 'not-closed';
  const offer = await offerNamed(shop, standing, card);
  if (!offer) return 'not-offered';
  return { offer, leftAt: profile.statusSince, owes: heads.some(isOwed), token: tokenOf(standing, offer) };
}

export type ReopenOutcome =
  | { readonly outcome: 'reopens'; readonly from: PlanReturn['offer']['from'] }
  /** `changed`: the price is not the one that was shown. `owes`: what is late has to be paid first. */
  | { readonly outcome: 'changed' | 'not-offered' | 'not-closed' | 'owes' };

/**
 * Has a closed account open again with the hour with which its price holds, as the same customer. Keys from before are revoked
 * first: none of them ever works again. Then, as with any choice: noted for its hour, stored, and an evaluation asked for.
 */
export async function reopen(shop: Shop, customer: string, request: ChooseRequest): Promise<ReopenOutcome> {
  const view = await viewReturn(shop, customer, request.card);
  if (typeof view === 'string') return { outcome: view };
  if (view.owes) return { outcome: 'owes' };
  if (view.offer.obstacle !== null) return { outcome: 'not-offered' };
  if (view.token !== request.token) return { outcome: 'changed' };
  const { from } = view.offer;
  for (const key of await shop.directory.keys(customer)) {
    if (key.state === 'active') await revokeKey(shop, customer, key.hash);
  }
  await shop.directory.noteChange(customer, from);
  const choice = { card: request.card, from, chosenAt: shop.clock.now(), by: request.by };
  const stored = await updateProfile(shop.directory, customer, (profile) =>
    canReturn(profile)
      ? { ...profile, choices: withChoice(profile.choices, choice), reopensAt: hourStart(from) }
      : undefined,
  );
  if (stored?.choices?.at(-1) !== choice) return { outcome: 'not-closed' };
  await shop.evaluations.send({ task: 'evaluate', customers: [customer] });
  return { outcome: 'reopens', from };
}

/** Late, or given up by Stripe. What is merely open is paid as agreed. */
const isOwed = ({ state, payment }: InvoiceHead): boolean =>
  state === 'UNCOLLECTIBLE' || (state === 'FINALIZED' && payment.overdueSince !== null);
