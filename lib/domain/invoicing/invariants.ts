import { assert } from '../assert.ts';
import type { OpenGrant } from '../credits/balances.ts';
import { add, compare, type Decimal, formatDecimal, parseDecimal, subtract, ZERO } from '../money/decimal.ts';
import { formatShort, type Scaled } from '../money/exact.ts';
import { rateExact } from '../pricing/rate.ts';
import { hourStart } from '../time/time.ts';
import type { OpenBill } from './adjust.ts';
import type { AdvanceCharged } from './advance.ts';
import type { Invoice, InvoiceLine, InvoiceLineKind } from './invoice.ts';
import { total } from './money-units.ts';
import type { ProtectedPart } from './protect.ts';
import type { PeriodBill } from './rate-period.ts';
import type { RatingScope, SegmentLine } from './segment-lines.ts';

/** Every closed unit is in exactly one line, or in a named free allowance: the quantities of each meter's lines add up to its usage. */
export function assertEveryUnitBilled(used: ReadonlyMap<string, Scaled>, lines: readonly SegmentLine[]): void {
  const billed = new Map<string, Decimal>();
  for (const { meter, quantity } of lines) {
    if (meter === null || quantity === null) continue;
    billed.set(meter, add(billed.get(meter) ?? ZERO, parseDecimal(quantity)));
  }
  for (const meter of new Set([...used.keys(), ...billed.keys()])) {
    const { units, scale } = used.get(meter) ?? { units: 0, scale: 0 };
    const [a, b] = [{ units: BigInt(units), scale }, billed.get(meter) ?? ZERO];
    if (compare(a, b) === 0) continue;
    const found = `used ${formatShort(units, scale)}, in lines ${formatDecimal(b)}`;
    assert(false, `every unit of ${meter} is in exactly one line: ${found}`);
  }
}

/** A period without a change is the plain case that `tollgate rate` answers: both ways must agree. */
export function assertSameAsRater({ priced, left, adjustments }: OpenBill<ProtectedPart>, scope: RatingScope): void {
  const { card, terms, used } = priced[0] as ProtectedPart;
  if (terms.protection.length > 0) return;
  const { customer, period, rater, timeZone } = scope;
  const active = { start: hourStart(used.start), end: hourStart(used.end) };
  const usage = {
    customer,
    period,
    active,
    timeZone: timeZone ?? null,
    entries: used.entries,
    credits: [],
    earlierOutcomes: used.known,
  };
  const plain = BigInt(rateExact(rater.whole(card), usage, { span: active }).total);
  const capped = total(adjustments.flatMap(({ kind, units }) => (kind === 'spend-cap' ? [units] : [])));
  const units = total(left) - capped;
  if (plain !== units) assert(false, `the invoice is what the rate card makes of the usage: ${plain} and not ${units}`);
}

/** What must hold of every invoice before it leaves. */
export function assertInvoice(invoice: Omit<Invoice, 'digest'>): void {
  const { lines, total: sum, credits, grants } = invoice;
  assertSame(amountOf(lines), sum, 'the lines add up to the total');
  assert(parseDecimal(sum).units >= 0n, `an invoice of ${sum} is not below zero`);
  for (const { id, amount, creditReason } of lines) {
    if (amount.startsWith('-') && creditReason === null) {
      assert(false, `line ${id} of ${amount} says why it is below zero`);
    }
  }
  assert(new Set(lines.map(({ id }) => id)).size === lines.length, 'line ids are unique');
  const used = sumOf(credits.map((use) => use.used));
  assertSame(subtract(ZERO, used), amountOf(lines, 'credit'), 'the lines of credits are what was used of them');
  assertSame(sumOf(grants.map(({ amount }) => amount)), amountOf(lines, 'carry'), 'what is carried is granted');
}

/** What must hold between a usage invoice and what it was made from. */
export function assertDraft(
  invoice: Invoice,
  bill: PeriodBill,
  grants: readonly OpenGrant[],
  advances: readonly AdvanceCharged[],
): void {
  const { lines, credits, currency } = invoice;
  const [own] = invoice.rated;
  assertSame(amountOf(bill.lines), own?.total ?? '0', 'the period is rated at what its lines come to');
  if (bill.spendCap !== null) {
    assert(
      compare(parseDecimal(own?.total ?? '0'), parseDecimal(bill.spendCap)) <= 0,
      'the bill keeps to its spend cap',
    );
  }
  const charged = sumOf(advances.map(({ amount }) => amount));
  assertSame(subtract(ZERO, charged), amountOf(lines, 'advance'), 'what was charged in advance is taken off');
  for (const { id, used, remaining } of credits) {
    const open = grants.find(({ grant }) => grant.id === id);
    assert(open?.grant.currency === currency, `the credit ${id} is the customer's, in the invoice's currency`);
    assertSame(
      add(parseDecimal(used), parseDecimal(remaining)),
      open.balance,
      `the credit ${id} is used and kept whole`,
    );
    assert(!remaining.startsWith('-'), `the credit ${id} is not overdrawn`);
  }
}

const sumOf = (amounts: readonly string[]): Decimal =>
  amounts.reduce((sum, amount) => add(sum, parseDecimal(amount)), ZERO);

const amountOf = (lines: readonly Pick<InvoiceLine, 'kind' | 'amount'>[], kind?: InvoiceLineKind): Decimal =>
  sumOf(lines.flatMap((line) => (kind === undefined || line.kind === kind ? [line.amount] : [])));

function assertSame(found: Decimal, expected: string | Decimal, what: string): void {
  const wanted = typeof expected === 'string' ? parseDecimal(expected) : expected;
  if (compare(found, wanted) !== 0) assert(false, `${what}: ${formatDecimal(found)} and ${formatDecimal(wanted)}`);
}
