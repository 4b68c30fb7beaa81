import type { InvoiceRecord } from '../../app/ports/invoices.ts';
import type { Invoice } from '../../domain/invoicing/invoice.ts';
import type { LineCounts } from '../../domain/metering/tally.ts';
import { add, type Decimal, formatDecimal, parseDecimal, roundHalfEven, ZERO } from '../../domain/money/decimal.ts';
import { hourOf, monthOf } from '../../domain/time/time.ts';
import type { LivedMonth } from './lived.ts';

/** What happened in a month, on one screen. Counts are of closed hours; money in major units. */
export interface MonthSummary {
  readonly month: string;
  readonly remark: string | null;
  readonly customers: number;
  /** Calls by the status that the client saw; empty for a log that was written elsewhere. */
  readonly answers: Readonly<Record<string, number>>;
  /** Lines of the closed hours, in all. */
  readonly lines: LineCounts;
  readonly hoursClosed: number;
  readonly adjustments: number;
  readonly ledgerObjects: number;
  /** Ledger lines that could not be read, kept aside with their reasons. */
  readonly quarantined: number;
  readonly segments: Readonly<Record<string, number>>;
  /** Customers by rate card, at the month's end. */
  readonly rateCards: Readonly<Record<string, number>>;
  readonly undecided: readonly string[];
  readonly invoices: Readonly<Record<string, number>>;
  /** By currency. */
  readonly revenue: Readonly<Record<string, string>>;
  readonly largest: Pick<Invoice, 'customer' | 'currency' | 'total' | 'lines'> | null;
}

/** Reads the stores; every number comes from what billed. */
export async function summarize({ tollgate, period, answers, remark }: LivedMonth): Promise<MonthSummary> {
  const { directory, decisions, usage, invoices } = tollgate.stores;
  const [segments, rateCards, states] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const undecided: string[] = [];
  const rated: Invoice[] = [];
  let customers = 0;
  for await (const id of directory.customers()) {
    customers += 1;
    const decision = await decisions.inForceAt(id, hourOf(period.end - 1));
    for (const segment of decision?.segments ?? []) count(segments, segment);
    if (decision?.rateCard) count(rateCards, decision.rateCard);
    if (!decision || decision.undecided) undecided.push(id);
    // Fees in advance are invoiced when the month begins, usage when it has ended.
    const made = (await invoices.ofCustomer(id)).filter(({ key }) => key.period.start === period.start);
    for (const record of made.length === 0 ? [undefined] : made) count(states, stateOf(record));
    rated.push(...made.flatMap(({ invoice }) => invoice ?? []));
  }
  const markers = await usage.markers(period);
  const lines = markers.reduce<LineCounts>((sum, marker) => addLines(sum, marker.lines), NO_LINES);
  return {
    ...{ month: monthOf(period.start), remark, customers, lines, undecided },
    answers: Object.fromEntries([...answers].sort(([a], [b]) => a - b)),
    hoursClosed: markers.filter(({ adjustment }) => adjustment === 0).length,
    adjustments: markers.filter(({ adjustment }) => adjustment > 0).length,
    ledgerObjects: tollgate.cloud.counts()['meter-usage/MeteredObjects'] ?? 0,
    quarantined: quarantined(tollgate.cloud.counts()),
    segments: sorted(segments),
    rateCards: sorted(rateCards),
    invoices: sorted(states),
    revenue: revenueOf(rated),
    largest: largestOf(rated),
  };
}

const NO_LINES: LineCounts = { read: 0, counted: 0, notBillable: 0, duplicate: 0, malformed: 0 };

const addLines = (a: LineCounts, b: LineCounts): LineCounts => ({
  read: a.read + b.read,
  counted: a.counted + b.counted,
  notBillable: a.notBillable + b.notBillable,
  duplicate: a.duplicate + b.duplicate,
  malformed: a.malformed + b.malformed,
});

const quarantined = (counts: Readonly<Record<string, number>>): number =>
  Object.entries(counts).reduce((sum, [name, n]) => (name.endsWith('/QuarantinedLines') ? sum + n : sum), 0);

const stateOf = (record: InvoiceRecord | undefined): string => record?.state ?? 'none';
const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));

function revenueOf(invoices: readonly Invoice[]): Record<string, string> {
  const sums = new Map<string, Decimal>();
  for (const { currency, total } of invoices) sums.set(currency, add(sums.get(currency) ?? ZERO, parseDecimal(total)));
  return Object.fromEntries([...sums].map(([currency, sum]) => [currency, formatDecimal(sum)]));
}

function largestOf(invoices: readonly Invoice[]): MonthSummary['largest'] {
  const size = ({ total }: Invoice) => roundHalfEven(parseDecimal(total), 4);
  const largest = invoices.reduce<Invoice | null>(
    (most, each) => (most && size(most) >= size(each) ? most : each),
    null,
  );
  return (
    largest && { customer: largest.customer, currency: largest.currency, total: largest.total, lines: largest.lines }
  );
}
