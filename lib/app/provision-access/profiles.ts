import { assert } from '../../domain/assert.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { snapshotOf } from '../../domain/entitlement/snapshot.ts';
import type { Directory } from '../ports/directory.ts';

/** More than any real contention: writers of one customer are the queue, a webhook and the nightly evaluation. */
const ATTEMPTS_MAX = 20;

/**
 * Changes a profile, again from the newest one when another writer was faster.
 *
 * @param change the new profile, or undefined to leave it; may run several times
 * @param known the profile as the caller has just read it, which saves the first read; one that is out of date is not
 * written over, since every write names the version it follows
 * @returns the profile as it is stored now; undefined for an unknown customer
 */
export async function updateProfile(
  directory: Directory,
  customer: string,
  change: (profile: CustomerProfile) => CustomerProfile | undefined,
  known?: CustomerProfile,
): Promise<CustomerProfile | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const profile = attempt === 0 && known ? known : await directory.profile(customer);
    const changed = profile && change(profile);
    if (!profile || !changed) return profile;
    assert(changed.customer.id === customer, 'a profile keeps its customer');
    const next = { ...changed, version: profile.version + 1 };
    if ((await directory.save(next)) === 'saved') return next;
  }
  throw new Error(`the profile of ${customer} changed ${ATTEMPTS_MAX} times while it was being written`);
}

/**
 * Brings every key snapshot of a customer up to a profile. The profile is written before the keys are listed, and a new
 * key is listed before its profile is read: so whichever of two writers comes second sees what the first one did.
 *
 * @returns whether any snapshot changed
 */
export async function syncSnapshots(directory: Directory, profile: CustomerProfile): Promise<boolean> {
  let written = false;
  for (const key of await directory.keys(profile.customer.id)) {
    if ((await directory.putSnapshot(key.hash, snapshotOf(profile, key))) === 'written') written = true;
  }
  return written;
}
