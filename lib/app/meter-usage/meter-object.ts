import { readAccessLine, UNSET } from '../../domain/metering/access-line.ts';
import type { CompiledMeters } from '../../domain/metering/compile-meters.ts';
import { UsageCounter } from '../../domain/metering/counter.ts';
import type { Hour } from '../../domain/time/time.ts';
import { hourOf } from '../../domain/time/time.ts';
import { inParallel } from '../in-parallel.ts';
import { type ExaminePorts, examineObject, lastInstantOf } from '../ledger/examine-object.ts';
import { type LedgerObject, ledgerObjectOf, sourceOf } from '../ledger/ledger-object.ts';
import { metersByRuleset } from '../ledger/meters-in-force.ts';
import type { WatchQueue } from '../ports/notices.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ProvisionalUpdate, ProvisionalUsage } from '../ports/usage.ts';
import type { ObjectCreated } from './object-created.ts';

export interface MeterObjectPorts extends ExaminePorts {
  readonly usage: ProvisionalUsage;
  readonly rulesets: Rulesets;
  /** Asked for a look at the customers whose counters moved; absent where nobody watches. */
  readonly watch?: WatchQueue;
}

/** `counted`: it is in the counters now, through this run or an earlier one. */
export type MeterObject = (created: ObjectCreated) => Promise<'counted' | 'quarantined' | 'notLedger'>;

/** DynamoDB takes 300 operators in an expression and 4 KB of its text; a customer-hour with more counters takes more writes. */
const COUNTERS_PER_UPDATE = 100;
const UPDATES_AT_ONCE = 16;
const TEST_CARD = 'test';
const TEST_MARK = Buffer.from(`"${TEST_CARD}"`);
const NEWLINE = 10;

/**
 * Counts one ledger object provisionally: one conditional write per customer and hour, with the object's name in the
 * condition. A redelivery, a crash and its retry, or two runs at once add nothing twice: each write is all or nothing,
 * and those done before a crash are refused the second time.
 *
 * Only what can be added up is counted here: meters that count or sum. `max`, `unique` and `latest` need all lines of
 * the hour side by side and appear when the hour is closed; so does the removal of a line that two objects hold.
 * Calls with test keys go to counters of their own (`t:`), which nothing bills.
 */
export function meterObject(ports: MeterObjectPorts): MeterObject {
  const metersOf = metersByRuleset();
  return async ({ key, version, etag, size }) => {
    const object = ledgerObjectOf({ key, version, etag, size });
    if (object === undefined) return 'notLedger';
    const { bytes, hours, malformed, unreadable } = await examineObject(ports, object);
    if (unreadable !== null || bytes === null) return 'quarantined';
    const updates: ProvisionalUpdate[] = [];
    let lines = 0;
    for (const hour of hours) {
      const ruleset = await ports.rulesets.inForceAt(hour);
      if (ruleset === undefined) {
        ports.log.warn('usage from before the first ruleset stays uncounted in the ledger', { key, version, hour });
        ports.metrics.count('ObjectsBeforeFirstRuleset', 1);
        continue;
      }
      const counted = countHourOf(object, bytes, hour, metersOf(ruleset));
      lines += counted.lines;
      updates.push(...counted.updates);
    }
    const outcomes = await inParallel(updates, UPDATES_AT_ONCE, (update) => ports.usage.add(update));
    // Also after a duplicate: the run before may have ended between counting and asking.
    await ports.watch?.send([...new Set(updates.map(({ customer }) => customer))]);
    const duplicate = outcomes.length > 0 && outcomes.every((outcome) => outcome === 'duplicate');
    ports.metrics.count(duplicate ? 'DuplicateObjects' : 'MeteredLines', duplicate ? 1 : lines);
    ports.log.info('metered', { key, version, lines, malformed, writes: outcomes.length, duplicate });
    return 'counted';
  };
}

function countHourOf(
  object: LedgerObject,
  bytes: Uint8Array,
  hour: Hour,
  meters: CompiledMeters,
): { lines: number; updates: ProvisionalUpdate[] } {
  const counter = new UsageCounter({ meters, hour, latest: lastInstantOf(object) });
  const sink = object.kind === 'events' ? counter.events(object.key) : counter.accessLog(object.key);
  sink.write(bytes);
  sink.end();
  const count = counter.finish();
  const additive = new Set(
    meters.meters.filter(({ definition }) => isAdditive(definition.aggregation)).map(({ definition }) => definition.id),
  );
  const counters = new Map<string, Record<string, string>>();
  const add = (customer: string, name: string, quantity: string) => {
    const ofCustomer = counters.get(customer) ?? {};
    ofCustomer[name] = quantity;
    counters.set(customer, ofCustomer);
  };
  for (const { customer, meter, group, quantity } of count.records()) {
    if (additive.has(meter) && quantity !== '0') add(customer, `c:${meter}|${group ?? ''}`, quantity);
  }
  if (object.kind === 'usage') {
    for (const { customer, name, calls } of testCalls(bytes, hour, meters)) add(customer, name, String(calls));
  }
  const updates = [...counters].flatMap(([customer, all]) =>
    inParts(all).map((part, i) => ({ customer, hour, counters: part, source: sourceOf(object, i) })),
  );
  return { lines: count.lines.read, updates };
}

const isAdditive = (aggregation: string): boolean => aggregation === 'count' || aggregation === 'sum';

/** Sorted by name, so that a retry cuts the same parts. */
function inParts(counters: Record<string, string>): Record<string, string>[] {
  const entries = Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1));
  const count = Math.ceil(entries.length / COUNTERS_PER_UPDATE);
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(entries.slice(i * COUNTERS_PER_UPDATE, (i + 1) * COUNTERS_PER_UPDATE)),
  );
}

/** Test calls by counter. Few lines are test calls, so only those that mention the word are parsed for it. */
function testCalls(
  bytes: Uint8Array,
  hour: Hour,
  meters: CompiledMeters,
): { customer: string; name: string; calls: number }[] {
  const log = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, { customer: string; name: string; calls: number }>();
  for (let at = log.indexOf(TEST_MARK); at >= 0; ) {
    const start = log.lastIndexOf(NEWLINE, at) + 1;
    const newline = log.indexOf(NEWLINE, at);
    const end = newline < 0 ? log.length : newline;
    for (const { customer, name } of countersOfTestCall(log.subarray(start, end), hour, meters)) {
      const key = `${customer} ${name}`;
      const known = found.get(key);
      if (known) known.calls++;
      else found.set(key, { customer, name, calls: 1 });
    }
    at = end === log.length ? -1 : log.indexOf(TEST_MARK, end);
  }
  return [...found.values()];
}

function countersOfTestCall(bytes: Uint8Array, hour: Hour, meters: CompiledMeters) {
  const line = readAccessLine(bytes);
  if ('reason' in line || line.rateCard !== TEST_CARD || line.customerId === UNSET || hourOf(line.epochMs) !== hour) {
    return [];
  }
  return meters
    .classify(line.method, line.resourcePath, line.status)
    .contributions.filter(({ meter }) => meter.definition.aggregation === 'count')
    .map(({ meter, group }) => ({ customer: line.customerId, name: `t:${meter.definition.id}|${group ?? ''}` }));
}
