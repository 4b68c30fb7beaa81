import type { AdvanceInput } from '../../domain/invoicing/advance.ts';
import { correctionName } from '../../domain/invoicing/correction.ts';
import type { DraftInput, EarlierPeriod } from '../../domain/invoicing/draft.ts';
import { adjustmentId, type Invoice } from '../../domain/invoicing/invoice.ts';
import type { PeriodUsage, RatingContext } from '../../domain/invoicing/rate-period.ts';
import type { TopUpInput } from '../../domain/invoicing/top-up.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import { add, formatDecimal, parseDecimal } from '../../domain/money/decimal.ts';
import { NOBODY_PAID } from '../../domain/pricing/outcomes.ts';
import { formatHour, formatTimestamp, monthOf, type Period } from '../../domain/time/time.ts';
import type { Bundle, BundlePart } from '../../domain/verification/bundle.ts';
import { markerName, rowName } from '../../domain/verification/bundle-contents.ts';
import { type PeriodContent, packed } from '../../domain/verification/contents.ts';
import { decisionName } from '../../domain/verification/decide-again.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedMarker, ClosedUsageReader } from '../ports/usage.ts';
import { type LedgerPorts, linesPart, ownLines } from './own-lines.ts';
import { citedBy, shownParts } from './shown-parts.ts';

export interface ExportPorts extends LedgerPorts {
  readonly usage: Pick<ClosedUsageReader, 'markers'>;
  readonly rulesets: Pick<Rulesets, 'byHash'>;
}

export interface ExportRequest {
  readonly invoice: Invoice;
  /** As it would be drafted now, from the invoices that came before it; {@link asInvoiced} takes away what came later. */
  readonly input: DraftInput;
}

/**
 * Everything that a usage invoice was made from, and nothing of anyone else: the customer's own ledger lines and closed rows,
 * the hours' markers without the numbers that count other customers, the cards and rules that it cites, of the other rules
 * only digests. `verifyBundle` makes the invoice again from it.
 */
export async function exportBundle({ invoice, input }: ExportRequest, ports: ExportPorts): Promise<Bundle> {
  const { customer } = invoice;
  const { current, earlier, ...context } = asInvoiced(invoice, input);
  const periods = [current, ...earlier];
  const rows = periods.flatMap((period) => period.rows);
  const parts = [
    ...inputParts(invoice, context),
    ...periods.map((period, i) => periodPart(period, i === 0 ? 'current' : 'earlier')),
    ...(await markerParts(periods, rows, ports)),
    ...rows.map(rowPart),
    ...(await ruleParts(invoice, context, rows, ports)),
  ];
  for await (const own of ownLines(customer, rows, ports)) parts.push(linesPart(own));
  return bundleOf(invoice, parts);
}

/** The same for an advance invoice, which has no usage behind it. */
export async function exportAdvance(
  invoice: Invoice,
  input: AdvanceInput,
  ports: Pick<ExportPorts, 'rulesets'>,
): Promise<Bundle> {
  return bundleOf(invoice, [...inputParts(invoice, input), ...(await ruleParts(invoice, input, [], ports))]);
}

/** The same for a top-up, which has neither usage nor a price behind it: an order. */
export const exportTopUp = (invoice: Invoice, { customer: _, ...order }: TopUpInput): Bundle =>
  bundleOf(invoice, [{ part: 'invoice', name: 'invoice', content: invoice }, ...fieldParts(order)]);

const bundleOf = ({ customer, kind, start, end }: Invoice, parts: readonly BundlePart[]): Bundle => ({
  ...{ customer, kind, start, end },
  parts,
});

/** The invoice, and every agreement and credit as a part by its name; decisions and rulesets have parts of their own. */
function inputParts(invoice: Invoice, context: RatingContext): BundlePart[] {
  const { customer: _who, rater: _rater, decisions: _decisions, rulesets: _rulesets, ...fields } = context;
  return [{ part: 'invoice', name: 'invoice', content: invoice }, ...fieldParts(fields)];
}

function fieldParts(fields: object): BundlePart[] {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.map(([field, value]) => ({ part: 'input', name: field, content: { field, value: packed(value) } }));
}

async function markerParts(
  periods: readonly PeriodUsage[],
  rows: readonly ClosedHour[],
  { usage }: Pick<ExportPorts, 'usage'>,
): Promise<BundlePart[]> {
  const cited = new Set(rows.map(({ hour, adjustment }) => adjustmentId(formatHour(hour), adjustment)));
  const parts: BundlePart[] = [];
  for (const { period, pinned } of periods) {
    const markers = await usage.markers(period);
    const wanted = markers.filter(({ hour, adjustment }) =>
      adjustment === 0 ? pinned.has(hour) : cited.has(adjustmentId(formatHour(hour), adjustment)),
    );
    parts.push(...wanted.map(markerPart));
  }
  return parts;
}

