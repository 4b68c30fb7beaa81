import type { Hour } from '../time/time.ts';
import type { Invoice } from './invoice.ts';
import { holdFor } from './terms.ts';

export type DraftOutcome =
  | { readonly outcome: 'drafted'; readonly invoice: Invoice }
  /** An hour has no closed marker yet: come back later. */
  | { readonly outcome: 'not-closed'; readonly hour: Hour }
  /** It cannot be right as things are: a person must look. */
  | { readonly outcome: 'hold'; readonly code: string; readonly message: string };

/** Faults of rules and data are an outcome, so that one customer never stops the others; faults of ours are thrown. */
export function orHold(draft: () => Invoice): DraftOutcome {
  try {
    return { outcome: 'drafted', invoice: draft() };
  } catch (error) {
    const hold = holdFor(error);
    if (!hold) throw error;
    return { outcome: 'hold', code: hold.code, message: hold.message };
  }
}
