import type { EpochMs } from '../time/time.ts';
import type { CustomerProfile } from './profile.ts';

/** An address of a customer that gets no mail any more: mail came back for good, or its reader called it unwanted. */
export interface MailTrouble {
  /** Lower case. */
  readonly address: string;
  readonly at: EpochMs;
  /** `bounce` or `complaint`, and what the other side said. */
  readonly reason: string;
  /** What was to be mailed there: everything, alerts and reports, or the link to confirm it. */
  readonly use: 'billing' | 'alerts' | 'confirmation';
}

/** More addresses than a customer is ever mailed at. */
const KEPT_MAX = 10;

/** An address that waits to be confirmed and takes no mail waits no more. */
export function withTrouble(profile: CustomerProfile, came: Omit<MailTrouble, 'use'>): CustomerProfile {
  const { email, addressChange } = profile.billing;
  const waited = addressChange?.address === came.address && email !== came.address;
  const use = email === came.address ? 'billing' : waited ? 'confirmation' : 'alerts';
  const others = (profile.mailTrouble ?? []).filter(({ address }) => address !== came.address);
  const mailTrouble = [...others, { ...came, use } as const].slice(-KEPT_MAX);
  if (!waited) return { ...profile, mailTrouble };
  const { addressChange: _undeliverable, ...billing } = profile.billing;
  return { ...profile, billing, mailTrouble };
}

/** The profile without the troubles that are over; the same profile where none is. */
export function withoutTrouble(profile: CustomerProfile, isOver: (trouble: MailTrouble) => boolean): CustomerProfile {
  const { mailTrouble = [], ...rest } = profile;
  const left = mailTrouble.filter((trouble) => !isOver(trouble));
  if (left.length === mailTrouble.length) return profile;
  return left.length === 0 ? rest : { ...rest, mailTrouble: left };
}
