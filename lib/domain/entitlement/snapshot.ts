import type { CustomerStatus } from '../customer.ts';
import type { EpochMs } from '../time/time.ts';
import type { CustomerProfile } from './profile.ts';

export type KeyMode = 'live' | 'test';

/** A key of a customer. The key itself is shown once and never kept: only its hash, its prefix and its last characters. */
export interface CustomerKey {
  readonly customer: string;
  /** SHA-256 of the key, lower-case hex. */
  readonly hash: string;
  readonly name: string;
  readonly mode: KeyMode;
  /** `tg_live_`, or null for an imported key of which only the hash is known. */
  readonly prefix: string | null;
  readonly lastFour: string | null;
  readonly state: 'active' | 'revoked';
  readonly createdAt: EpochMs;
  readonly revokedAt: EpochMs | null;
  /** It was rolled and works until then, exclusive; absent for a key without an end. */
  readonly expiresAt?: EpochMs;
}

/** The one item that the authorizer reads for a key: all that it needs, and nothing that it has to compute. */
export interface KeySnapshot {
  readonly customer: string;
  readonly keyState: 'active' | 'revoked';
  readonly mode: KeyMode;
  readonly status: CustomerStatus;
  readonly reason: string | null;
  readonly spend: 'open' | 'capReached';
  readonly rateCard: string | null;
  readonly denied: readonly string[];
  /** Value of the internal API key; null until the customer is placed in a usage plan. */
  readonly usageKey: string | null;
  /** The key is none any more from here on; absent for a key without an end. */
  readonly expiresAt?: EpochMs;
  /** Of the profile it was derived from: an older one never overwrites a newer one. */
  readonly version: number;
}

/** What the authorizer shall know of a key, from what is kept of its customer. No key outlives the customer's last period. */
export function snapshotOf(profile: CustomerProfile, key: CustomerKey): KeySnapshot {
  const expiresAt = earliest(key.expiresAt, profile.leavesAt);
  return {
    customer: profile.customer.id,
    keyState: key.state,
    mode: key.mode,
    status: profile.status,
    reason: profile.statusReason,
    spend: profile.spend,
    rateCard: profile.access.rateCard,
    denied: profile.access.denied,
    usageKey: profile.access.current?.value ?? null,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    version: profile.version,
  };
}

const earliest = (a: EpochMs | undefined, b: EpochMs | undefined): EpochMs | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
