import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { CompiledRules } from '../../domain/segmentation/decide.ts';
import type { EvaluationPorts } from '../evaluate-customers/ports.ts';
import type { ReportPorts } from '../make-report/make-report.ts';
import type { PeriodReader } from '../make-report/read-periods.ts';
import type { AccessQueue, EvaluationQueue } from '../ports/access-queue.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Invoices } from '../ports/invoices.ts';
import type { PortalStore } from '../ports/portal-store.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { Randomness } from '../runtime.ts';

/** What customers buying for themselves reads and writes. */
export interface ShopNeeds extends Omit<ReportPorts, 'rater' | 'parseRuleset'> {
  readonly directory: Directory;
  readonly decisions: Pick<Decisions, 'during' | 'latest' | 'inForceAt'>;
  readonly rulesets: Pick<Rulesets, 'inForceAt' | 'byHash' | 'first'>;
  readonly invoices: Pick<Invoices, 'headsOf' | 'get'>;
  readonly store: Pick<PortalStore, 'member' | 'addMember' | 'removeMember' | 'appendAudit'>;
  readonly evaluations: EvaluationQueue;
  readonly queue: AccessQueue;
  readonly random: Randomness;
}

/** The needs with what is made of them once. */
export interface Shop extends ShopNeeds {
  readonly compile: (record: RulesetRecord) => CompiledRules;
  readonly facts: EvaluationPorts['facts'];
  readonly periods: PeriodReader;
}
