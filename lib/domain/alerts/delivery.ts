import type { EpochMs } from '../time/time.ts';

/** `webhook`, or `mail <address>`. */
export type Channel = string;

/** Nobody looks so far back. */
export const DELIVERY_KEPT_DAYS = 90;

export interface Delivery {
  readonly customer: string;
  readonly notice: string;
  readonly channel: Channel;
  /** sending: an attempt is being made, or broke off. */
  readonly state: 'sending' | 'sent' | 'retrying' | 'failed';
  /** From 1. */
  readonly attempt: number;
  readonly at: EpochMs;
  /** What the last attempt got: `200`, `timeout`, `redirect`. */
  readonly answer: string | null;
}
