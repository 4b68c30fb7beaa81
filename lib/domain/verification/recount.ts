import { canonicalJson } from '../invoicing/canonical.ts';
import { subtractUsage } from '../metering/adjustments.ts';
import type { CompiledMeters } from '../metering/compile-meters.ts';
import { UsageCounter } from '../metering/counter.ts';
import type { ClosedQuantity } from '../metering/meters.ts';
import { parseHour } from '../time/time.ts';
import type { Difference } from './bundle.ts';
import type { LinesContent, RowContent } from './contents.ts';

/** A customer's lines of one hour in one ledger object. */
export interface LinesBlock extends LinesContent {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface HourToCount {
  readonly customer: string;
  readonly hour: string;
  readonly meters: CompiledMeters;
  readonly rows: readonly RowContent[];
  readonly blocks: readonly LinesBlock[];
}

export interface Recounted {
  /** Lines read in all, those of later adjustments included. */
  readonly lines: number;
  readonly differences: readonly Difference[];
}

/**
 * Counts the lines of one hour again as closing does, and compares with the closed rows: the close with the lines of its
 * objects, adjustment n with what the objects that it added change.
 */
export function recountHour(input: HourToCount): Recounted {
  const { hour, rows, blocks } = input;
  const differences: Difference[] = [];
  const last = Math.max(0, ...rows.map(({ adjustment }) => adjustment), ...blocks.map(({ since }) => since));
  let before: readonly ClosedQuantity[] = [];
  let lines = 0;
  for (let adjustment = 0; adjustment <= last; adjustment++) {
    const counted = count(input, adjustment, differences);
    lines = counted.lines;
    const expected = adjustment === 0 ? counted.usage : subtractUsage(counted.usage, before);
    const row = rows.find((candidate) => candidate.adjustment === adjustment);
    if (canonicalJson(row?.usage ?? []) !== canonicalJson(expected)) {
      differences.push({
        input: `row of ${hour}#${adjustment}`,
        message: `the lines of the hour count ${worded(expected)}; the row says ${worded(row?.usage ?? [])}`,
      });
    }
    before = counted.usage;
  }
  return { lines, differences };
}

function count(
  { customer, hour, meters, blocks }: HourToCount,
  adjustment: number,
  differences: Difference[],
): { readonly usage: readonly ClosedQuantity[]; readonly lines: number } {
  const counter = new UsageCounter({ meters, hour: parseHour(hour) });
  const counted = blocks.filter(({ since }) => since <= adjustment);
  for (const { kind, name, bytes } of counted) {
    const sink = kind === 'events' ? counter.events(name) : counter.accessLog(name);
    sink.write(bytes);
    sink.end();
  }
  const { lines, malformed, elsewhere, records } = counter.finish();
  const usage: ClosedQuantity[] = [];
  const input = `lines of ${hour}`;
  for (const { customer: whose, hour: _, ...quantity } of records()) {
    if (whose === customer) usage.push(quantity);
    else differences.push({ input, message: `a line names the customer ${whose}` });
  }
  if (elsewhere.otherHours > 0) differences.push({ input, message: `${elsewhere.otherHours} lines name another hour` });
  // Events that no meter takes are in the ledger too and count nowhere; a call that cannot be read was no one's.
  const events = new Set(counted.filter(({ kind }) => kind === 'events').map(({ name }) => name));
  for (const { file, line, reason } of malformed) {
    if (!events.has(file))
      differences.push({ input: file, message: `line ${line} of it cannot be counted: ${reason}` });
  }
  if (elsewhere.unreadable > 0) differences.push({ input, message: `${elsewhere.unreadable} lines cannot be read` });
  return { usage, lines: lines.read };
}

const worded = (usage: readonly ClosedQuantity[]): string =>
  usage.length === 0
    ? 'nothing'
    : usage
        .map(({ meter, group, quantity }) => `${quantity} ${meter}${group === null ? '' : ` (${group})`}`)
        .join(', ');
