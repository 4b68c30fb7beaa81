import type { Clock } from '../../app/runtime.ts';

/**
 * Turns at least `interval` ms apart. Callers wait for theirs in the order in which they asked.
 *
 * @param sleep waits; given by whoever owns the clock
 */
export function pacer(interval: number, clock: Clock, sleep: (ms: number) => Promise<void>): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = clock.now();
    const turn = Math.max(now, next);
    next = turn + interval;
    if (turn > now) await sleep(turn - now);
  };
}
