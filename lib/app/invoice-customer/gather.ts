import { openGrants, type StoredInvoice } from '../../domain/credits/balances.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { presentIn } from '../../domain/entitlement/stays.ts';
import { advancesFor } from '../../domain/invoicing/advance.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import { committedTerms } from '../../domain/invoicing/commitment.ts';
import { type PriceCorrection, rulesetsOf } from '../../domain/invoicing/correction.ts';
import { citable, type DraftInput, type EarlierPeriod } from '../../domain/invoicing/draft.ts';
import { adjustmentId, type InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { namedIn, type OutcomePage, pagesAbout, speaksOf } from '../../domain/invoicing/outcome-pages.ts';
import type { PeriodUsage } from '../../domain/invoicing/rate-period.ts';
import {
  formatHour,
  formatTimestamp,
  HOUR_MS,
  type Hour,
  hourOf,
  MINUTE_MS,
  type Period,
  parseTimestamp,
} from '../../domain/time/time.ts';
import { inParallel } from '../in-parallel.ts';
import type { InvoiceHead } from '../ports/invoices.ts';
import type { ClosedMarker } from '../ports/usage.ts';
import { readPages } from './outcomes.ts';
import type { DraftingPorts } from './ports.ts';
import { readRulesets } from './read-rulesets.ts';

/** One customer, as an invoice sees it. */
export interface Billed {
  readonly key: InvoiceKey;
  readonly profile: CustomerProfile;
  readonly terms: BillingTerms;
  /** The customer's other invoices, of every kind. */
  readonly heads: readonly InvoiceHead[];
}

/**
 * Reads what a `usage` invoice is drafted from: closed usage, decisions, the rulesets that hours and decisions cite, the
 * earlier periods that late usage or a corrected price has changed since they were invoiced, credit, what was charged in
 * advance, and the commitment.
 */
export async function gatherUsage(billed: Billed, ports: DraftingPorts): Promise<DraftInput> {
  const { key, profile, terms, heads } = billed;
  const corrections = await ports.corrections.ofCustomer(key.customer);
  const changed: Changed[] = [];
  const rated = ratedPeriods(heads, key.period.start);
  for (const period of rated) {
    const found = await readChanged(period, profile, corrections, ports);
    if (found) changed.push(found);
  }
  const current = await readPeriod(key.period, profile, ports);
  const touched = await withOutcomes({ current, changed, rated }, billed, ports);
  const earlier = await inParallel(touched.changed, 1, async (period): Promise<EarlierPeriod> => {
    return { ...period, lines: await firstLines(period, heads, ports) };
  });
  const from = Math.min(key.period.start, ...earlier.map(({ period }) => period.start));
  const decisions = await ports.decisions.during(key.customer, hourOf(from), hourOf(key.period.end));
  const records = await storedInvoices(billed, ports);
  const pinned = [current, ...earlier].flatMap((period) => [...new Set(period.pinned.values())]);
  return {
    ...whoIsBilled(billed, ports),
    ...{ corrections, current, earlier, decisions, outcomes: touched.outcomes },
    rulesets: await readRulesets(
      [...pinned, ...decisions.map(({ ruleset }) => ruleset.hash), ...rulesetsOf(corrections)],
      ports,
    ),
    grants: openGrants(await ports.credits.ofCustomer(key.customer), records, key.period.end),
    advances: advancesFor(key.period, records),
    committed: committedTerms(terms.commitment, key.period, records),
  };
}

export function whoIsBilled({ key, profile, terms }: Billed, { rater }: Pick<DraftingPorts, 'rater'>) {
  const { timeZone, createdAt } = profile.customer;
  return {
    customer: key.customer,
    customerSince: createdAt,
    ...(timeZone === undefined ? {} : { timeZone }),
    terms,
    spendCaps: profile.spendCaps ?? [],
    rater,
  };
}

/**
 * The customer's invoices as the domain wants them. Lines are read only where they matter: of fees charged in advance, and
 * of all where a commitment adds them up.
 */
async function storedInvoices({ key, terms, heads }: Billed, ports: DraftingPorts): Promise<StoredInvoice[]> {
  const records: StoredInvoice[] = [];
  for (const head of heads) {
    const { state, creditNotes } = head;
    const isAdvance = head.key.kind === 'advance' && head.key.period.end > key.period.start;
    if (head.invoice && (isAdvance || terms.commitment !== null)) {
      const full = await ports.invoices.get(head.key);
      if (full) records.push({ state, creditNotes, invoice: full.invoice });
    } else records.push({ state, creditNotes, invoice: head.invoice && { ...head.invoice, lines: [] } });
  }
  return records;
}

/** An earlier period to be rated again; `names` are the outcomes that may be charged otherwise for it. */
type Changed = Omit<EarlierPeriod, 'lines'> & { readonly names: ReadonlySet<string> };

/**
 * The book of outcomes, as far as the periods at hand name any, and with it more periods to be rated again: those that speak
 * of an outcome which late reports or a corrected price charge otherwise in another period.
 */
async function withOutcomes(
  { current, changed, rated }: { current: PeriodUsage; changed: readonly Changed[]; rated: readonly Rated[] },
  { key, profile, heads }: Billed,
  ports: DraftingPorts,
): Promise<{ readonly changed: readonly Omit<EarlierPeriod, 'lines'>[]; readonly outcomes: readonly OutcomePage[] }> {
  if (namedIn([current, ...changed].flatMap(({ rows }) => rows)).size === 0) return { changed, outcomes: [] };
  const before = heads.filter(({ key: { period } }) => period.end <= key.period.start);
  const pages = await readPages(before, ports);
  const names = new Set(changed.flatMap((period) => [...period.names]));
  const known = new Set(changed.map(({ period }) => period.start));
  const all: Omit<EarlierPeriod, 'lines'>[] = changed.map(({ names: _names, ...period }) => period);
  for (const { start } of pages.filter((page) => speaksOf(names, page))) {
    const found = rated.find(({ period }) => formatTimestamp(period.start) === start);
    if (!found || known.has(found.period.start)) continue;
    all.push({ ...found, ...(await readPeriod(found.period, profile, ports)) });
  }
  all.sort((a, b) => a.period.start - b.period.start);
  return { changed: all, outcomes: pagesAbout(namedIn([current, ...all].flatMap(({ rows }) => rows)), pages) };
}

interface Rated {
  readonly period: Period;
  readonly total: string;
  readonly taken: readonly string[];
}

/** Each earlier period with the last total that an invoice gave it and every adjustment that any took, oldest first. */
function ratedPeriods(heads: readonly InvoiceHead[], before: number): Rated[] {
  const byStart = new Map<string, Rated>();
  const invoices = heads.flatMap(({ invoice, key }) => (invoice && key.period.end <= before ? [invoice] : []));
  for (const { rated } of invoices.sort((a, b) => (a.start < b.start ? -1 : 1))) {
    for (const { start, end, total, adjustments } of rated) {
      const period = { start: parseTimestamp(start), end: parseTimestamp(end) };
      byStart.set(start, { period, total, taken: [...(byStart.get(start)?.taken ?? []), ...adjustments] });
    }
  }
  return [...byStart.values()].sort((a, b) => a.period.start - b.period.start);
}

/** The markers tell without a look at the customer's rows that nothing came late, as is nearly always so. */
async function readChanged(
  rated: Rated,
  profile: CustomerProfile,
  corrections: readonly PriceCorrection[],
  ports: DraftingPorts,
): Promise<Changed | undefined> {
  const { period } = rated;
  const taken = new Set(rated.taken);
  const isNew = (row: { hour: Hour; adjustment: number }) =>
    row.adjustment > 0 && !taken.has(adjustmentId(formatHour(row.hour), row.adjustment));
  const corrected = corrections.some(
    ({ id, from, to }) => from < hourOf(period.end) && to > hourOf(period.start) && !taken.has(`correction:${id}`),
  );
  const known = await markersOf(period, ports);
  if (!corrected && !known.adjusted.some(isNew)) return undefined;
  const rows = await ports.usage.closedHours(profile.customer.id, period);
  if (!corrected && !rows.some(isNew)) return undefined;
  const names = namedIn(corrected ? rows : rows.filter(isNew));
  return { ...rated, active: presentIn(period, profile), rows, pinned: known.pinned, names };
}

/** The lines of the invoice that was made for a period, which a correction of it cites. */
async function firstLines(
  { period }: Pick<Rated, 'period'>,
  heads: readonly InvoiceHead[],
  { invoices }: Pick<DraftingPorts, 'invoices'>,
): Promise<EarlierPeriod['lines']> {
  const head = heads.find(({ key }) => key.kind === 'usage' && key.period.start === period.start);
  const lines = (head && (await invoices.get(head.key)))?.invoice?.lines ?? [];
  return citable(lines);
}

export async function readPeriod(period: Period, profile: CustomerProfile, ports: DraftingPorts): Promise<PeriodUsage> {
  const { pinned } = await markersOf(period, ports);
  const rows = await ports.usage.closedHours(profile.customer.id, period);
  return { period, active: presentIn(period, profile), rows, pinned };
}

interface KnownMarkers {
  /** Of each closed hour the ruleset that it pinned. */
  readonly pinned: ReadonlyMap<Hour, string>;
  readonly adjusted: readonly Pick<ClosedMarker, 'hour' | 'adjustment'>[];
}

interface Reading {
  readonly begunAt: number;
  readonly markers: Promise<KnownMarkers>;
}

/** By the reader they came from, so that what one function instance knows is not another's. */
const KNOWN = new WeakMap<DraftingPorts['usage'], Map<string, Reading>>();
/** An adjustment that is seen so much later is taken by the customer's next invoice: none is lost. */
const FRESH_MS = 5 * MINUTE_MS;
/** Periods of every anchor, and the earlier ones of some years. */
const KNOWN_MAX = 120;

/**
 * What the closed hours of a period say to all customers alike: a run asks for the same few periods again and again, and
 * for many customers at once. One that turns out not to be closed to its end, or cannot be read, is asked for anew.
 */
function markersOf(period: Period, { usage, clock }: DraftingPorts): Promise<KnownMarkers> {
  const known = KNOWN.get(usage) ?? new Map<string, Reading>();
  KNOWN.set(usage, known);
  const [name, now] = [`${period.start}-${period.end}`, clock.now()];
  const found = known.get(name);
  if (found && now - found.begunAt < FRESH_MS && now >= found.begunAt) return found.markers;
  const reading = { begunAt: now, markers: readMarkers(period, usage) };
  const oldest = known.keys().next();
  if (known.size >= KNOWN_MAX && !oldest.done) known.delete(oldest.value);
  known.delete(name);
  known.set(name, reading);
  const forget = () => void (known.get(name) === reading && known.delete(name));
  reading.markers.then(({ pinned }) => pinned.size < (period.end - period.start) / HOUR_MS && forget(), forget);
  return reading.markers;
}

async function readMarkers(period: Period, usage: DraftingPorts['usage']): Promise<KnownMarkers> {
  const markers = await usage.markers(period);
  const pinned = new Map(markers.filter((one) => one.adjustment === 0).map(({ hour, ruleset }) => [hour, ruleset]));
  const adjusted = markers.filter((one) => one.adjustment > 0).map(({ hour, adjustment }) => ({ hour, adjustment }));
  return { pinned, adjusted };
}
