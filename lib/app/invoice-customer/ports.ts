import type { Rater } from '../../domain/invoicing/rater.ts';
import type { InvoicingSettings } from '../../domain/invoicing/review.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { Billing } from '../ports/billing.ts';
import type { CreditGrants } from '../ports/credits.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Approvals, Corrections, Invoices } from '../ports/invoices.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader } from '../ports/usage.ts';
import type { Runtime } from '../runtime.ts';

/** All that an invoice is made from. */
export interface DraftingPorts extends Pick<Runtime, 'clock' | 'log' | 'metrics'> {
  readonly invoices: Pick<Invoices, 'get' | 'headsOf'>;
  readonly usage: Pick<ClosedUsageReader, 'closedHours' | 'markers'>;
  readonly decisions: Pick<Decisions, 'during'>;
  readonly rulesets: Pick<Rulesets, 'byHash' | 'inForceAt'>;
  readonly credits: Pick<CreditGrants, 'ofCustomer'>;
  readonly corrections: Pick<Corrections, 'ofCustomer'>;
  readonly rater: Rater;
  readonly parseRuleset: (record: RulesetRecord) => Ruleset;
}

/** All that invoicing one customer reads and writes. */
export interface InvoicingPorts extends DraftingPorts {
  readonly invoices: Invoices;
  readonly billing: Billing;
  readonly customers: Pick<Directory, 'profile' | 'save'>;
  readonly approvals: Pick<Approvals, 'firstRun'>;
  readonly settings: InvoicingSettings;
}

/** The same message again, later: nothing is known to be wrong, it only could not be finished now. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
}
