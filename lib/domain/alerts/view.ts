import type { SpendCap } from '../invoicing/billing-terms.ts';
import type { EpochMs } from '../time/time.ts';
import type { CapBounds } from './cap-bounds.ts';
import type { Delivery } from './delivery.ts';
import type { Level } from './level.ts';
import type { Notice } from './notice.ts';
import type { AlertSettings } from './settings.ts';

/** All that the page about alerts shows. */
export interface AlertsView {
  readonly bill: { readonly total: string; readonly fixed: string; readonly currency: string } | null;
  readonly levels: readonly Level[];
  /** When usage was last looked at; null before the first look. */
  readonly lookedAt: EpochMs | null;
  readonly ownCap: SpendCap | null;
  readonly teamCap: SpendCap | null;
  /** What a hard cap does to the invoice of the open period. */
  readonly bounds: CapBounds;
  /** Until a call is counted at most: what the access log is buffered for, and then some. */
  readonly countedAfterMs: number;
  readonly settings: AlertSettings;
  /** Addresses that can be chosen, and which are. */
  readonly addresses: readonly {
    readonly address: string;
    readonly chosen: boolean;
    readonly bounced: string | null;
  }[];
  readonly notices: readonly Notice[];
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
  readonly mailFrom: string | null;
}

/** What was ticked; anything unknown among it is left out. */
export interface AlertChoice {
  readonly kinds: readonly string[];
  readonly addresses: readonly string[];
  readonly report: string;
}
