import { cardRater } from '../../domain/invoicing/rater.ts';
import { parsedOnce } from '../invoice-customer/parsed-once.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader } from '../ports/usage.ts';
import type { Runtime } from '../runtime.ts';
import type { FulfilPorts } from './fulfil-request.ts';

const GIB = 2 ** 30;
/**
 * What one run can do: ledger objects are read at some 100 MiB a second with what they unpack to, and the function lives for
 * 15 minutes; a line is some 300 bytes, so that a million calls are well inside.
 */
const BOUNDS = { ledgerBytesMax: 4 * GIB, ownBytesMax: GIB };

export interface FulfilStores extends Omit<FulfilPorts, 'bundles' | 'files' | 'clock' | 'decisions' | 'usage'> {
  readonly decisions: Pick<Decisions, 'during'>;
  readonly usage: Pick<ClosedUsageReader, 'closedHours' | 'markers'>;
  readonly rulesets: Pick<Rulesets, 'byHash' | 'inForceAt'>;
  readonly invoices: FulfilPorts['invoices'] & FulfilPorts['bundles']['invoices'];
  readonly ledger: Pick<ObjectStore, 'get'>;
  readonly records: ObjectStore;
}

/** The stores as each kind of request wants them. */
export function fulfilPorts(stores: FulfilStores, runtime: Pick<Runtime, 'clock' | 'log' | 'metrics'>): FulfilPorts {
  const { clock, log, metrics } = runtime;
  return {
    ...stores,
    clock,
    files: stores.records,
    bundles: {
      ...{ ...stores, clock, log, metrics, customers: stores.directory, bounds: BOUNDS },
      ...{ rater: cardRater(), parseRuleset: parsedOnce() },
    },
  };
}
