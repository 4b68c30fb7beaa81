import {
  type Authorization,
  allowUnattributed,
  authorize,
  stageArnOf,
} from '../../domain/entitlement/authorization.ts';
import { clientFamily } from '../../domain/entitlement/client.ts';
import { hashKey, isPlausibleKey, KEY_LENGTH_MAX } from '../../domain/entitlement/keys.ts';
import type { KeySnapshot } from '../../domain/entitlement/snapshot.ts';
import { HOUR_MS, SECOND_MS } from '../../domain/time/time.ts';
import type { KeySnapshots } from '../ports/directory.ts';
import type { Clock, Log, Metrics } from '../runtime.ts';
import { BoundedMap } from './bounded-map.ts';

/**
 * How long a snapshot is used without asking again. Short, because a flush of API Gateway's cache must wait it out: else
 * a warm function would fill the flushed cache with what was before the revocation. API Gateway's own cache does the rest.
 */
export const SNAPSHOT_FRESH_MS = 5 * SECOND_MS;
/** How old a snapshot may be that stands in while the store does not answer. */
export const SNAPSHOT_STALE_MAX_MS = HOUR_MS;
const KNOWN_MAX = 10_000;
/** Apart, so that a flood of invented keys cannot push out the ones in use. */
const UNKNOWN_MAX = 2_000;
/** User-Agents whose family is remembered, and how long one may be. */
const FAMILIES_MAX = 500;
const USER_AGENT_KEPT_MAX = 256;

export interface Call {
  /** The caller's key as it came, undefined without one. */
  readonly key: string | undefined;
  readonly userAgent: string | undefined;
  readonly methodArn: string;
}

export interface AuthorizeCallNeeds {
  readonly snapshots: KeySnapshots;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What happens to calls of keys that no snapshot is at hand for while the store does not answer. */
  readonly onStoreFailure: 'allow' | 'deny';
  /** Internal key that such calls are throttled by; without one API Gateway itself refuses them on methods that require a key. */
  readonly unattributedUsageKey: string | undefined;
}

export type AuthorizeCall = (call: Call) => Promise<Authorization | 'unauthorized'>;

interface Kept {
  readonly snapshot: KeySnapshot;
  readonly readAt: number;
}

/**
 * Decides about a call from one item, or from none when it was read just now.
 *
 * When the store does not answer: a snapshot of up to an hour ago stands in, whatever `onStoreFailure` says, since it
 * names the customer. Without one, `allow` lets the call through without a customer (logged with the start of the key's
 * hash, so that it can be told whose it was), and `deny` throws: API Gateway answers 500 and caches nothing.
 */
export function authorizeCall(needs: AuthorizeCallNeeds): AuthorizeCall {
  const { snapshots, clock, metrics } = needs;
  const known = new BoundedMap<string, Kept>(KNOWN_MAX);
  const unknown = new BoundedMap<string, number>(UNKNOWN_MAX);
  const families = new BoundedMap<string, string>(FAMILIES_MAX);

  const familyOf = (userAgent: string): string => {
    let family = families.get(userAgent);
    if (family === undefined) {
      family = clientFamily(userAgent);
      if (userAgent.length <= USER_AGENT_KEPT_MAX) families.set(userAgent, family);
    }
    return family;
  };
  const lookUp = async (hash: string, now: number): Promise<KeySnapshot | undefined> => {
    const snapshot = await snapshots.snapshot(hash);
    if (snapshot) known.set(hash, { snapshot, readAt: now });
    else {
      known.delete(hash);
      unknown.set(hash, now);
    }
    return snapshot;
  };

  return async ({ key, userAgent, methodArn }) => {
    if (key === undefined || key.length > KEY_LENGTH_MAX) return 'unauthorized';
    const hash = hashKey(key);
    const now = clock.now();
    const stageArn = stageArnOf(methodArn);
    const client = familyOf(userAgent ?? '');
    const kept = known.get(hash);
    if (kept && now - kept.readAt < SNAPSHOT_FRESH_MS) return authorizeAt(kept.snapshot, now, stageArn, client);
    // Only now: a key that was found in the directory needs no checksum.
    if (!isPlausibleKey(key)) return 'unauthorized';
    const missedAt = unknown.get(hash);
    if (missedAt !== undefined && now - missedAt < SNAPSHOT_FRESH_MS) return 'unauthorized';
    let snapshot: KeySnapshot | undefined;
    try {
      snapshot = await lookUp(hash, now);
    } catch (error) {
      metrics.count('StoreFailures', 1);
      if (kept && now - kept.readAt < SNAPSHOT_STALE_MAX_MS) return authorizeAt(kept.snapshot, now, stageArn, client);
      return withoutStore(needs, { hash, stageArn, client, error });
    }
    return snapshot ? authorizeAt(snapshot, now, stageArn, client) : 'unauthorized';
  };
}

/** A key that was rolled is none any more when its overlap has ended. */
const authorizeAt = (
  snapshot: KeySnapshot,
  now: number,
  stageArn: string,
  client: string,
): ReturnType<typeof authorize> =>
  snapshot.expiresAt !== undefined && snapshot.expiresAt <= now
    ? 'unauthorized'
    : authorize(snapshot, stageArn, client);

function withoutStore(
  { onStoreFailure, unattributedUsageKey, log, metrics }: AuthorizeCallNeeds,
  { hash, stageArn, client, error }: { hash: string; stageArn: string; client: string; error: unknown },
): Authorization {
  const fault = error instanceof Error ? error.name : 'unknown';
  if (onStoreFailure === 'deny') {
    log.error('the directory does not answer: call stopped', { fault, keyHash: hash.slice(0, 16) });
    throw new Error('the directory does not answer');
  }
  metrics.count('UnattributedCallsAllowed', 1);
  log.error('the directory does not answer: call let through without a customer', {
    fault,
    keyHash: hash.slice(0, 16),
  });
  return allowUnattributed(stageArn, client, unattributedUsageKey);
}
