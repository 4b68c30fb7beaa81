import { assert } from '../../domain/assert.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import {
  addHours,
  type EpochMs,
  formatHour,
  HOUR_MS,
  type Hour,
  hourOf,
  hourStart,
  monthOf,
  parseMonth,
} from '../../domain/time/time.ts';
import { metersByRuleset } from '../ledger/meters-in-force.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import { type FinishPorts, finishList } from './finish-list.ts';
import { listed, writeOnce } from './input-list.ts';
import { arrivalsOf, type LedgerIndex, ledgerIndex } from './ledger-index.ts';

export interface CloseHoursPorts extends FinishPorts {
  readonly rulesets: Rulesets;
  /** How long after its end an hour is closed. */
  readonly watermarkHours: number;
}

export interface CloseRequest {
  readonly now: EpochMs;
  /** False when the run should stop after the hour at hand; the next run goes on. @default always true */
  readonly hasTime?: () => boolean;
}

export interface CloseSummary {
  readonly closed: number;
  /** First hour that is due and still open; null when none is. */
  readonly open: string | null;
}

/**
 * Closes every hour that is due, oldest first, each only after the marker of the one before: closed hours have no gap.
 * Hours begin with the first ruleset's; before it nothing has a price. An hour without usage is closed like any other.
 *
 * For each hour: (a) the input list is written once, (b) the counts follow from that list alone, (c) the marker. A run
 * that crashes anywhere, or two at once, leave the same bytes: whoever comes second reads the first one's list. What
 * lands after the list is late, and left to {@link sweepLate}.
 *
 * @throws when an hour cannot be closed; later ones wait for it
 */
export async function closeHours(ports: CloseHoursPorts, request: CloseRequest): Promise<CloseSummary> {
  const { now, hasTime = () => true } = request;
  const due = addHours(hourOf(now - ports.watermarkHours * HOUR_MS), -1);
  const first = (await ports.rulesets.first())?.effectiveFrom;
  if (first === undefined) {
    ports.log.info('nothing to close: no ruleset has been published');
    return { closed: 0, open: null };
  }
  const last = await lastClosed(ports, now, first);
  const index = ledgerIndex(ports);
  const metersOf = metersByRuleset();
  const rulesetOf = await rulesetsUntil(ports.rulesets, due);
  let hour = last === undefined ? first : addHours(last, 1);
  let closed = 0;
  try {
    for (; hour <= due && hasTime(); hour = addHours(hour, 1)) {
      await closeHour(ports, index, { rulesetOf, metersOf }, hour);
      closed++;
    }
  } finally {
    // Also when an hour cannot be closed: that is when somebody must hear of it.
    ports.metrics.count('CloseLagHours', Math.max(0, hourOf(now) - hour));
  }
  if (hour <= due)
    ports.log.warn('hours stay open until the next run', { from: formatHour(hour), hours: due - hour + 1 });
  return { closed, open: hour <= due ? formatHour(hour) : null };
}

type RulesetOf = (hour: Hour) => Promise<RulesetRecord | undefined>;

/**
 * The record in force in hours up to `until`. The one in force then was in force ever since its own hour, and as nothing
 * is published for hours that have begun, a run that catches up asks once and not for each hour.
 */
async function rulesetsUntil(rulesets: Rulesets, until: Hour): Promise<RulesetOf> {
  const newest = await rulesets.inForceAt(until);
  return async (hour) => (newest !== undefined && newest.effectiveFrom <= hour ? newest : rulesets.inForceAt(hour));
}

async function closeHour(
  ports: CloseHoursPorts,
  index: LedgerIndex,
  rules: { readonly rulesetOf: RulesetOf; readonly metersOf: ReturnType<typeof metersByRuleset> },
  hour: Hour,
): Promise<void> {
  const ruleset = await rules.rulesetOf(hour);
  assert(ruleset !== undefined, `a ruleset is in force in ${formatHour(hour)}: hours begin with the first one`);
  const arrived = await arrivalsOf(index, hour, ports.watermarkHours);
  const written = await writeOnce(ports.records, hour, {
    hour: formatHour(hour),
    adjustment: 0,
    ruleset: ruleset.hash,
    objects: listed(arrived.filter(({ hours }) => hours.includes(hour)).map(({ object }) => object)),
    unreadable: arrived.flatMap(({ object: { key, version, arrival }, unreadable }) =>
      unreadable === null || arrival !== hour ? [] : [{ key, version, reason: unreadable }],
    ),
  });
  assert(written.list.ruleset === ruleset.hash, `the ruleset in force in ${formatHour(hour)} never changes`);
  await finishList(ports, hour, written, rules.metersOf(ruleset));
}

/** The newest closed hour. Months are searched from the present backward, so in the common case by one query. */
async function lastClosed(ports: CloseHoursPorts, now: EpochMs, first: Hour): Promise<Hour | undefined> {
  for (let at = now; at >= 0 && monthOf(at) >= monthOf(hourStart(first)); at = parseMonth(monthOf(at)).start - 1) {
    const last = await ports.usage.lastClosedHour(monthOf(at));
    if (last !== undefined) return last;
  }
  return undefined;
}
