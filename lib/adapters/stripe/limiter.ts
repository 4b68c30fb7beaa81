import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock, Runtime } from '../../app/runtime.ts';

/**
 * A token bucket in which every caller books its turn ahead: no polling, so it works on a clock that only moves when moved.
 * Shared by all calls of a process to one endpoint.
 */
export interface Limiter {
  /** Resolves when the call may go out. */
  turn(endpoint: string): Promise<void>;
}

export interface LimiterOptions {
  readonly callsPerSecond: number;
  /** Calls that may go out at once after a rest. */
  readonly burst: number;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
}

export function tokenBucket({ callsPerSecond, burst, clock, wait }: LimiterOptions): Limiter {
  const intervalMs = 1_000 / callsPerSecond;
  /** When the bucket of an endpoint will be full again, if nobody else calls. */
  const fullAt = new Map<string, number>();
  return {
    async turn(endpoint) {
      const now = clock.now();
      const full = Math.max(fullAt.get(endpoint) ?? now, now) + intervalMs;
      fullAt.set(endpoint, full);
      const delay = full - now - burst * intervalMs;
      if (delay > 0) await wait(delay);
    },
  };
}

/** For a stand-in that has no limits. */
export const unlimited: Limiter = { turn: async () => {} };

/**
 * Stripe allows 25 calls a second to an endpoint of a test account and 100 to a live one; five functions work on the
 * queue at once, so each takes a fifth of 25 and leaves the rest of a live account's limit to the merchant's own calls.
 * Source: docs.stripe.com/rate-limits.
 */
const CALLS_PER_SECOND = 5;

/** What a function keeps to at api.stripe.com; a stand-in has no limits to keep. */
export function stripeLimiter(runtime: Pick<Runtime, 'clock' | 'stripe' | 'sleep'>): Limiter {
  if (runtime.stripe) return unlimited;
  const wait = async (ms: number): Promise<void> => runtime.sleep?.(ms) ?? sleepFor(ms);
  // No burst: five of them at once would be above what a test account is allowed.
  return tokenBucket({ callsPerSecond: CALLS_PER_SECOND, burst: 1, clock: runtime.clock, wait });
}
