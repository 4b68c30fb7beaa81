import { add, type Decimal, formatDecimal, negate, normalize, parseDecimal, ZERO } from '../money/decimal.ts';
import type { ClosedQuantity, HourTallies, ReportedOutcome } from './meters.ts';
import { settledOutcomes, withdrawn } from './outcomes.ts';
import { byCodeUnits } from './quantities.ts';

/**
 * Usage that was counted again with late objects, minus what was counted before: what an adjustment says.
 * Adding all adjustments of an hour to its close gives the newest count (`sumUsage`), whatever the aggregation.
 * Of a meter that carries money, `events` lists each new amount, and with a minus each amount that no longer counts; of
 * one of outcomes, `outcomes` lists each new report, and as withdrawn each that no longer counts.
 *
 * @returns sorted by meter and group; [] when nothing changed
 */
export function subtractUsage(after: readonly ClosedQuantity[], before: readonly ClosedQuantity[]): ClosedQuantity[] {
  return sumUsage([after, before.map(negated)]);
}

/**
 * Usage of one customer and hour from its close and adjustments, in any order.
 * @returns sorted by meter and group; quantities of 0 without events and outcomes are left out
 */
export function sumUsage(parts: readonly (readonly ClosedQuantity[])[]): ClosedQuantity[] {
  const sums = new Map<string, Sum>();
  for (const part of parts.flat()) {
    const key = JSON.stringify([part.meter, part.group]);
    const sum = sums.get(key) ?? { first: part, quantity: ZERO, events: null, outcomes: null };
    sum.quantity = add(sum.quantity, parseDecimal(part.quantity));
    if (part.events) sum.events = [...(sum.events ?? []), ...part.events];
    if (part.outcomes) sum.outcomes = [...(sum.outcomes ?? []), ...part.outcomes];
    sums.set(key, sum);
  }
  return [...sums.values()]
    .map(({ first: { meter, group }, quantity, events, outcomes }): ClosedQuantity => {
      const sum = { meter, group, quantity: formatDecimal(normalize(quantity)) };
      if (outcomes !== null) return { ...sum, outcomes: settledOutcomes(outcomes) };
      return events === null ? sum : { ...sum, events: settled(events) };
    })
    .filter(({ quantity, events = [], outcomes = [] }) => quantity !== '0' || events.length + outcomes.length > 0)
    .sort((a, b) => byCodeUnits(a.meter, b.meter) || byCodeUnits(a.group ?? '', b.group ?? ''));
}

interface Sum {
  readonly first: ClosedQuantity;
  quantity: Decimal;
  events: readonly string[] | null;
  outcomes: readonly ReportedOutcome[] | null;
}

/** @returns undefined when nothing changed */
export function subtractTallies(
  after: HourTallies | undefined,
  before: HourTallies | undefined,
): HourTallies | undefined {
  const minus = (a: Readonly<Record<string, number>> = {}, b: Readonly<Record<string, number>> = {}) =>
    Object.fromEntries(
      [...new Set([...Object.keys(a), ...Object.keys(b)])]
        .sort(byCodeUnits)
        .map((key) => [key, (a[key] ?? 0) - (b[key] ?? 0)] as const)
        .filter(([, difference]) => difference !== 0),
    );
  const difference = {
    calls: (after?.calls ?? 0) - (before?.calls ?? 0),
    errors: (after?.errors ?? 0) - (before?.errors ?? 0),
    byGroup: minus(after?.byGroup, before?.byGroup),
    byClient: minus(after?.byClient, before?.byClient),
    ...(after?.byStatus || before?.byStatus ? { byStatus: minus(after?.byStatus, before?.byStatus) } : {}),
  };
  const { calls, errors, byGroup, byClient } = difference;
  const changed = calls !== 0 || errors !== 0 || Object.keys(byGroup).length + Object.keys(byClient).length > 0;
  return changed ? difference : undefined;
}

function negated({ quantity, events, outcomes, ...rest }: ClosedQuantity): ClosedQuantity {
  const minus = formatDecimal(negate(parseDecimal(quantity)));
  if (outcomes !== undefined) return { ...rest, quantity: minus, outcomes: withdrawn(outcomes) };
  return { ...rest, quantity: minus, ...(events === undefined ? {} : { events: events.map(revoked) }) };
}

/** By its text, since an event of 0 can be revoked too. */
const revoked = (event: string): string => (event.startsWith('-') ? event.slice(1) : `-${event}`);

/** An amount and the same amount with a minus cancel out; the order of what stays is kept. */
function settled(events: readonly string[]): string[] {
  const owed = new Map<string, number>();
  const keyOf = (text: string) => {
    const { units, scale } = normalize(parseDecimal(text));
    return { size: `${units < 0n ? -units : units}/${scale}`, sign: text.startsWith('-') ? -1 : 1 };
  };
  for (const event of events) {
    const { size, sign } = keyOf(event);
    owed.set(size, (owed.get(size) ?? 0) + sign);
  }
  return events.filter((event) => {
    const { size, sign } = keyOf(event);
    const left = owed.get(size) ?? 0;
    if (left * sign <= 0) return false;
    owed.set(size, left - sign);
    return true;
  });
}
