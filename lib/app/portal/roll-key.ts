import { type CustomerKey, snapshotOf } from '../../domain/entitlement/snapshot.ts';
import type { EpochMs } from '../../domain/time/time.ts';
import { createKey, type KeyNeeds, revokeKey } from '../provision-access/keys.ts';
import { syncSnapshots, updateProfile } from '../provision-access/profiles.ts';

/**
 * Makes a key of the same name and mode, and lets the old one work for a while longer. The new key is made first: a crash
 * between leaves two keys that work, never none. Without overlap the old one is revoked.
 *
 * The old key's end stands in its snapshot, where the authorizer reads it; API Gateway's cache can add its own life to it.
 *
 * @returns the new key in clear, this once; `unknown` for a key that is not the customer's, revoked or rolled already
 */
export async function rollKey(
  needs: KeyNeeds,
  request: { readonly customer: string; readonly hash: string; readonly overlapMs: number },
): Promise<{ readonly key: string; readonly until: EpochMs } | 'unknown'> {
  const { directory, clock } = needs;
  const { customer, hash, overlapMs } = request;
  const old = (await directory.keys(customer)).find((key) => key.hash === hash);
  if (old === undefined || old.state === 'revoked' || old.expiresAt !== undefined) return 'unknown';
  const { key } = await createKey(needs, { customer, name: old.name, mode: old.mode });
  const until = clock.now() + overlapMs;
  if (overlapMs === 0) await revokeKey(needs, customer, hash);
  else await end(needs, old, until);
  return { key, until };
}

/** A snapshot only gives way to a newer version, so the profile is written once more, unchanged. */
async function end({ directory }: KeyNeeds, old: CustomerKey, until: EpochMs): Promise<void> {
  const ending = { ...old, expiresAt: until };
  await directory.putKey(ending);
  const profile = await updateProfile(directory, old.customer, (unchanged) => unchanged);
  if (profile === undefined) return;
  await directory.putSnapshot(old.hash, snapshotOf(profile, ending));
  await syncSnapshots(directory, profile);
}
