import { generateKey, hashKey, PREFIX } from '../../domain/entitlement/keys.ts';
import { type CustomerKey, type KeyMode, snapshotOf } from '../../domain/entitlement/snapshot.ts';
import { InputError } from '../../domain/input-error.ts';
import type { AccessQueue } from '../ports/access-queue.ts';
import type { Directory } from '../ports/directory.ts';
import type { Clock, Randomness } from '../runtime.ts';

export interface KeyNeeds {
  readonly directory: Directory;
  readonly queue: AccessQueue;
  readonly clock: Clock;
  readonly random: Randomness;
}

/**
 * Makes a key for a customer. The answer holds the key in clear, this once: only its hash, prefix and last four
 * characters are kept. It opens the API as soon as the customer is placed in a usage plan.
 *
 * @throws InputError `unknown-customer`
 */
export async function createKey(
  { directory, clock, random }: Omit<KeyNeeds, 'queue'>,
  request: { readonly customer: string; readonly name: string; readonly mode: KeyMode },
): Promise<{ readonly key: string; readonly stored: CustomerKey }> {
  const { customer, name, mode } = request;
  await knownProfile(directory, customer);
  const key = generateKey(mode, (bytes) => random.hex(bytes));
  const stored: CustomerKey = {
    customer,
    hash: hashKey(key),
    name,
    mode,
    prefix: PREFIX[mode],
    lastFour: key.slice(-4),
    state: 'active',
    createdAt: clock.now(),
    revokedAt: null,
  };
  await publishKey(directory, stored);
  return { key, stored };
}

/**
 * Registers a key that the team issued before, by its hash. Doing it again changes nothing, and does not bring back a
 * key that was revoked.
 */
export async function importKey(
  { directory, clock }: Pick<KeyNeeds, 'directory' | 'clock'>,
  request: { readonly customer: string; readonly hash: string; readonly name: string },
): Promise<'imported' | 'exists' | 'taken'> {
  const { customer, hash, name } = request;
  const holder = await directory.snapshot(hash);
  if (holder && holder.customer !== customer) return 'taken';
  const known = (await directory.keys(customer)).find((key) => key.hash === hash);
  const stored: CustomerKey = known ?? {
    ...{ customer, hash, name, mode: 'live', prefix: null, lastFour: null, state: 'active' },
    createdAt: clock.now(),
    revokedAt: null,
  };
  if ((await publishKey(directory, stored)) === 'taken') {
    // Another customer's import was faster: this item must not look like a key that works.
    await directory.putKey({ ...stored, state: 'revoked', revokedAt: clock.now() });
    return 'taken';
  }
  return known ? 'exists' : 'imported';
}

/** Stops a key for good: the snapshot first, so that a lost flush only costs the rest of a cache's life. */
export async function revokeKey(
  { directory, queue, clock }: Omit<KeyNeeds, 'random'>,
  customer: string,
  hash: string,
): Promise<'revoked' | 'unknown-key'> {
  const key = (await directory.keys(customer)).find((each) => each.hash === hash);
  if (!key) return 'unknown-key';
  const profile = await knownProfile(directory, customer);
  const revoked: CustomerKey = { ...key, state: 'revoked', revokedAt: key.revokedAt ?? clock.now() };
  await directory.putSnapshot(hash, snapshotOf(profile, revoked));
  await directory.putKey(revoked);
  await queue.send({ do: 'flush', since: clock.now() });
  return 'revoked';
}

/** The key's own item first, then the profile is read: see syncSnapshots for why in this order. */
async function publishKey(directory: Directory, key: CustomerKey): Promise<'written' | 'older' | 'taken'> {
  await directory.putKey(key);
  return directory.putSnapshot(key.hash, snapshotOf(await knownProfile(directory, key.customer), key));
}

async function knownProfile(directory: Directory, customer: string) {
  const profile = await directory.profile(customer);
  if (profile) return profile;
  throw new InputError({
    code: 'unknown-customer',
    message: `there is no customer ${JSON.stringify(customer)}`,
    hint: 'import it first: tollgate customers import FILE',
  });
}
