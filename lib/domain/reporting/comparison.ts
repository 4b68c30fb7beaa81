import { type Decimal, formatDecimal, negate, parseDecimal, subtract } from '../money/decimal.ts';
import type { Change, Comparison, Forecast, GroupUsage, ReportedBill } from './report.ts';
import { percentOf, writeQuantity } from './usage-summary.ts';

/** The period before, as its own report would say it. */
export interface PreviousPeriod {
  readonly name: string;
  readonly quantity: Decimal;
  readonly groups: readonly GroupUsage[];
  /** Null where it was not invoiced. */
  readonly total: string | null;
  readonly currency: string | null;
}

export function change(before: string, after: string): Change {
  const [a, b] = [parseDecimal(before), parseDecimal(after)];
  const difference = subtract(b, a);
  const size = a.units < 0n ? negate(a) : a;
  return { before, after, change: formatDecimal(difference), percent: percentOf(difference, size) };
}

/** Compares whole periods: an open one by its forecast, and not at all where there is none. */
export function compareWith(
  previous: PreviousPeriod | null,
  now: {
    readonly quantity: string;
    readonly groups: readonly GroupUsage[];
    readonly bill: ReportedBill;
    readonly currency: string | null;
    readonly forecast: Forecast | null;
  },
): Comparison | null {
  if (previous === null) return null;
  const { forecast } = now;
  if (forecast !== null && forecast.quantity === null) return null;
  const after = forecast?.quantity?.expected ?? now.quantity;
  const total = forecast ? (forecast.total?.expected ?? null) : now.bill.total;
  const comparable = previous.total !== null && total !== null && previous.currency === now.currency;
  return {
    period: previous.name,
    basis: forecast ? 'forecast' : 'period',
    quantity: change(writeQuantity(previous.quantity), after),
    total: comparable ? change(previous.total ?? '0', total ?? '0') : null,
    groups: forecast ? [] : groupChanges(previous.groups, now.groups),
  };
}

function groupChanges(before: readonly GroupUsage[], after: readonly GroupUsage[]): Comparison['groups'] {
  const was = new Map(before.map(({ group, quantity }) => [group, quantity]));
  const is = new Map(after.map(({ group, quantity }) => [group, quantity]));
  const names = [...new Set([...is.keys(), ...was.keys()])];
  return names.map((group) => ({ group, ...change(was.get(group) ?? '0', is.get(group) ?? '0') }));
}
