import { usageDigest } from '../invoicing/closed-usage.ts';
import { isSound } from '../invoicing/finish.ts';
import { adjustmentId, type Invoice, type InvoiceKind, type InvoiceLine } from '../invoicing/invoice.ts';
import { linesToSend } from '../invoicing/lines-to-send.ts';
import { subtractUsage, sumUsage } from '../metering/adjustments.ts';
import type { ClosedHour, ClosedQuantity } from '../metering/meters.ts';
import {
  add,
  compare,
  type Decimal,
  formatDecimal,
  normalize,
  parseDecimal,
  subtract,
  ZERO,
} from '../money/decimal.ts';
import { formatHour, type Hour } from '../time/time.ts';

/** The four places where a period's usage stands, in the order in which it gets there. */
export type Place = 'logged' | 'closed' | 'rated' | 'stripe';

/** One customer's period as each place has it. */
export interface Places {
  readonly customer: string;
  readonly kind: InvoiceKind;
  /** Counted again from the ledger, by hour; hours without usage may be missing. */
  readonly logged: ReadonlyMap<Hour, readonly ClosedQuantity[]>;
  /** Rows with their markers, adjustments included. */
  readonly closed: readonly ClosedHour[];
  /** Null where none was made yet. */
  readonly invoice: Invoice | null;
  /** The lines that Stripe has; null where the invoice was not sent, or needs not be. */
  readonly stripe: readonly { readonly line: string | null; readonly amount: string }[] | null;
}

export interface PlaceDifference {
  readonly customer: string;
  /** Of the invoice: fees in advance and top-ups have no usage behind them. */
  readonly kind: InvoiceKind;
  /** The place that differs from the others; null where no two of them agree. */
  readonly place: Place | null;
  /** RFC 3339; the hours in which it is, end exclusive. */
  readonly from: string;
  readonly to: string;
  readonly meter: string | null;
  readonly group: string | null;
  /** The invoice line, where it is one. */
  readonly line: string | null;
  /** What each place that can be compared says: quantities of the meter, or amounts of the line; null where it has none. */
  readonly says: Readonly<Partial<Record<Place, string | null>>>;
  readonly message: string;
}

/**
 * Compares the four places of one customer's period. Usage that came late and waits for the next invoice is no difference.
 * Memory grows with the hours of the one period.
 */
export function reconcile(places: Places): PlaceDifference[] {
  const { invoice, closed } = places;
  const taken = new Set(invoice?.rated[0]?.adjustments ?? []);
  const rated = closed.filter(
    ({ hour, adjustment }) => adjustment === 0 || taken.has(adjustmentId(formatHour(hour), adjustment)),
  );
  const sound = invoice !== null && isSound(invoice);
  // What the invoice was rated from is named by a digest, so that closed rows are the same or not, whatever they sum to.
  const closedAsRated = sound && invoice.usageDigest === usageDigest(rated);
  const found = [
    ...hourDifferences(places, sound ? closedAsRated : null),
    ...(invoice ? ratedDifferences(places, invoice, rated, { sound, closedAsRated }) : []),
    ...(invoice ? stripeDifferences(places, invoice, sound) : []),
  ];
  return found.map((difference) => ({ ...difference, kind: places.kind }));
}

type Found = Omit<PlaceDifference, 'kind'>;

/** Logged lines against closed rows, hour by hour. @param asRated whether the closed rows are those that were rated; null: nobody can say */
function hourDifferences({ customer, logged, closed }: Places, asRated: boolean | null): Found[] {
  const rows = new Map<Hour, ClosedQuantity[][]>();
  for (const { hour, usage } of closed) rows.set(hour, [...(rows.get(hour) ?? []), [...usage]]);
  const hours = [...new Set([...logged.keys(), ...rows.keys()])].sort((a, b) => a - b);
  return hours.flatMap((hour) => {
    const inLog = sumUsage([logged.get(hour) ?? []]);
    const inRows = sumUsage(rows.get(hour) ?? []);
    return subtractUsage(inLog, inRows).map(({ meter, group }): Found => {
      const of = (usage: readonly ClosedQuantity[]) =>
        usage.find((found) => found.meter === meter && found.group === group)?.quantity ?? '0';
      const says = { logged: of(inLog), closed: of(inRows) };
      const place = asRated === null ? null : asRated ? 'logged' : 'closed';
      const [from, to] = [formatHour(hour), formatHour((hour + 1) as Hour)];
      const message = `${says.logged} in the ledger's lines, ${says.closed} in the closed rows${
        place === 'logged'
          ? '; the invoice was rated from these rows'
          : place === 'closed'
            ? ', and the invoice was rated from others'
            : ''
      }`;
      return { customer, place, from, to, meter, group, line: null, says, message };
    });
  });
}

