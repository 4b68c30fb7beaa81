import type { CustomerProfile } from '../entitlement/profile.ts';
import type { DatedSpendCap, SpendCap } from '../invoicing/billing-terms.ts';
import { parseBillingTerms } from '../invoicing/parse-billing-terms.ts';
import { compare, parseDecimal } from '../money/decimal.ts';
import type { EpochMs } from '../time/time.ts';

type Capped = Pick<CustomerProfile, 'customer' | 'spendCaps' | 'ownSpendCap'>;

/** What was agreed with the team; a customer can only set a lower one. */
export const teamCap = ({ customer }: Pick<Capped, 'customer'>): SpendCap | null =>
  parseBillingTerms(customer.overrides).spendCap;

const lower = (a: SpendCap, b: SpendCap): SpendCap =>
  compare(parseDecimal(a.amount), parseDecimal(b.amount)) <= 0 ? a : b;

/** Of two caps the one that bounds the bill: the lower hard one, else the lower one. Null without any. */
export function bindingCap(caps: readonly (SpendCap | null | undefined)[]): SpendCap | null {
  const set = caps.filter((cap) => cap !== null && cap !== undefined);
  const hard = set.filter(({ mode }) => mode === 'hard');
  return (hard.length > 0 ? hard : set).reduce<SpendCap | null>((low, cap) => (low ? lower(low, cap) : cap), null);
}

/** The profile with the binding cap dated, where it is another one than before; the same profile where it is not. */
export function withBindingCap<P extends Capped>(profile: P, now: EpochMs): P {
  const caps = profile.spendCaps ?? [];
  const cap = bindingCap([teamCap(profile), profile.ownSpendCap]);
  if (isSame(caps.at(-1)?.cap ?? null, cap)) return profile;
  const dated: DatedSpendCap = { cap, since: now };
  // Of two changes in one instant the last one counts: the one before was never in force.
  return { ...profile, spendCaps: [...caps.filter(({ since }) => since < now), dated] };
}

const isSame = (a: SpendCap | null, b: SpendCap | null): boolean => a?.amount === b?.amount && a?.mode === b?.mode;

/** Every cap that is watched now: the binding one, and a lower soft one beside it. */
export function watchedCaps(profile: Capped): readonly SpendCap[] {
  const all = [profile.spendCaps?.at(-1)?.cap ?? null, teamCap(profile), profile.ownSpendCap ?? null];
  const caps = all.filter((cap) => cap !== null);
  return caps.filter((cap, index) => caps.findIndex((other) => isSame(other, cap)) === index);
}
