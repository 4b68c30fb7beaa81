import { assert } from '../assert.ts';
import { add, compare, type Decimal, formatDecimal, parseDecimal, unitsAt, ZERO } from '../money/decimal.ts';
import { formatHour, formatTimestamp, hourOf, type Period } from '../time/time.ts';
import type { Invoice } from './invoice.ts';
import type { UsageQuantity } from './rater.ts';
import type { RatingScope, SegmentLine } from './segment-lines.ts';
import type { Terms } from './terms.ts';

/** Every closed unit is in exactly one line, or in a named free allowance: the quantities of each meter's lines add up to its usage. */
export function assertEveryUnitBilled(usage: readonly UsageQuantity[], lines: readonly SegmentLine[]): void {
  const used = sumByMeter(
    usage.flatMap((u) => (u.events ?? [u.quantity ?? '0']).map((quantity) => [u.meter, quantity] as const)),
  );
  const billed = sumByMeter(
    lines.flatMap(({ meter, quantity }) => (meter === null || quantity === null ? [] : [[meter, quantity] as const])),
  );
  for (const meter of new Set([...used.keys(), ...billed.keys()])) {
    const [a, b] = [used.get(meter) ?? ZERO, billed.get(meter) ?? ZERO];
    assert(
      compare(a, b) === 0,
      `every unit of ${meter} is in exactly one line: used ${formatDecimal(a)}, in lines ${formatDecimal(b)}`,
    );
  }
}

function sumByMeter(entries: readonly (readonly [string, string])[]): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const [meter, quantity] of entries) sums.set(meter, add(sums.get(meter) ?? ZERO, parseDecimal(quantity)));
  return sums;
}

/** A period without a change is the plain case that `tollgate rate` answers: both ways must agree. */
export function assertSameAsRater(
  units: bigint,
  { terms }: { terms: Terms },
  active: Period,
  scope: RatingScope,
): void {
  if (terms.protection.length > 0) return;
  const { customer, period, usage, decimals, rater, timeZone } = scope;
  const whole = rater(
    terms.card,
    {
      customer,
      period: { start: formatHour(hourOf(period.start)), end: formatHour(hourOf(period.end)) },
      active: { from: formatTimestamp(active.start), to: formatTimestamp(active.end) },
      ...(timeZone === undefined ? {} : { timeZone }),
      usage,
    },
    [],
  );
  const total = unitsAt(parseDecimal(whole.total), decimals);
  // Reserved capacity of a part of the period is charged by its hours, which the plain answer does not do.
  const partial = active.start !== period.start || active.end !== period.end;
  if (partial && terms.card.charges.some(({ price }) => price.model === 'reserved')) return;
  assert(total === units, `the invoice is what the rate card makes of the usage: ${total} and not ${units}`);
}

/** What must hold of every invoice before it leaves. */
export function assertInvoice({ lines, total }: Pick<Invoice, 'lines' | 'total'>): void {
  const decimals = parseDecimal(total).scale;
  const sum = lines.reduce((all, { amount }) => all + unitsAt(parseDecimal(amount), decimals), 0n);
  assert(sum === parseDecimal(total).units, `the lines add up to the total: ${sum} and ${total}`);
  for (const { id, amount, creditReason } of lines) {
    assert(
      parseDecimal(amount).units >= 0n || creditReason !== null,
      `line ${id} of ${amount} says why it is below zero`,
    );
  }
  assert(new Set(lines.map(({ id }) => id)).size === lines.length, 'line ids are unique');
}
