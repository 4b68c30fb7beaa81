import type { EpochMs } from '../../../domain/time/time.ts';

/** A bucket that holds `burst` tokens and gains `ratePerSecond`; it starts full. */
export class TokenBucket {
  readonly #ratePerMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: EpochMs;

  constructor(ratePerSecond: number, burst: number, now: EpochMs) {
    this.#ratePerMs = ratePerSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** @returns whether a token was there to take */
  take(now: EpochMs): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#ratePerMs);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
