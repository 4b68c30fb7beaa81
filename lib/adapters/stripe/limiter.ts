import type { Clock } from '../../app/runtime.ts';

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
