import type { StoredInvoice } from '../../domain/credits/balances.ts';
import { knownTo, namedIn, newestPages, type OutcomePage, pagesAbout } from '../../domain/invoicing/outcome-pages.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import type { EarlierOutcome } from '../../domain/pricing/outcomes.ts';
import type { Period } from '../../domain/time/time.ts';
import { inParallel } from '../in-parallel.ts';
import type { InvoiceHead, Invoices } from '../ports/invoices.ts';

const READ_AT_ONCE = 8;

/**
 * The customer's book of outcomes, out of the invoices themselves: what they charged and gave back is frozen with them, so
 * there is no second place that could say otherwise. One read for each invoice that holds outcomes; none for customers
 * without.
 *
 * @param heads the invoices that count, in any order
 */
export async function readPages(
  heads: readonly InvoiceHead[],
  { invoices }: { readonly invoices: Pick<Invoices, 'get'> },
): Promise<OutcomePage[]> {
  const holding = heads
    .filter(({ invoice }) => invoice?.rated.some(({ outcomes }) => outcomes !== undefined))
    .sort((a, b) => a.key.period.start - b.key.period.start);
  const records = await inParallel(holding, READ_AT_ONCE, ({ key }) => invoices.get(key));
  return newestPages(records.flatMap((record): StoredInvoice[] => (record ? [record] : [])));
}

/**
 * What other periods charged for the outcomes that a period's rows name: for whoever rates it beside its invoice.
 * @param heads the customer's invoices, or how to read them: asked only where outcomes are named
 */
export async function outcomesKnownTo(
  { start }: Period,
  rows: readonly ClosedHour[],
  heads: readonly InvoiceHead[] | (() => Promise<readonly InvoiceHead[]>),
  ports: { readonly invoices: Pick<Invoices, 'get'> },
): Promise<EarlierOutcome[]> {
  const named = namedIn(rows);
  if (named.size === 0) return [];
  return knownTo(start, pagesAbout(named, await readPages(typeof heads === 'function' ? await heads() : heads, ports)));
}
