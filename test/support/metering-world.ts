import { gzipSync } from 'node:zlib';
import { memoryObjects } from '../../lib/adapters/memory/object-store.ts';
import { memoryRulesets } from '../../lib/adapters/memory/rulesets.ts';
import { memoryClosedUsage, memoryProvisionalUsage } from '../../lib/adapters/memory/usage.ts';
import { type CloseHoursPorts, closeHours } from '../../lib/app/close-hours/close-hours.ts';
import { sweepLate } from '../../lib/app/close-hours/sweep-late.ts';
import { meterObject } from '../../lib/app/meter-usage/meter-object.ts';
import type { Log, Metrics } from '../../lib/app/runtime.ts';
import { sumUsage } from '../../lib/domain/metering/adjustments.ts';
import type { ClosedQuantity, Meters } from '../../lib/domain/metering/meters.ts';
import type { RulesetRecord } from '../../lib/domain/rules/ruleset.ts';
import { addHours, formatHour, type Hour, hourStart, parseHour } from '../../lib/domain/time/time.ts';

export const WATERMARK_HOURS = 26;
/** The hour that stories are about; the first ruleset begins with it. */
export const TEN = parseHour('2026-01-15T10:00:00Z');

export const METERS: Meters = {
  meters: [
    { id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' },
    { id: 'bytes', unit: 'byte', source: 'accessLog', aggregation: 'sum', value: 'responseBytes' },
    { id: 'slowest', unit: 'ms', source: 'accessLog', aggregation: 'max', value: 'latencyMs' },
    { id: 'clients', unit: 'client', source: 'accessLog', aggregation: 'unique', value: 'client' },
    { id: 'tokens', unit: 'token', source: 'event', aggregation: 'sum', value: 'quantity' },
    { id: 'payments', unit: 'USD', source: 'event', aggregation: 'sum', value: 'amount' },
    { id: 'bookings', unit: 'USD', source: 'event', aggregation: 'outcomes' },
  ],
  routeGroups: [{ id: 'pay', routes: ['/payments/**'] }],
};

export function ruleset(hash: string, effectiveFrom: Hour, meters: Meters = METERS): RulesetRecord {
  return { hash, commit: 'c0ffee', effectiveFrom, files: { 'meters.json': JSON.stringify(meters) } };
}

export interface CallFields {
  readonly id: string;
  readonly at?: number;
  readonly customer?: string;
  readonly path?: string;
  readonly status?: string;
  readonly rateCard?: string;
  readonly client?: string;
  readonly bytes?: string;
}

/** A line as the stage writes it. @param at milliseconds since 1970 */
export function call({ id, at = hourStart(TEN), customer = 'acme', path = '/search', ...rest }: CallFields): string {
  const { status = '200', rateCard = 'growth@2026-01-01', client = 'python', bytes = '100' } = rest;
  const line = {
    id,
    epochMs: String(at),
    customerId: customer,
    rateCard,
    client,
    method: 'GET',
    resourcePath: path,
    status,
    responseBytes: bytes,
    latencyMs: '7',
  };
  return `${JSON.stringify(line)}\n`;
}

/** A line of the events ledger. */
export function usageEvent(id: string, data: object, time = formatHour(TEN), subject = 'acme'): string {
  const event = { specversion: '1.0', type: 'tollgate.usage', source: '/billing', id, subject, time, data };
  return `${JSON.stringify(event)}\n`;
}

export const silent: Log = { info() {}, warn() {}, error() {} };

export function recordingMetrics(): Metrics & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  return { counts, count: (name, value) => void counts.set(name, (counts.get(name) ?? 0) + value) };
}

export type MeteringWorld = ReturnType<typeof meteringWorld>;

/** Ledger, counting and closing in memory, told as a story: what lands, what is closed, what is billed. */
export function meteringWorld(rulesets = memoryRulesets([ruleset('r1', TEN)])) {
  const ledger = memoryObjects();
  const records = memoryObjects();
  const usage = memoryClosedUsage();
  const provisional = memoryProvisionalUsage();
  const metrics = recordingMetrics();
  const ports: CloseHoursPorts = {
    ledger,
    records,
    usage,
    rulesets,
    metrics,
    log: silent,
    watermarkHours: WATERMARK_HOURS,
  };
  let landed = 0;
  const period = { start: hourStart(addHours(TEN, -48)), end: hourStart(addHours(TEN, 24 * 60)) };

  return {
    ...ports,
    ports,
    metrics,
    provisional,
    /** Puts an object under an arrival prefix, gzipped unless bytes are given. */
    async land(lines: string | Uint8Array, arrival: Hour = TEN, kind: 'usage' | 'events' = 'usage', key?: string) {
      const folder = formatHour(arrival).slice(0, 13).replaceAll('-', '/').replace('T', '/');
      const name = key ?? `${kind}/${folder}/object-${String(++landed).padStart(4, '0')}.gz`;
      await ledger.put(name, typeof lines === 'string' ? gzipSync(lines) : lines);
      const stored = (await ledger.list(name)).at(-1);
      if (stored === undefined) throw new Error(`${name} did not land`);
      return { bucket: 'ledger', ...stored };
    },
    meter: meterObject({ ledger, records, usage: provisional, rulesets, metrics, log: silent }),
    close: (now: Hour, using = ports) => closeHours(using, { now: hourStart(now) }),
    sweep: (now: Hour, using = ports) => sweepLate(using, { now: hourStart(now) }),
    /** What a customer is billed for an hour, adjustments applied. */
    async billed(customer = 'acme', hour: Hour = TEN): Promise<ClosedQuantity[]> {
      const rows = await usage.closedHours(customer, { start: hourStart(hour), end: hourStart(addHours(hour, 1)) });
      return sumUsage(rows.map((row) => row.usage));
    },
    /** Everything that closing has written: keys with their newest bytes, rows and markers. */
    async written() {
      const keys = [...new Set((await records.list('hours/')).map(({ key }) => key))];
      const objects = await Promise.all(
        keys.map(async (key) => [key, Buffer.from((await records.get(key)) ?? []).toString('base64')]),
      );
      const rows = await Promise.all(['acme', 'other'].map((customer) => usage.closedHours(customer, period)));
      return { objects, rows, markers: await usage.markers(period) };
    },
    markers: () => usage.markers(period),
  };
}

/** The first hour in which TEN may be closed. */
export const TEN_IS_DUE = addHours(TEN, WATERMARK_HOURS + 1);

export const quantityOf = (usage: readonly ClosedQuantity[], meter: string, group: string | null = null): string =>
  usage.find((found) => found.meter === meter && found.group === group)?.quantity ?? '0';
