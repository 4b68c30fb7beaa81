import type { Channel, Delivery } from '../../domain/alerts/delivery.ts';
import type { Level } from '../../domain/alerts/level.ts';
import type { Notice } from '../../domain/alerts/notice.ts';
import type { AlertSettings } from '../../domain/alerts/settings.ts';
import type { UsageArchive } from '../../domain/alerts/usage-archive.ts';
import type { EpochMs } from '../../domain/time/time.ts';

/** What the last look at a customer found: enough to know whether another one is due, and what was told. */
export interface WatchState {
  readonly customer: string;
  readonly lookedAt: EpochMs;
  /** Before that nothing can have happened that is worth a look; a message may still ask for one. */
  readonly lookAgainAt: EpochMs;
  /** For the pages: how much of everything was used then. */
  readonly levels: readonly Level[];
  /** The bill of the open period so far, and what of it is due without a call; null where it could not be rated. */
  readonly bill: { readonly total: string; readonly fixed: string; readonly currency: string } | null;
  /** Ids of notices that are not due again; those of periods long over are dropped. */
  readonly told: readonly string[];
  /** What the authorizer was last told: a run that broke off between the profile and its snapshots is mended by the next. */
  readonly spend: 'open' | 'capReached';
  /** Start of the last period whose report was sent. */
  readonly reported: EpochMs | null;
  /** Raised by one with every write. */
  readonly version: number;
}

/** What the watcher remembers. Every write is one item; what is lost is found again from usage. */
export interface Watches {
  state(customer: string): Promise<WatchState | undefined>;
  /** Replaces version `state.version - 1`; `stale` when another look was faster, whose state is as good. */
  saveState(state: WatchState): Promise<'saved' | 'stale'>;
  archive(customer: string): Promise<UsageArchive | undefined>;
  /** `too-large` for an item: then closed hours are read anew with each look. */
  saveArchive(archive: UsageArchive): Promise<'saved' | 'too-large'>;
}

export interface Notices {
  /** `exists` leaves the one that is there: whoever finds the same thing again tells nothing new. */
  put(notice: Notice): Promise<'put' | 'exists'>;
  get(customer: string, id: string): Promise<Notice | undefined>;
  /** The newest period's first. */
  newest(customer: string, limit: number): Promise<Notice[]>;
}

export interface AlertSettingsStore {
  settings(customer: string): Promise<AlertSettings | undefined>;
  /** Replaces version `settings.version - 1`. */
  saveSettings(settings: AlertSettings): Promise<'saved' | 'conflict'>;
  removeSettings(customer: string): Promise<void>;
}

/** How far each notice has come on each channel: what makes a notice arrive once, whatever is redelivered. */
export interface Deliveries {
  /**
   * Takes an attempt before it is made. `claimed`: make it. `done`: it was made, or a later one is. `again`: it was made and
   * failed, and the next may not have been asked for. `busy`: another run makes it now, or broke off within `leaseMs`.
   */
  claim(attempt: DeliveryAttempt, now: EpochMs, leaseMs: number): Promise<'claimed' | 'done' | 'again' | 'busy'>;
  /** What became of the attempt that was claimed; of one that another run has taken over, nothing is kept. */
  finish(attempt: DeliveryAttempt, state: 'sent' | 'retrying' | 'failed', answer: string, at: EpochMs): Promise<void>;
  /** In no order. */
  ofCustomer(customer: string): Promise<Delivery[]>;
  /** They name addresses. */
  removeDeliveries(customer: string): Promise<void>;
}
export type DeliveryAttempt = Pick<Delivery, 'customer' | 'notice' | 'channel' | 'attempt'>;

/** Addresses that mail comes back from, whoever's they are. */
export interface BouncedAddresses {
  bounced(address: string): Promise<Bounce | undefined>;
  markBounced(bounce: Bounce): Promise<void>;
  forget(address: string): Promise<void>;
}
export interface Bounce {
  /** Lower case. */
  readonly address: string;
  readonly at: EpochMs;
  /** `bounce`, `complaint`, and what the other side said. */
  readonly reason: string;
}

/** Delivered at least once, in any order. Without a channel it is shared out to every channel of the customer. */
export interface NoticeMessage {
  readonly customer: string;
  readonly notice: string;
  readonly channel?: Channel;
  /** From 1. */
  readonly attempt?: number;
  readonly notBefore?: EpochMs;
}

export interface NoticeQueue {
  /** @param delaySeconds 0 to 900 */
  send(message: NoticeMessage, delaySeconds?: number): Promise<void>;
}

export interface WatchQueue {
  /** Asks for a look at these customers. `now`: also where none would be due. */
  send(customers: readonly string[], urgency?: 'whenDue' | 'now'): Promise<void>;
}