/** Closed rows against the quantities of the invoice's lines, and the lines against the invoice's own digest. */
function ratedDifferences(
  { customer, stripe }: Places,
  invoice: Invoice,
  rows: readonly ClosedHour[],
  { sound, closedAsRated }: { readonly sound: boolean; readonly closedAsRated: boolean },
): Found[] {
  const differences = meterDifferences(customer, invoice, rows, sound, closedAsRated);
  if (sound) return differences;
  if (differences.length > 0 || stripe !== null) return differences;
  const message = 'the invoice is not what its digest says, and nothing tells which line of it differs';
  const none = { meter: null, group: null, line: null, says: {} };
  return [{ customer, place: 'rated', from: invoice.start, to: invoice.end, ...none, message }];
}

function meterDifferences(
  customer: string,
  invoice: Invoice,
  rows: readonly ClosedHour[],
  sound: boolean,
  closedAsRated: boolean,
): Found[] {
  // A sound invoice was checked when it was made; where rows changed since, their hours are named already.
  if (sound && closedAsRated) return [];
  const [used, billed] = [new Map<string, Decimal>(), new Map<string, Decimal>()];
  const put = (sums: Map<string, Decimal>, meter: string, quantity: string) =>
    sums.set(meter, add(sums.get(meter) ?? ZERO, parseDecimal(quantity)));
  for (const { meter, quantity } of rows.flatMap(({ usage }) => usage)) put(used, meter, quantity);
  for (const { meter, quantity } of invoice.lines)
    if (meter !== null && quantity !== null) put(billed, meter, quantity);
  return [...new Set([...used.keys(), ...billed.keys()])].sort().flatMap((meter): Found[] => {
    const [a, b] = [used.get(meter) ?? ZERO, billed.get(meter) ?? ZERO];
    if (compare(a, b) === 0) return [];
    const says = { closed: text(a), rated: text(b) };
    const span = spanOf(invoice, meter);
    const message = `${says.closed} in the closed rows, ${says.rated} in the lines of the invoice (${text(subtract(b, a))})`;
    return [{ customer, place: sound ? 'closed' : 'rated', ...span, meter, group: null, line: null, says, message }];
  });
}

const text = (value: Decimal): string => formatDecimal(normalize(value));

/** The hours that the lines of a meter cover; all of the period where it has none. */
function spanOf({ lines, start, end }: Invoice, meter: string): { readonly from: string; readonly to: string } {
  const own = lines.filter((line) => line.meter === meter);
  const from = own.map((line) => line.from).sort()[0] ?? start;
  const to =
    own
      .map((line) => line.to)
      .sort()
      .at(-1) ?? end;
  return { from, to };
}

/** The invoice's lines against Stripe's, one by one. Where the invoice is not what its digest says, it is the one that differs. */
function stripeDifferences({ customer, stripe }: Places, invoice: Invoice, sound: boolean): Found[] {
  if (stripe === null) return [];
  const place: Place = sound ? 'stripe' : 'rated';
  const sent = linesToSend(invoice);
  const byId = new Map<string, string[]>();
  for (const { line, amount } of stripe) byId.set(line ?? '', [...(byId.get(line ?? '') ?? []), amount]);
  const known = new Set(sent.map(({ id }) => id));
  const differences = sent.flatMap(({ id, amount, from, to, meter, group }): Found[] => {
    const found = byId.get(id) ?? [];
    const [only] = found;
    if (found.length === 1 && only !== undefined && same(only, amount)) return [];
    const says = { rated: amount, stripe: found.length === 0 ? null : found.join(' + ') };
    const what = found.length === 0 ? 'is not there' : found.length > 1 ? `stands ${found.length} times` : `is ${only}`;
    const message = `the line of ${amount} ${what} at Stripe`;
    return [{ customer, place, from, to, meter, group, line: id, says, message }];
  });
  const extra = stripe.filter(({ line }) => line === null || !known.has(line));
  return [
    ...differences,
    ...twice(invoice).map(({ id, amount, from, to, meter, group }): Found => {
      const message = `the line of ${amount} stands more than once on the invoice`;
      const says = { rated: `${amount} + ${amount}`, stripe: byId.get(id)?.join(' + ') ?? null };
      return { customer, place: 'rated', from, to, meter, group, line: id, says, message };
    }),
    ...extra.map(({ line, amount }): Found => {
      const message = `Stripe has a line of ${amount} that ${line === null ? 'is not ours' : 'the invoice does not have'}`;
      const span = { from: invoice.start, to: invoice.end };
      const none = { meter: null, group: null };
      return { customer, place, ...span, ...none, line, says: { rated: null, stripe: amount }, message };
    }),
  ];
}

const twice = ({ lines }: Invoice): InvoiceLine[] =>
  lines.filter(({ id }, i) => lines.findIndex((other) => other.id === id) < i);

const same = (a: string, b: string): boolean => compare(parseDecimal(a), parseDecimal(b)) === 0;
