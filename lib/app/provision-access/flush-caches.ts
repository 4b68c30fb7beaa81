import { type EpochMs, SECOND_MS } from '../../domain/time/time.ts';
import { SNAPSHOT_FRESH_MS } from '../authorize-call/authorize-call.ts';
import type { ApiKeys, DescribeApi } from '../ports/api-keys.ts';
import type { Directory } from '../ports/directory.ts';
import type { Clock } from '../runtime.ts';

/** Clocks of two functions differ by less. */
const SKEW_MS = 2 * SECOND_MS;
/** A flush makes every customer's next call ask the authorizer again, so a burst of changes shares one. */
export const FLUSH_INTERVAL_MS = 15 * SECOND_MS;

export interface FlushNeeds {
  readonly directory: Directory;
  readonly apiKeys: ApiKeys;
  readonly describeApi: DescribeApi;
  readonly clock: Clock;
  sleep(ms: number): Promise<void>;
}

/**
 * Drops what API Gateway cached before a change. It waits until no warm authorizer holds the snapshot from before the
 * change, since that would go straight back into the cache; and a flush that began after that moment has done it already.
 *
 * @param since when the change was written
 */
export async function flushCaches(needs: FlushNeeds, since: EpochMs): Promise<'flushed' | 'already'> {
  const { directory, apiKeys, describeApi, clock } = needs;
  const settled = since + SNAPSHOT_FRESH_MS + SKEW_MS;
  const last = await directory.lastFlush();
  if (last >= settled) return 'already';
  const wait = Math.max(settled, last + FLUSH_INTERVAL_MS) - clock.now();
  if (wait > 0) await needs.sleep(wait);
  const startedAt = clock.now();
  const { restApiId, stages } = await describeApi();
  for (const stage of stages) await apiKeys.flush(restApiId, stage);
  await directory.recordFlush(startedAt);
  return 'flushed';
}
