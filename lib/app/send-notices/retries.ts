import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../domain/time/time.ts';

/** Longer than a function lives: an attempt that was begun so long ago has broken off. */
export const LEASE_MS = 2 * MINUTE_MS;

/** How long is waited after each attempt that failed: ten retries in about a day. */
const WAITS_MS = [
  ...[30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS],
  ...[HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 8 * HOUR_MS, 8 * HOUR_MS],
];

/** @param attempt that failed, from 1; null: it was the last */
export const waitAfter = (attempt: number): number | null => WAITS_MS[attempt - 1] ?? null;

/** What SQS takes for one message; a longer wait is a chain of messages. */
const DELAY_MS_MAX = 900 * SECOND_MS;
export const delaySeconds = (ms: number): number => Math.ceil(Math.max(0, Math.min(ms, DELAY_MS_MAX)) / SECOND_MS);
