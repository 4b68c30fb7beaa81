import type { CustomerProfile, InternalKey, PendingKey } from '../../domain/entitlement/profile.ts';
import { addDailyUse, remainingQuota, usageKeptFrom } from '../../domain/entitlement/quota.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS } from '../../domain/time/time.ts';
import type { AccessCommand } from '../ports/access-queue.ts';
import type { ApiKeys, DescribeApi } from '../ports/api-keys.ts';
import type { Directory } from '../ports/directory.ts';
import type { Clock, Randomness } from '../runtime.ts';
import { syncSnapshots, updateProfile } from './profiles.ts';

/** The longest that API Gateway caches an authorizer's answer, whatever this API's own setting is. */
const AUTHORIZER_TTL_MAX_MS = HOUR_MS;
const MARGIN_MS = 5 * MINUTE_MS;

export interface PlaceNeeds {
  readonly directory: Directory;
  readonly apiKeys: ApiKeys;
  readonly describeApi: DescribeApi;
  readonly clock: Clock;
  readonly random: Randomness;
}

export type Placement = Extract<AccessCommand, { do: 'place' }>;

/**
 * Puts a customer into its card's usage plan. The steps, each of which can be repeated:
 * choose a value and store it -> create the key -> join the plan -> carry over the quota used -> flip the profile ->
 * snapshots. The old key stays until no cached policy can name it, so no call between the two is refused; the
 * customer's own keys never change. A command that comes twice finds the profile flipped and only renews snapshots.
 *
 * Calls made with policies that were cached before the flip count against the old plan: quotas are best effort.
 *
 * @throws Error when no usage plan exists for the card: the deployment that makes it has not ended
 */
export async function placeCustomer(
  needs: PlaceNeeds,
  command: Placement,
): Promise<'placed' | 'moved' | 'unchanged' | 'gone'> {
  const { directory } = needs;
  const profile = await directory.profile(command.customer);
  if (!profile || profile.status === 'closed') return 'gone';
  const usagePlan = await usagePlanOf(needs, command.rateCard);
  const before = profile.access.current;
  if (before?.usagePlan === usagePlan) {
    const renewed = await renewCard(directory, command, profile);
    if (renewed) await syncSnapshots(directory, renewed);
    return 'unchanged';
  }
  const { key, stored } = await createInPlan(needs, profile, usagePlan);
  const earlierUse = before ? await carryUse(needs, before, key, command) : {};
  const flipped = await flip(needs, command, { ...key, earlierUse }, stored);
  if (flipped) await syncSnapshots(directory, flipped);
  return before ? 'moved' : 'placed';
}

/** The customer left: nobody may call with its internal key any more, and it goes like one that was replaced. */
export async function removeCustomer(needs: PlaceNeeds, customer: string): Promise<void> {
  const now = needs.clock.now();
  const profile = await updateProfile(needs.directory, customer, (before) => {
    const { current, retired } = before.access;
    if (before.status !== 'closed' || current === null) return undefined;
    return { ...before, access: { ...before.access, current: null, retired: [...retired, retire(current, now)] } };
  });
  if (profile) await syncSnapshots(needs.directory, profile);
}

/** Deletes the replaced keys of a customer that no cached policy can name any more. */
export async function retireKeys(needs: PlaceNeeds, customer: string): Promise<number> {
  const { directory, apiKeys, clock } = needs;
  const now = clock.now();
  const due = (await directory.profile(customer))?.access.retired.filter(({ deleteAfter }) => deleteAfter <= now) ?? [];
  for (const { usagePlan, apiKeyId } of due) await apiKeys.remove(usagePlan, apiKeyId);
  if (due.length === 0) return 0;
  const gone = new Set(due.map(({ apiKeyId }) => apiKeyId));
  await updateProfile(directory, customer, (profile) => {
    const retired = profile.access.retired.filter(({ apiKeyId }) => !gone.has(apiKeyId));
    return retired.length === profile.access.retired.length
      ? undefined
      : { ...profile, access: { ...profile.access, retired } };
  });
  return due.length;
}

