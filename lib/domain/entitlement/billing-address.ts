import { agreedAddress } from '../invoicing/parse-billing-terms.ts';
import { DAY_MS, type EpochMs } from '../time/time.ts';
import { withoutTrouble } from './mail-trouble.ts';
import type { CustomerProfile } from './profile.ts';

/** A billing address that somebody gave and nobody has confirmed: nothing but the link to confirm it is mailed there. */
export interface AddressChange {
  /** Random, and in the link: a later change makes every earlier link void. */
  readonly id: string;
  /** Lower case. */
  readonly address: string;
  readonly askedAt: EpochMs;
}

/** How long a link to confirm an address works. */
export const CONFIRM_MS = 2 * DAY_MS;

/** The change that waits; null when there is none, or when its link has run out at `now`. */
export function waitingChange({ billing }: Pick<CustomerProfile, 'billing'>, now: EpochMs): AddressChange | null {
  const { addressChange } = billing;
  return addressChange !== undefined && addressChange.askedAt + CONFIRM_MS > now ? addressChange : null;
}

/** The profile without a change that waits; the address that is in use stays. */
export function withoutChange(profile: CustomerProfile): CustomerProfile {
  const { addressChange: _dropped, ...billing } = profile.billing;
  return { ...profile, billing };
}

/** The address in use from now on; whatever waited to be confirmed is void, and what was wrong with the one before is over. */
export function withBillingAddress(profile: CustomerProfile, email: string): CustomerProfile {
  const rest = withoutTrouble(withoutChange(profile), ({ use }) => use !== 'alerts');
  return { ...rest, billing: { ...rest.billing, email } };
}

/** The address that waits from now on, instead of any other. */
export function withChange(profile: CustomerProfile, addressChange: AddressChange): CustomerProfile {
  const rest = withoutTrouble(profile, ({ use }) => use === 'confirmation');
  return { ...rest, billing: { ...rest.billing, addressChange } };
}

/**
 * The address that was confirmed takes the place of the one before, in one write with the end of its change: so that a link
 * works once, whoever else clicks.
 *
 * @returns undefined when that change waits no more
 */
export function confirmedAddress(profile: CustomerProfile, id: string, now: EpochMs): CustomerProfile | undefined {
  const change = waitingChange(profile, now);
  return change?.id === id ? withBillingAddress(profile, change.address) : undefined;
}

/**
 * What the team has agreed newly holds at once, since the team vouches for it. What it says again, or no more, changes
 * nothing: the customer may have confirmed another one since.
 *
 * @param before the overrides that were known until now; null of a new customer
 */
export function withAgreedAddress(profile: CustomerProfile, before: unknown): CustomerProfile {
  const agreed = agreedAddress(profile.customer.overrides);
  const isNews = agreed !== null && (before === null || agreedAddress(before) !== agreed);
  return isNews ? withBillingAddress(profile, agreed) : profile;
}
