import type { Rater } from '../../domain/invoicing/rater.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { Billing } from '../ports/billing.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Invoices } from '../ports/invoices.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader } from '../ports/usage.ts';
import type { Runtime } from '../runtime.ts';

/** All that invoicing one customer reads and writes. */
export interface InvoicingPorts extends Pick<Runtime, 'clock' | 'log' | 'metrics'> {
  readonly invoices: Invoices;
  readonly billing: Billing;
  readonly usage: Pick<ClosedUsageReader, 'closedHours' | 'markers'>;
  readonly decisions: Pick<Decisions, 'during'>;
  readonly rulesets: Pick<Rulesets, 'byHash'>;
  readonly customers: Pick<Directory, 'profile' | 'save'>;
  readonly rater: Rater;
  readonly parseRuleset: (record: RulesetRecord) => Ruleset;
}

/** The same message again, later: nothing is known to be wrong, it only could not be finished now. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
}
