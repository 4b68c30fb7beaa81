/** What each price model prices: nothing (a fixed amount), a quantity, amounts of events, or outcomes. */
export type PricedBy = 'nothing' | 'quantity' | 'events' | 'outcomes';

export const PRICED_BY: Readonly<Record<string, PricedBy>> = {
  flat: 'nothing',
  perUnit: 'quantity',
  graduated: 'quantity',
  volume: 'quantity',
  package: 'quantity',
  percentage: 'events',
  graduatedPercentage: 'events',
  dynamic: 'events',
  outcome: 'outcomes',
  matrix: 'quantity',
  timeWindow: 'quantity',
  reserved: 'quantity',
};

/** `included` means free units before the price begins, which only these have. */
export const WITH_INCLUDED: ReadonlySet<string> = new Set(['perUnit', 'graduated', 'volume', 'package', 'timeWindow']);
