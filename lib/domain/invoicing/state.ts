import { assert } from '../assert.ts';

/**
 * An invoice only moves forward. HELD is beside the road: parked with a reason until an operator releases it to where it was.
 * NOTHING_DUE is final like PAID, for an invoice of 0 that Stripe never hears of; SHADOW for one that was made while another
 * system still bills; DROPPED for one that an operator took out before Stripe heard of it.
 */
export type InvoiceState =
  | 'RATED'
  | 'CREATED'
  | 'LINED'
  | 'FINALIZED'
  | 'UNCOLLECTIBLE'
  | 'PAID'
  | 'VOID'
  | 'NOTHING_DUE'
  | 'SHADOW'
  | 'DROPPED'
  | 'HELD';

const FORWARD: Readonly<Record<Exclude<InvoiceState, 'HELD'>, number>> = {
  RATED: 0,
  CREATED: 1,
  LINED: 2,
  FINALIZED: 3,
  UNCOLLECTIBLE: 4,
  PAID: 5,
  VOID: 5,
  NOTHING_DUE: 5,
  SHADOW: 5,
  DROPPED: 5,
};

/** PAID, VOID, NOTHING_DUE, SHADOW and DROPPED: nothing more happens to the invoice itself. */
export const isFinal = (state: InvoiceState): boolean => state !== 'HELD' && FORWARD[state] === 5;

/** Whether Stripe still has to be told something. */
export const isUnfinished = (state: InvoiceState): boolean => state !== 'HELD' && FORWARD[state] < FORWARD.FINALIZED;

/**
 * Whether `to` lies ahead of `from`. Stripe may tell of a payment before our own call has returned, so steps may be
 * skipped; none is ever taken back. A bad debt that is paid after all is PAID.
 */
export function mayMove(from: InvoiceState, to: InvoiceState): boolean {
  if (from === to || from === 'HELD' || isFinal(from)) return false;
  if (to === 'HELD') return true;
  if (to === 'NOTHING_DUE' || to === 'SHADOW' || to === 'DROPPED') return from === 'RATED';
  return FORWARD[to] > FORWARD[from];
}

/** @throws InvariantError when the move goes backward */
export function assertMove(from: InvoiceState, to: InvoiceState): void {
  assert(mayMove(from, to), `an invoice moves only forward, not from ${from} to ${to}`);
}
