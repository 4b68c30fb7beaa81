import { type AdvanceInput, draftAdvance } from '../invoicing/advance.ts';
import { type DraftInput, draftInvoice, type EarlierPeriod } from '../invoicing/draft.ts';
import type { Invoice, InvoiceKind } from '../invoicing/invoice.ts';
import type { PeriodUsage } from '../invoicing/rate-period.ts';
import type { Rater } from '../invoicing/rater.ts';
import type { PublishedRuleset } from '../invoicing/terms.ts';
import { draftTopUp, type TopUpInput } from '../invoicing/top-up.ts';
import { formatHour, type Hour, hourStart, parseHour } from '../time/time.ts';
import type { Contents } from './bundle-contents.ts';
import type { PeriodContent } from './contents.ts';

export interface RatingScope {
  readonly customer: string;
  readonly kind: InvoiceKind;
  readonly rulesets: ReadonlyMap<string, PublishedRuleset>;
  readonly rater: Rater;
}

/** The invoice as the bundle's inputs make it; in words why they make none. */
export function rateAgain(contents: Contents, scope: RatingScope): Invoice | string {
  try {
    const drafted = draftAgain(contents, scope);
    if (drafted.outcome === 'drafted') return drafted.invoice;
    return drafted.outcome === 'hold' ? drafted.message : `${formatHour(drafted.hour)} has no marker`;
  } catch (error) {
    // Inputs that were changed may be of any shape; whatever they break is an answer here.
    return (error as Error).message;
  }
}

function draftAgain(contents: Contents, { customer, kind, rulesets, rater }: RatingScope) {
  const { inputs, decisions, periods } = contents;
  const context = { ...inputs, customer, decisions, rulesets, rater };
  // The inputs are those that exportBundle wrote field by field; a field that is missing fails where it is read.
  if (kind === 'top-up') return draftTopUp({ ...inputs, customer } as TopUpInput);
  if (kind === 'advance') return draftAdvance(context as unknown as AdvanceInput);
  const current = periods.find(({ role }) => role === 'current');
  if (!current) throw new Error('the bundle does not hold the invoice’s own period');
  const earlier = periods.filter(({ role }) => role === 'earlier');
  return draftInvoice({
    // A bundle that was written before there were outcomes has none.
    ...{ outcomes: [], ...context },
    current: usageOf(current, contents),
    earlier: earlier.map(
      (period): EarlierPeriod => ({
        ...usageOf(period, contents),
        total: period.total ?? '0',
        taken: period.taken ?? [],
        lines: period.lines ?? [],
      }),
    ),
  } as unknown as DraftInput);
}

function usageOf({ period, active }: PeriodContent, { closed, markers }: Contents): PeriodUsage {
  const within = (hour: Hour) => hourStart(hour) >= period.start && hourStart(hour) < period.end;
  const pinned = new Map<Hour, string>();
  for (const { hour: text, adjustment, ruleset } of markers) {
    const hour = parseHour(text);
    if (adjustment === 0 && within(hour)) pinned.set(hour, ruleset);
  }
  return { period, active, rows: closed.filter(({ hour }) => within(hour)), pinned };
}