async function usagePlanOf({ describeApi }: PlaceNeeds, rateCard: string): Promise<string> {
  const card = rateCard.split('@')[0] as string;
  const usagePlan = (await describeApi()).usagePlans[card];
  if (usagePlan === undefined)
    throw new Error(`there is no usage plan for the rate card ${card} yet: deploy the API's stack`);
  return usagePlan;
}

function renewCard(directory: Directory, { customer, rateCard, denied }: Placement, known: CustomerProfile) {
  const renew = (profile: CustomerProfile): CustomerProfile | undefined => {
    const { access } = profile;
    const same = access.rateCard === rateCard && access.denied.join('\n') === denied.join('\n');
    return same ? undefined : { ...profile, access: { ...access, rateCard, denied } };
  };
  return updateProfile(directory, customer, renew, known);
}

async function createInPlan(
  needs: PlaceNeeds,
  profile: CustomerProfile,
  usagePlan: string,
): Promise<{ readonly key: Omit<InternalKey, 'earlierUse'>; readonly stored: CustomerProfile | undefined }> {
  const { directory, apiKeys, random } = needs;
  const customer = profile.customer.id;
  const { pending } = profile.access;
  if (pending && pending.usagePlan !== usagePlan) await abandon(apiKeys, customer, pending);
  const value = random.hex(32);
  const choose = ({ access, ...rest }: CustomerProfile): CustomerProfile | undefined =>
    access.pending?.usagePlan === usagePlan
      ? undefined
      : { ...rest, access: { ...access, pending: { value, usagePlan } } };
  const stored = await updateProfile(directory, customer, choose, profile);
  const chosen = stored?.access.pending ?? { value, usagePlan };
  const apiKeyId = await apiKeys.create(nameOf(customer, chosen.value), chosen.value);
  await apiKeys.join(usagePlan, apiKeyId);
  return { key: { value: chosen.value, apiKeyId, usagePlan }, stored };
}

/** A move that never ended, and is not wanted any more: its key may exist, so it is found by its name and deleted. */
async function abandon(apiKeys: ApiKeys, customer: string, { value, usagePlan }: PendingKey): Promise<void> {
  await apiKeys.remove(usagePlan, await apiKeys.create(nameOf(customer, value), value));
}

async function carryUse(
  { apiKeys, clock }: PlaceNeeds,
  before: InternalKey,
  created: Omit<InternalKey, 'earlierUse'>,
  { quota }: Placement,
) {
  const now = clock.now();
  const from = usageKeptFrom(now);
  const calls = await apiKeys.dailyUse(before.usagePlan, before.apiKeyId, from, now);
  const use = addDailyUse(before.earlierUse, from, calls);
  const remaining = quota && remainingQuota(quota, use, now);
  if (remaining !== null) await apiKeys.setRemaining(created.usagePlan, created.apiKeyId, remaining);
  return use;
}

function flip(
  { directory, clock }: PlaceNeeds,
  { customer, rateCard, denied }: Placement,
  current: InternalKey,
  known: CustomerProfile | undefined,
) {
  const now = clock.now();
  const replace = (profile: CustomerProfile): CustomerProfile => {
    const { current: before, retired } = profile.access;
    const replaced = before && before.apiKeyId !== current.apiKeyId ? [retire(before, now)] : [];
    return {
      ...profile,
      access: { rateCard, denied, current, pending: null, retired: [...retired, ...replaced] },
    };
  };
  return updateProfile(directory, customer, replace, known);
}

const retire = (key: InternalKey, now: EpochMs) => ({ ...key, deleteAfter: now + AUTHORIZER_TTL_MAX_MS + MARGIN_MS });

/** Unique for each value, so that a key which was created before a crash is found again by its name. */
const nameOf = (customer: string, value: string): string => `tollgate-${customer}-${value.slice(0, 12)}`;
