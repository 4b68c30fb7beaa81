import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { type DraftInput, type EarlierPeriod, PLAIN_DRAFT } from '../../domain/invoicing/draft.ts';
import { adjustmentId, type Invoice, type InvoiceKey } from '../../domain/invoicing/invoice.ts';
import type { PeriodUsage } from '../../domain/invoicing/rate-period.ts';
import type { PublishedRuleset } from '../../domain/invoicing/terms.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { formatHour, HOUR_MS, type Hour, hourOf, type Period, parseTimestamp } from '../../domain/time/time.ts';
import type { InvoiceRecord } from '../ports/invoices.ts';
import type { ClosedMarker } from '../ports/usage.ts';
import type { InvoicingPorts } from './ports.ts';

/**
 * Reads what an invoice is drafted from: closed usage, decisions, the rulesets that hours and decisions cite, and the
 * earlier periods that late usage has changed since they were invoiced.
 *
 * @param records the customer's other invoices
 */
export async function gatherDraft(
  key: InvoiceKey,
  profile: CustomerProfile,
  records: readonly InvoiceRecord[],
  ports: InvoicingPorts,
): Promise<DraftInput> {
  const invoices = records.flatMap(({ invoice }) =>
    invoice && parseTimestamp(invoice.end) <= key.period.start ? [invoice] : [],
  );
  const earlier: EarlierPeriod[] = [];
  for (const period of ratedPeriods(invoices)) {
    const changed = await readChanged(period, profile, ports);
    if (changed) earlier.push(changed);
  }
  const current = await readPeriod(key, key.period, profile, ports);
  const from = Math.min(key.period.start, ...earlier.map(({ period }) => period.start));
  const decisions = await ports.decisions.during(key.customer, hourOf(from), hourOf(key.period.end));
  const { timeZone } = profile.customer;
  return {
    customer: key.customer,
    ...PLAIN_DRAFT,
    customerSince: profile.customer.createdAt,
    ...(timeZone === undefined ? {} : { timeZone }),
    current,
    earlier,
    decisions,
    rulesets: await readRulesets([current, ...earlier], decisions, ports),
    rater: ports.rater,
  };
}

interface Rated {
  readonly period: Period;
  readonly total: string;
  readonly taken: readonly string[];
}

/** Each period with the last total that an invoice gave it and every adjustment that any took, oldest first. */
function ratedPeriods(invoices: readonly Invoice[]): Rated[] {
  const byStart = new Map<string, Rated>();
  for (const { rated } of [...invoices].sort((a, b) => (a.start < b.start ? -1 : 1))) {
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
  ports: InvoicingPorts,
): Promise<EarlierPeriod | undefined> {
  const taken = new Set(rated.taken);
  const isNew = (row: { hour: Hour; adjustment: number }) =>
    row.adjustment > 0 && !taken.has(adjustmentId(formatHour(row.hour), row.adjustment));
  const markers = await ports.usage.markers(rated.period);
  if (!markers.some(isNew)) return undefined;
  const customer = profile.customer.id;
  const rows = await ports.usage.closedHours(customer, rated.period);
  if (!rows.some(isNew)) return undefined;
  return { ...rated, active: activePart(rated.period, profile), rows, pinned: pinnedBy(markers) };
}

async function readPeriod(
  key: InvoiceKey,
  period: Period,
  profile: CustomerProfile,
  ports: InvoicingPorts,
): Promise<PeriodUsage> {
  const pinned = await pinnedIn(period, ports);
  const rows = await ports.usage.closedHours(key.customer, period);
  return { period, active: activePart(period, profile), rows, pinned };
}

/** By the reader they came from, so that what one function instance knows is not another's. */
const PINNED = new WeakMap<InvoicingPorts['usage'], Map<string, ReadonlyMap<Hour, string>>>();

/**
 * The ruleset that each closed hour of a period pins. It never changes once the hour is closed, and all customers of a
 * run ask for the same period: a period that is closed to its end is read once.
 */
async function pinnedIn(period: Period, { usage }: InvoicingPorts): Promise<ReadonlyMap<Hour, string>> {
  const known = PINNED.get(usage) ?? new Map<string, ReadonlyMap<Hour, string>>();
  PINNED.set(usage, known);
  const name = `${period.start}-${period.end}`;
  const pinned = known.get(name) ?? pinnedBy(await usage.markers(period));
  if (pinned.size === (period.end - period.start) / HOUR_MS) {
    known.clear();
    known.set(name, pinned);
  }
  return pinned;
}

const pinnedBy = (markers: readonly ClosedMarker[]): Map<Hour, string> =>
  new Map(markers.filter(({ adjustment }) => adjustment === 0).map(({ hour, ruleset }) => [hour, ruleset]));

/** The customer's part of a period in whole hours: from registration on, and until it left. */
export function activePart(period: Period, { registeredAt, status, statusSince }: CustomerProfile): Period {
  const start = Math.max(period.start, Math.floor(registeredAt / HOUR_MS) * HOUR_MS);
  const left = status === 'closed' ? Math.ceil(statusSince / HOUR_MS) * HOUR_MS : period.end;
  return { start, end: Math.min(period.end, left) };
}

async function readRulesets(
  periods: readonly PeriodUsage[],
  decisions: readonly Decision[],
  ports: InvoicingPorts,
): Promise<Map<string, PublishedRuleset>> {
  const hashes = new Set([
    ...periods.flatMap(({ pinned }) => [...pinned.values()]),
    ...decisions.map(({ ruleset }) => ruleset.hash),
  ]);
  const found = new Map<string, PublishedRuleset>();
  for (const hash of hashes) {
    const record = await ports.rulesets.byHash(hash);
    if (record) found.set(hash, { hash, commit: record.commit, rules: ports.parseRuleset(record) });
  }
  return found;
}
