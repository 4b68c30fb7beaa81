import { gunzipSync, gzipSync } from 'node:zlib';
import { assert } from '../../domain/assert.ts';
import { subtractTallies, subtractUsage } from '../../domain/metering/adjustments.ts';
import type { CompiledMeters } from '../../domain/metering/compile-meters.ts';
import { UsageCounter } from '../../domain/metering/counter.ts';
import type { ClosedQuantity, HourTallies } from '../../domain/metering/meters.ts';
import type { LineCounts, MalformedLine } from '../../domain/metering/tally.ts';
import { formatHour, type Hour, parseHour } from '../../domain/time/time.ts';
import { sha256 } from '../canonical-json.ts';
import { ledgerObjectOf, readContent } from '../ledger/ledger-object.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { hourTallies } from './hour-tallies.ts';
import type { InputList } from './input-list.ts';

/** One customer's hour, before it is a row. */
export interface CustomerHour {
  readonly customer: string;
  readonly usage: readonly ClosedQuantity[];
  readonly tallies?: HourTallies;
}

/** What an input list counts to: a pure function of the objects in it and the ruleset it names. */
export interface HourCount {
  readonly lines: LineCounts;
  /** Lines of the hour that none of its meters can take, by object and line. */
  readonly malformed: readonly MalformedLine[];
  /** Sorted by customer. */
  readonly customers: readonly CustomerHour[];
}

/** Holds one object and the ids of the hour at a time. */
export async function countList(ledger: ObjectStore, list: InputList, meters: CompiledMeters): Promise<HourCount> {
  const hour = parseHour(list.hour);
  const tallies = hourTallies(meters);
  const counter = new UsageCounter({ meters, hour, onCall: tallies.add });
  for (const stored of list.objects) {
    const object = ledgerObjectOf(stored);
    assert(object !== undefined, `${stored.key} is a ledger object, as everything in an input list`);
    const content = await readContent(ledger, object);
    assert('bytes' in content, `${stored.key} (${stored.version}) can still be read, as when it was listed`);
    const file = `${stored.key}@${stored.version}`;
    const sink = object.kind === 'events' ? counter.events(file) : counter.accessLog(file);
    sink.write(content.bytes);
    sink.end();
  }
  const { lines, malformed, records } = counter.finish();
  const usage = new Map<string, ClosedQuantity[]>();
  for (const { customer, hour: _, ...quantity } of records()) {
    const ofCustomer = usage.get(customer) ?? [];
    ofCustomer.push(quantity);
    usage.set(customer, ofCustomer);
  }
  const names = [...new Set([...usage.keys(), ...tallies.customers()])].sort(byCodeUnits);
  return { lines, malformed, customers: names.map((name) => customerHour(name, usage.get(name), tallies.of(name))) };
}

/** What changed for each customer between two counts of the same hour; customers for whom nothing did are left out. */
export function countDifference(after: HourCount, before: HourCount): CustomerHour[] {
  const [a, b] = [byCustomer(after), byCustomer(before)];
  const names = [...new Set([...a.keys(), ...b.keys()])].sort(byCodeUnits);
  return names
    .map((name) => {
      const usage = subtractUsage(a.get(name)?.usage ?? [], b.get(name)?.usage ?? []);
      return customerHour(name, usage, subtractTallies(a.get(name)?.tallies, b.get(name)?.tallies));
    })
    .filter(({ usage, tallies }) => usage.length > 0 || tallies !== undefined);
}

/**
 * Compressed JSON, with the digest of the JSON: compression may differ between versions of zlib. Keys stand in the order
 * in which they are written here and in the domain, the same in every run.
 */
export function writeCount(hour: Hour, count: HourCount): { readonly body: Uint8Array; readonly digest: string } {
  const { lines, malformed, customers } = count;
  const json = JSON.stringify({ hour: formatHour(hour), lines, malformed, customers });
  return { body: gzipSync(json), digest: sha256(json) };
}

/** @throws InvariantError when the bytes are not those that the marker names */
export function readCount(body: Uint8Array, digest: string): HourCount {
  const json = gunzipSync(body).toString('utf8');
  assert(sha256(json) === digest, 'stored counts are those that their marker names');
  return JSON.parse(json) as HourCount;
}

function customerHour(
  customer: string,
  usage: readonly ClosedQuantity[] = [],
  tallies: HourTallies | undefined = undefined,
): CustomerHour {
  return tallies === undefined ? { customer, usage } : { customer, usage, tallies };
}

const byCustomer = ({ customers }: HourCount) => new Map(customers.map((hour) => [hour.customer, hour]));
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
