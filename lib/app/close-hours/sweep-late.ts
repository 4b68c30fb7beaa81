import { assert } from '../../domain/assert.ts';
import { addHours, formatHour, type Hour, hourOf, hourStart } from '../../domain/time/time.ts';
import { metersByRuleset } from '../ledger/meters-in-force.ts';
import type { StoredObject } from '../ports/object-store.ts';
import type { ClosedMarker } from '../ports/usage.ts';
import type { CloseHoursPorts, CloseRequest } from './close-hours.ts';
import { finishList } from './finish-list.ts';
import { listed, objectsDigest, readList, writeOnce } from './input-list.ts';
import { type IndexedObject, ledgerIndex } from './ledger-index.ts';

/** Arrivals that are looked at: 35 days, and three more so that an adjustment left unfinished on the last is still met. */
const ARRIVALS_HOURS = (35 + 3) * 24;
/** More than one only where an unfinished adjustment is resumed and more has landed since. */
const ADJUSTMENTS_PER_SWEEP_MAX = 10;

export interface SweepSummary {
  /** Adjustments written, in order: `2026-01-15T10:00:00Z#1`. */
  readonly adjustments: readonly string[];
  /** Hours that still had late objects when time ran out. */
  readonly left: number;
}

/**
 * Finds ledger objects that landed after the hours in their lines were closed, and adjusts those hours. It looks at the
 * arrivals of the last 35 days, whatever hours they name, and only at hours with a closed marker: others take the object
 * when they close. Lateness is judged for each object and hour.
 *
 * Adjustment n is made like a close: its input list is written once (all objects of list n-1 and the late ones), the
 * counts follow from it by the hour's own ruleset, rows hold count(list n) - count(list n-1), then its marker. n+1
 * begins only after n's marker; a list n that a crash left without one is what `writeOnce` answers, so it is finished
 * first, as it was.
 */
export async function sweepLate(ports: CloseHoursPorts, request: CloseRequest): Promise<SweepSummary> {
  const { now, hasTime = () => true } = request;
  const until = hourOf(now);
  const arrived = await ledgerIndex(ports).arrived(addHours(until, -ARRIVALS_HOURS), until);
  const objects = objectsByHour(arrived);
  const markers = await newestMarkers(ports, [...objects.keys()]);
  const changed = [...markers.values()]
    .filter(({ hour, objectsDigest: counted }) => objectsDigest(objects.get(hour) ?? []) !== counted)
    .sort((a, b) => a.hour - b.hour);
  const metersOf = metersByRuleset();
  const adjustments: string[] = [];
  let done = 0;
  for (; done < changed.length && hasTime(); done++) {
    const marker = changed[done] as ClosedMarker;
    adjustments.push(...(await adjustHour(ports, metersOf, marker, objects.get(marker.hour) ?? [])));
  }
  return { adjustments, left: changed.length - done };
}

async function adjustHour(
  ports: CloseHoursPorts,
  metersOf: ReturnType<typeof metersByRuleset>,
  newest: ClosedMarker,
  found: readonly StoredObject[],
): Promise<string[]> {
  const { hour } = newest;
  const adjustments: string[] = [];
  let marker = newest;
  for (;;) {
    const { list } = await readList(ports.records, hour, marker.adjustment);
    const counted = new Set(list.objects.map(nameOf));
    const late = found.filter((object) => !counted.has(nameOf(object)));
    if (late.length === 0) return adjustments;
    assert(adjustments.length < ADJUSTMENTS_PER_SWEEP_MAX, `adjusting ${formatHour(hour)} comes to an end`);
    const ruleset = await ports.rulesets.byHash(list.ruleset);
    assert(ruleset !== undefined, `ruleset ${list.ruleset} that ${formatHour(hour)} is pinned to is still published`);
    const written = await writeOnce(ports.records, hour, {
      ...list,
      adjustment: list.adjustment + 1,
      objects: listed([...list.objects, ...late]),
      unreadable: [],
    });
    marker = await finishList(ports, hour, written, metersOf(ruleset), marker);
    adjustments.push(`${formatHour(hour)}#${marker.adjustment}`);
  }
}

function objectsByHour(arrived: readonly IndexedObject[]): Map<Hour, StoredObject[]> {
  const objects = new Map<Hour, StoredObject[]>();
  for (const { object, hours } of arrived) {
    for (const hour of hours) {
      const ofHour = objects.get(hour) ?? [];
      ofHour.push(object);
      objects.set(hour, ofHour);
    }
  }
  return objects;
}

/** The marker with the highest adjustment of each of these hours that is closed. */
async function newestMarkers(ports: CloseHoursPorts, hours: readonly Hour[]): Promise<Map<Hour, ClosedMarker>> {
  const newest = new Map<Hour, ClosedMarker>();
  if (hours.length === 0) return newest;
  const wanted = new Set(hours);
  const sorted = [...hours].sort((a, b) => a - b);
  const [from, to] = [sorted[0] as Hour, sorted.at(-1) as Hour];
  for (const marker of await ports.usage.markers({ start: hourStart(from), end: hourStart(addHours(to, 1)) })) {
    if (wanted.has(marker.hour)) newest.set(marker.hour, marker);
  }
  return newest;
}

const nameOf = ({ key, version }: StoredObject): string => `${key}\0${version}`;