async function ruleParts(
  invoice: Invoice,
  context: RatingContext,
  rows: readonly ClosedHour[],
  { rulesets }: Pick<ExportPorts, 'rulesets'>,
): Promise<BundlePart[]> {
  const cited = citedBy(invoice, context, rows);
  const parts = context.decisions.map((content): BundlePart => {
    return { part: 'decision', name: decisionName(content), content };
  });
  for (const hash of [...context.rulesets.keys()].sort()) {
    const record = await rulesets.byHash(hash);
    if (record) parts.push(...shownParts(record, cited));
  }
  return parts;
}

/**
 * The input as it was when the invoice was made. Usage that came later was not in it; credit that it did not use makes no
 * difference to it, and what it used had the balance that it says, whatever was given back to it since; a correction that
 * neither it nor an earlier invoice took was made later.
 */
export function asInvoiced(invoice: Invoice, input: DraftInput): DraftInput {
  const taken = new Set([
    ...invoice.rated.flatMap(({ adjustments }) => adjustments),
    ...input.earlier.flatMap((period) => period.taken),
  ]);
  const rated = new Set(invoice.rated.map(({ start }) => start));
  const balances = new Map(
    invoice.credits.map(({ id, used, remaining }) => [
      id,
      formatDecimal(add(parseDecimal(used), parseDecimal(remaining))),
    ]),
  );
  const then = <P extends PeriodUsage>(period: P): P => ({ ...period, rows: period.rows.filter(isTaken(taken)) });
  return {
    ...input,
    current: then(input.current),
    earlier: input.earlier
      .filter(({ period }) => rated.has(formatTimestamp(period.start)))
      .map((period): EarlierPeriod => then(period)),
    corrections: input.corrections.filter(({ id }) => taken.has(correctionName({ id }))),
    outcomes: pagesThen(invoice, input.outcomes),
    grants: input.grants.flatMap(({ grant }) => {
      const balance = balances.get(grant.id);
      return balance === undefined ? [] : [{ grant, balance }];
    }),
  };
}

/** Whether somebody paid for an outcome was asked for its reversal alone, and the invoice says what was known then. */
function pagesThen({ outcomes = [] }: Invoice, pages: DraftInput['outcomes']): DraftInput['outcomes'] {
  const unpaid = new Set(
    outcomes.flatMap(({ notCounted }) =>
      notCounted.flatMap(({ reverses, why }) => (reverses !== null && why.endsWith(NOBODY_PAID) ? [reverses] : [])),
    ),
  );
  return pages.map((page) => ({
    ...page,
    charged: page.charged.map(({ uncollected: _since, ...one }) =>
      unpaid.has(one.id) ? { ...one, uncollected: true } : one,
    ),
  }));
}

const isTaken =
  (taken: ReadonlySet<string>) =>
  ({ hour, adjustment }: ClosedHour): boolean =>
    adjustment === 0 || taken.has(adjustmentId(formatHour(hour), adjustment));

function periodPart(usage: PeriodUsage | EarlierPeriod, role: PeriodContent['role']): BundlePart {
  const { period, active } = usage;
  const before = 'total' in usage ? { total: usage.total, taken: usage.taken, lines: usage.lines } : {};
  const content = { role, period: bounds(period), active: bounds(active), ...before };
  return { part: 'period', name: `period from ${formatTimestamp(period.start)} (${monthOf(period.start)})`, content };
}

const bounds = ({ start, end }: Period): Period => ({ start, end });

/** Without `objects`, `customers` and `lines`, which count what others used; the digest does not need them. */
function markerPart(marker: ClosedMarker): BundlePart {
  const { adjustment, ruleset, inputsDigest, objectsDigest, countsDigest, digest } = marker;
  const hour = formatHour(marker.hour);
  const content = { hour, adjustment, ruleset, inputsDigest, objectsDigest, countsDigest, digest };
  return { part: 'marker', name: markerName(content), content };
}

function rowPart({ hour: at, adjustment, usage, ruleset, digest }: ClosedHour): BundlePart {
  const content = { hour: formatHour(at), adjustment, usage, ruleset, digest };
  return { part: 'row', name: rowName(content), content };
}
