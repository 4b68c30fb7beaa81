import { assert } from '../../domain/assert.ts';
import type { CompiledMeters } from '../../domain/metering/compile-meters.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import { formatHour, HOUR_MS, type Hour, hourStart } from '../../domain/time/time.ts';
import { canonicalJson, sha256 } from '../canonical-json.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { ClosedMarker, ClosedUsage } from '../ports/usage.ts';
import { quarantine } from '../quarantine.ts';
import type { Log, Metrics } from '../runtime.ts';
import { countDifference, countList, type HourCount, readCount, writeCount } from './hour-count.ts';
import { hourFolder, type InputList, objectsDigest, type WrittenList } from './input-list.ts';

export interface FinishPorts {
  readonly ledger: ObjectStore;
  readonly records: ObjectStore;
  readonly usage: ClosedUsage;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Steps (b) and (c) of a close or an adjustment: counts from the written list alone, then the rows, then the marker.
 * Everything before the marker is overwritten with the same bytes by a second run; nothing reads it until then.
 *
 * @param before the marker of the adjustment before this one; undefined for the close itself
 */
export async function finishList(
  ports: FinishPorts,
  hour: Hour,
  written: WrittenList,
  meters: CompiledMeters,
  before?: ClosedMarker,
): Promise<ClosedMarker> {
  const { list, key, digest: inputsDigest } = written;
  const { adjustment, ruleset } = list;
  const count = await countList(ports.ledger, list, meters);
  const counts = writeCount(hour, count);
  // Most hours of a young or quiet API: what follows from nothing is not worth a write.
  if (list.objects.length > 0) await ports.records.put(countsKey(hour, adjustment), counts.body);
  await setAside(ports, hour, adjustment, count);
  const changed =
    before === undefined ? count.customers : countDifference(count, await countOf(ports, written.list, before, meters));
  const named = {
    hour: formatHour(hour),
    adjustment,
    ruleset,
    inputsDigest,
    objectsDigest: objectsDigest(list.objects),
    countsDigest: counts.digest,
  };
  const digest = sha256(canonicalJson(named));
  await ports.usage.putClosedHours(changed.map((row): ClosedHour => ({ ...row, hour, adjustment, ruleset, digest })));
  const marker: ClosedMarker = {
    ...named,
    hour,
    digest,
    inputsKey: key,
    objects: list.objects.length,
    customers: changed.length,
    lines: count.lines,
  };
  return putMarker(ports, marker);
}

async function putMarker({ usage, log, metrics }: FinishPorts, marker: ClosedMarker): Promise<ClosedMarker> {
  const { hour, adjustment, objects, customers, lines } = marker;
  if ((await usage.putMarker(marker)) === 'written') {
    metrics.count(adjustment === 0 ? 'HoursClosed' : 'HoursAdjusted', 1);
    log.info('closed', { hour: formatHour(hour), adjustment, objects, customers, lines });
    return marker;
  }
  const start = hourStart(hour);
  const markers = await usage.markers({ start, end: start + HOUR_MS });
  const there = markers.find((other) => other.adjustment === adjustment);
  assert(there?.digest === marker.digest, `two runs close ${formatHour(hour)}#${adjustment} with the same digest`);
  return there;
}

/** What an earlier list counted to; that of a list without objects is not stored. */
async function countOf(
  { ledger, records }: FinishPorts,
  list: InputList,
  { hour, adjustment, objects, countsDigest }: ClosedMarker,
  meters: CompiledMeters,
): Promise<HourCount> {
  if (objects === 0) return countList(ledger, { ...list, objects: [] }, meters);
  const key = countsKey(hour, adjustment);
  const body = await records.get(key);
  assert(body !== undefined, `${key} exists: it is written before its marker`);
  return readCount(body, countsDigest);
}

const countsKey = (hour: Hour, adjustment: number): string => `${hourFolder(hour, adjustment)}counts.json.gz`;

/** Events that no meter of their hour takes. Other lines that cannot be read are set aside with their object. */
async function setAside({ records, metrics }: FinishPorts, hour: Hour, adjustment: number, count: HourCount) {
  const events = count.malformed.filter(({ file }) => file.startsWith('events/'));
  if (events.length === 0) return;
  const entries = events.slice(0, 1_000).map(({ line, reason, file }) => ({ line, reason, text: file }));
  const from = hourFolder(hour, adjustment);
  const name = `hour-${formatHour(hour).slice(0, 13)}-${adjustment}`;
  const record = { from, version: null, reason: null, entries, omitted: events.length - entries.length };
  if ((await quarantine(records, hourStart(hour), name, record)) === 'written') {
    metrics.count('QuarantinedLines', events.length);
  }
}
