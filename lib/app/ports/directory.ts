import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { CustomerKey, KeySnapshot } from '../../domain/entitlement/snapshot.ts';
import type { EpochMs, Hour } from '../../domain/time/time.ts';

/** What the authorizer needs, and all it may read. */
export interface KeySnapshots {
  /** One item by the key's hash. @throws whatever the store throws when it cannot answer */
  snapshot(keyHash: string): Promise<KeySnapshot | undefined>;
}

/** Customers and their keys. Reads are strongly consistent; each write is one conditional item write. */
export interface Directory extends KeySnapshots {
  profile(customer: string): Promise<CustomerProfile | undefined>;
  /** `exists` leaves the stored one as it is. Lists the id first, so that no customer is ever missing from a sweep. */
  register(profile: CustomerProfile): Promise<'registered' | 'exists'>;
  /** Replaces the profile whose version is `profile.version - 1`; `conflict` when someone else was faster. */
  save(profile: CustomerProfile): Promise<'saved' | 'conflict'>;
  /** Every id, in code-unit order. An id can be listed before its profile exists: skip it then. */
  customers(): AsyncIterable<string>;
  /**
   * Notes that something about a customer changes with an hour: a choice that begins, an account that closes. What it is
   * stands in the profile, which may have changed its mind since. Written before the profile, so that none is missed.
   */
  noteChange(customer: string, at: Hour): Promise<void>;
  /** Customers that were noted for an hour, in code-unit order. */
  changesAt(at: Hour): Promise<readonly string[]>;
  keys(customer: string): Promise<readonly CustomerKey[]>;
  /** Writes the key's own item: new, or the same key with another state. */
  putKey(key: CustomerKey): Promise<void>;
  /**
   * Writes what the authorizer reads. `older`: a newer one (or this one) is there and stays. `taken`: the key belongs to
   * another customer. A revoked key stays revoked whatever is written later.
   */
  putSnapshot(keyHash: string, snapshot: KeySnapshot): Promise<'written' | 'older' | 'taken'>;
  /** When the authorizer caches were last flushed (start of that flush); 0 for never. */
  lastFlush(): Promise<EpochMs>;
  recordFlush(startedAt: EpochMs): Promise<void>;
}
