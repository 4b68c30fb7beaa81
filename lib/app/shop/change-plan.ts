import { withChoice, withoutPending } from '../../domain/entitlement/choices.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { type EpochMs, type Hour, hourOf, MINUTE_MS } from '../../domain/time/time.ts';
import { syncSnapshots, updateProfile } from '../provision-access/profiles.ts';
import type { Shop } from './needs.ts';
import { leavingAt } from './outlook.ts';
import { offerNamed, standingOf } from './standing.ts';
import { paidUntil, tokenOf } from './view-plan.ts';

/** Longer than a writer of the portal lives: who comes later than that finds the account closing. */
const LAST_MOMENT_MS = MINUTE_MS;

export type ChooseOutcome =
  | { readonly outcome: 'chosen'; readonly from: Hour; readonly when: 'now' | 'periodEnd' }
  /** What was previewed is not what would be chosen now: shown again first. */
  | { readonly outcome: 'changed' | 'not-offered' | 'closed' };

export interface ChooseRequest {
  readonly card: string;
  /** Of the preview that was confirmed. */
  readonly token: string;
  /** Who chooses, in words. */
  readonly by: string;
}

/**
 * Writes down that a customer chose a card, from the hour that the preview named or the next one that can still be decided.
 * Noted for its hour first, then stored, then an evaluation is asked for: whatever of it is lost, the schedule that looks
 * for noted changes finds the rest. Choosing twice is choosing once.
 */
export async function chooseCard(shop: Shop, customer: string, request: ChooseRequest): Promise<ChooseOutcome> {
  const standing = await standingOf(shop, customer);
  if (!standing) return { outcome: 'not-offered' };
  if (isGone(standing.profile)) return { outcome: 'closed' };
  const offer = await offerNamed(shop, standing, request.card);
  if (!offer || offer.obstacle !== null) return { outcome: 'not-offered' };
  if (tokenOf(standing, offer) !== request.token) return { outcome: 'changed' };
  const { from, when } = offer;
  const choice = { card: request.card, from, chosenAt: standing.now, by: request.by };
  await shop.directory.noteChange(customer, from);
  const stored = await updateProfile(shop.directory, customer, (profile) =>
    isGone(profile) ? undefined : { ...profile, choices: withChoice(profile.choices, choice) },
  );
  if (stored?.choices?.at(-1) !== choice) return { outcome: 'closed' };
  await shop.evaluations.send({ task: 'evaluate', customers: [customer] });
  return { outcome: 'chosen', from, when };
}

const isGone = ({ status, leavesAt }: CustomerProfile): boolean => status === 'closed' || leavesAt !== undefined;

/** Takes back a choice that has not begun. `too-late`: it is being decided, or was never made. */
export async function undoChoice(shop: Shop, customer: string): Promise<'undone' | 'too-late'> {
  const now = shop.clock.now();
  let undone = false;
  await updateProfile(shop.directory, customer, (profile) => {
    const choices = withoutPending(profile.choices, now);
    undone = choices !== undefined;
    return choices && { ...profile, choices };
  });
  return undone ? 'undone' : 'too-late';
}

/**
 * Cancels: the account closes with its billing period, or with the last one that is paid in advance. Until then nothing
 * changes, but for the keys' last hour. Asked for again it only finishes what is missing.
 */
export async function cancel(shop: Shop, customer: string): Promise<EpochMs | 'closed'> {
  const standing = await standingOf(shop, customer);
  if (!standing || standing.profile.status === 'closed') return 'closed';
  const leavesAt =
    standing.profile.leavesAt ?? leavingAt(standing.period, paidUntil(await shop.invoices.headsOf(customer)));
  await shop.directory.noteChange(customer, hourOf(leavesAt));
  const stored = await updateProfile(shop.directory, customer, (profile) =>
    profile.status === 'closed' || profile.leavesAt !== undefined ? undefined : { ...profile, leavesAt },
  );
  if (!stored || stored.leavesAt === undefined) return 'closed';
  await syncSnapshots(shop.directory, stored);
  return stored.leavesAt;
}

/** Takes a cancellation back, until the account closes. Asked for again it only finishes what is missing. */
export async function stay(shop: Shop, customer: string): Promise<'stays' | 'closed'> {
  const now = shop.clock.now();
  const stored = await updateProfile(shop.directory, customer, (profile) => {
    const { leavesAt, ...rest } = profile;
    const inTime = leavesAt !== undefined && now < leavesAt - LAST_MOMENT_MS;
    return profile.status !== 'closed' && inTime ? rest : undefined;
  });
  if (!stored || stored.status === 'closed' || stored.leavesAt !== undefined) return 'closed';
  await syncSnapshots(shop.directory, stored);
  return 'stays';
}
