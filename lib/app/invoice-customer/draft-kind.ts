import { presentIn } from '../../domain/entitlement/stays.ts';
import { draftAdvance } from '../../domain/invoicing/advance.ts';
import type { DraftOutcome } from '../../domain/invoicing/draft.ts';
import { draftInvoice } from '../../domain/invoicing/draft.ts';
import { addHours, hourOf, type Period } from '../../domain/time/time.ts';
import { advancePeriodsDue, spanOf, usagePeriodsDue } from '../start-invoicing/due-invoices.ts';
import { type Billed, gatherUsage, whoIsBilled } from './gather.ts';
import type { DraftingPorts } from './ports.ts';
import { readRulesets } from './read-rulesets.ts';

export type NotDrafted =
  /** The period before this one is not rated yet: adjustments and credit are taken in order. */
  | 'earlier-period-open'
  /** No such period of this customer is due (its anchor moved since, it left), or its price is not decided yet. */
  | 'not-due'
  /** Credit that nobody has bought. */
  | 'not-ordered';

/** Makes the invoice that a key asks for, if it is its turn. Writes nothing. */
export function draftKind(billed: Billed, ports: DraftingPorts): Promise<DraftOutcome | { outcome: NotDrafted }> {
  const { kind } = billed.key;
  if (kind === 'usage') return draftUsage(billed, ports);
  if (kind === 'advance') return draftFees(billed, ports);
  return Promise.resolve({ outcome: 'not-ordered' });
}

async function draftUsage(billed: Billed, ports: DraftingPorts): Promise<DraftOutcome | { outcome: NotDrafted }> {
  const { key, profile, terms, heads } = billed;
  const rated = heads.filter(({ invoice }) => invoice !== null);
  const [next] = usagePeriodsDue(profile, terms, rated, key.period.end);
  if (!next || next.start > key.period.start) return { outcome: 'not-due' };
  if (next.start < key.period.start) return { outcome: 'earlier-period-open' };
  if (next.end !== key.period.end) return { outcome: 'not-due' };
  return draftInvoice(await gatherUsage(billed, ports));
}

/** By the decision and the rules in force now: what changes later in the period is settled by its usage invoice. */
async function draftFees(billed: Billed, ports: DraftingPorts): Promise<DraftOutcome | { outcome: NotDrafted }> {
  const { key, profile, terms, heads } = billed;
  const now = ports.clock.now();
  const periods = advancePeriodsDue(profile, terms, heads, now);
  const [first, ...rest] = periods;
  if (!first || !samePeriod(spanOf([first, ...rest]), key.period)) return { outcome: 'not-due' };
  const record = await ports.rulesets.inForceAt(hourOf(now));
  const { start } = key.period;
  const decisions = await ports.decisions.during(key.customer, hourOf(start), addHours(hourOf(now), 1));
  if (!record || decisions.length === 0) return { outcome: 'not-due' };
  const hashes = [record.hash, ...decisions.map(({ ruleset }) => ruleset.hash)];
  return draftAdvance({
    ...whoIsBilled(billed, ports),
    ...{ corrections: [], periods, decisions, ruleset: record.hash },
    activeFrom: presentIn(first, profile).start,
    rulesets: await readRulesets(hashes, ports),
  });
}

const samePeriod = (a: Period, b: Period): boolean => a.start === b.start && a.end === b.end;
