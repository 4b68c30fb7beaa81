import { assert } from '../assert.ts';
import { type EpochMs, formatTimestamp, HOUR_MS, type Hour, hourOf, hourStart } from '../time/time.ts';
import { UNSET, type Unreadable } from './access-line.ts';
import type { CompiledMeters, Contribution, UsageClass } from './compile-meters.ts';
import type { UsageEvent } from './event-line.ts';
import { HourEvents } from './hour-events.ts';
import { accessLineOf, HourIds, type IdentifiedLine } from './hour-ids.ts';
import { HourUsage } from './hour-usage.ts';
import { asLogged, type Caller, Callers, type CustomerOf, type Shape, Shapes, UNKNOWN_CUSTOMER } from './interned.ts';
import { LineScanner } from './line-scanner.ts';
import { type ByteSink, splitLines } from './line-splitter.ts';
import { AccessLogReader, EventLogReader, type Lines } from './log-readers.ts';
import type { UsageRecord } from './meters.ts';
import type { Sample } from './quantities.ts';
import { type LineCounts, type MalformedLine, MalformedLines } from './tally.ts';
import { addValues, recordsOf } from './usage-records.ts';

export interface CountOptions {
  readonly meters: CompiledMeters;
  /** Who a caller is. @default the customer that the line names, `-` being nobody */
  readonly customerOf?: CustomerOf;
  /** Count this hour only; lines of other hours are none of its `lines`. @default every hour */
  readonly hour?: Hour;
  /** A line after this instant is from the future, and malformed. @default no bound */
  readonly latest?: EpochMs;
  /** `keep` counts every line, for logs that are known to hold each line once. @default remove */
  readonly duplicates?: 'remove' | 'keep';
  /** Told at the end of each call of a known customer, billable or not, once per id: for tallies that bill nothing. */
  readonly onCall?: OnCall;
}

/** @param client the language that the line names, `-` where it names none */
export type OnCall = (customer: string, client: string, call: Shape) => void;

export interface UsageCount {
  readonly lines: LineCounts;
  /** The first by (file, line), at most {@link MALFORMED_KEPT}; `lines.malformed` has the number of all. */
  readonly malformed: readonly MalformedLine[];
  /** With `hour`: lines of other hours, and lines that cannot be read and name no hour. Not in `lines`. */
  readonly elsewhere: { readonly otherHours: number; readonly unreadable: number };
  /** Sorted by customer, meter, group (none first) and hour, by code units: the same bytes for the same lines in any order. */
  records(): Generator<UsageRecord>;
}

/** A call of a log that has no ids, so that each line counts. */
export interface Call {
  readonly epochMs: EpochMs;
  readonly caller: string;
  readonly method: string;
  readonly resourcePath: string;
  /** 0 when the log does not say. */
  readonly status: number;
  /** -1 when the log does not say. */
  readonly responseBytes: number;
}

/** A row that carries its quantities. */
export interface MeasuredRow {
  readonly epochMs: EpochMs;
  readonly caller: string;
  readonly values: readonly { readonly contribution: Contribution; readonly value: Sample['value'] }[];
}

/** How many (method, path, status) a log without ids may have before their classes are looked up anew. */
const CLASSES_REMEMBERED = 20_000;

/**
 * Counts lines and events of many files, in any order, to the quantities of each customer, meter, group and hour.
 * Memory grows with customers x hours, and with the ids of the hours counted. Used once: `finish` ends it.
 */
export class UsageCounter implements Lines {
  readonly #meters: CompiledMeters;
  readonly #only: Hour | null;
  readonly #latest: EpochMs;
  readonly #keepDuplicates: boolean;
  readonly #onCall: OnCall | undefined;
  readonly #callers: Callers;
  readonly #shapes: Shapes;
  readonly #scanner: LineScanner;
  readonly #usage = new Map<Hour, HourUsage>();
  readonly #ids = new Map<Hour, HourIds>();
  readonly #events = new Map<Hour, HourEvents>();
  readonly #malformed = new MalformedLines();
  readonly #classes = new Map<string, UsageClass>();
  #hour: Hour | null = null;
  #hourStart: EpochMs = 0;
  #hourEnd: EpochMs = 0;
  #hourUsage = new HourUsage();
  #hourIds: HourIds;
  #read = 0;
  #counted = 0;
  #notBillable = 0;
  #duplicate = 0;
  #otherHours = 0;
  #unreadable = 0;
  #finished = false;

  constructor({ meters, customerOf = asLogged, hour, latest, duplicates = 'remove', onCall }: CountOptions) {
    this.#meters = meters;
    this.#only = hour ?? null;
    this.#latest = latest ?? Number.POSITIVE_INFINITY;
    this.#keepDuplicates = duplicates === 'keep';
    this.#onCall = onCall;
    this.#callers = new Callers(customerOf);
    this.#shapes = new Shapes(meters);
    this.#scanner = new LineScanner(this.#callers, this.#shapes);
    this.#hourIds = new HourIds(0, this.#callers, this.#shapes);
  }

  /** Takes a file of JSON access log lines. */
  accessLog(file: string): ByteSink {
    return splitLines(new AccessLogReader(file, this, this.#callers, this.#shapes, this.#scanner));
  }

  /** Takes a file of accepted usage events, one CloudEvent a line. */
  events(file: string): ByteSink {
    return splitLines(new EventLogReader(file, this, this.#meters));
  }

  /** A line with an id. Counts it now when duplicates are kept, else when the hour's lines are known. */
  identified(line: IdentifiedLine, file: string, number: number): void {
    const { epochMs } = line;
    if (epochMs >= this.#hourStart && epochMs < this.#hourEnd && epochMs <= this.#latest) {
      this.#read++;
    } else if (!this.#enter(epochMs, file, number)) return;
    if (!this.#keepDuplicates) {
      if (!this.#hourIds.add(line)) this.#duplicate++;
      return;
    }
    const customer = this.#callers.customers[line.caller] as number;
    const { usageClass } = this.#shapes.all[line.shape] as Shape;
    if (customer === UNKNOWN_CUSTOMER || usageClass.index === 0) {
      this.#notBillable++;
      return;
    }
    this.#counted++;
    this.#hourUsage.count(customer, usageClass.index);
    const distinct = usageClass.distinct.length > 0 && this.#hourUsage.isFirst(line.caller, line.shape);
    if (!distinct && usageClass.valued.length === 0) return;
    const values = accessLineOf(line, this.#callers, this.#shapes);
    if (distinct) addValues(this.#hourUsage, customer, usageClass.distinct, values);
    addValues(this.#hourUsage, customer, usageClass.valued, values);
  }

  /** A line without an id: whatever it says twice counts twice. */
  call(call: Call, file: string, number: number): void {
    if (!this.#enter(call.epochMs, file, number)) return;
    const customer = this.#callers.customers[this.#callers.numberOf(call.caller)] as number;
    const usageClass = this.#classOf(call);
    if (customer === UNKNOWN_CUSTOMER || usageClass.index === 0) {
      this.#notBillable++;
      return;
    }
    this.#counted++;
    this.#hourUsage.count(customer, usageClass.index);
    if (usageClass.valued.length + usageClass.distinct.length === 0) return;
    const values = { ...call, id: UNSET, customerId: call.caller, rateCard: UNSET, client: UNSET, latencyMs: -1 };
    addValues(this.#hourUsage, customer, usageClass.distinct, values);
    addValues(this.#hourUsage, customer, usageClass.valued, values);
  }

  /** A row that carries its quantities: each contribution with its value. */
  measured(row: MeasuredRow, file: string, number: number): void {
    if (!this.#enter(row.epochMs, file, number)) return;
    const customer = this.#callers.customers[this.#callers.numberOf(row.caller)] as number;
    if (customer === UNKNOWN_CUSTOMER) {
      this.#notBillable++;
      return;
    }
    this.#counted++;
    for (const { contribution, value } of row.values) {
      this.#hourUsage.add(customer, contribution, { ms: row.epochMs, source: '', id: '', value });
    }
  }

  event(event: UsageEvent, bytes: Uint8Array, file: string, number: number): void {
    if (!this.#enter(event.ms, file, number)) return;
    const hour = hourOf(event.ms);
    const events = this.#events.get(hour) ?? new HourEvents();
    this.#events.set(hour, events);
    if (!events.add(event, bytes)) this.#duplicate++;
  }

  /** A line that counts nowhere. It belongs to an hour only when its time could be read. */
  malformed(file: string, line: number, { reason, epochMs }: Unreadable): void {
    if (this.#only !== null && epochMs === undefined) {
      this.#unreadable++;
      return;
    }
    if (this.#only !== null && epochMs !== undefined && hourOf(epochMs) !== this.#only) {
      this.#otherHours++;
      return;
    }
    this.#read++;
    this.#malformed.add({ file, line, reason });
  }

  /** Ends the counting. The records may be read once or many times. */
  finish(): UsageCount {
    assert(!this.#finished, 'a counter is finished once');
    this.#finished = true;
    for (const [hour, ids] of this.#ids) this.#countIds(ids, this.#usageOf(hour));
    for (const [hour, events] of this.#events) this.#countEvents(events, this.#usageOf(hour));
    const lines: LineCounts = {
      read: this.#read,
      counted: this.#counted,
      notBillable: this.#notBillable,
      duplicate: this.#duplicate,
      malformed: this.#malformed.count,
    };
    const { read, counted, notBillable, duplicate, malformed } = lines;
    assert(read === counted + notBillable + duplicate + malformed, 'every line read is in exactly one count');
    return {
      lines,
      malformed: this.#malformed.sorted(),
      elsewhere: { otherHours: this.#otherHours, unreadable: this.#unreadable },
      records: () => recordsOf(this.#usage, this.#callers.customerNames, this.#meters),
    };
  }

  /** Makes the hour of an instant the current one. False when the line does not count here; it is tallied then. */
  #enter(epochMs: EpochMs, file: string, line: number): boolean {
    const hour = hourOf(epochMs);
    if (this.#only !== null && hour !== this.#only) {
      this.#otherHours++;
      return false;
    }
    if (epochMs > this.#latest) {
      this.malformed(file, line, { reason: `from the future: ${formatTimestamp(epochMs)}`, epochMs });
      return false;
    }
    this.#read++;
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#hourStart = hourStart(hour);
      this.#hourEnd = this.#hourStart + HOUR_MS;
      this.#hourUsage = this.#usageOf(hour);
      this.#hourIds = this.#idsOf(hour);
    }
    return true;
  }

  #usageOf(hour: Hour): HourUsage {
    const usage = this.#usage.get(hour) ?? new HourUsage();
    this.#usage.set(hour, usage);
    return usage;
  }

  #idsOf(hour: Hour): HourIds {
    const ids = this.#ids.get(hour) ?? new HourIds(hourStart(hour), this.#callers, this.#shapes);
    this.#ids.set(hour, ids);
    return ids;
  }

  #countIds(ids: HourIds, usage: HourUsage): void {
    for (let entry = 0; entry < ids.size; entry++) {
      const caller = ids.caller(entry);
      const customer = this.#callers.customers[caller] as number;
      const shape = this.#shapes.all[ids.shape(entry)] as Shape;
      const { usageClass } = shape;
      if (this.#onCall && customer !== UNKNOWN_CUSTOMER) {
        const { client } = this.#callers.all[caller] as Caller;
        this.#onCall(this.#callers.customerNames[customer] as string, client, shape);
      }
      if (customer === UNKNOWN_CUSTOMER || usageClass.index === 0) {
        this.#notBillable++;
        continue;
      }
      this.#counted++;
      usage.count(customer, usageClass.index);
      const distinct = usageClass.distinct.length > 0 && usage.isFirst(ids.caller(entry), ids.shape(entry));
      if (distinct) addValues(usage, customer, usageClass.distinct, ids.line(entry));
      if (usageClass.valued.length > 0) addValues(usage, customer, usageClass.valued, ids.line(entry));
    }
  }

  #countEvents(events: HourEvents, usage: HourUsage): void {
    for (const { customer: name, meter, group, ms, source, id, value, outcome } of events.all()) {
      const customer = this.#callers.customers[this.#callers.numberOf(name)] as number;
      if (customer === UNKNOWN_CUSTOMER) {
        this.#notBillable++;
        continue;
      }
      this.#counted++;
      usage.add(customer, { meter, group }, { ms, source, id, value, outcome });
    }
  }

  #classOf({ method, resourcePath, status }: Call): UsageClass {
    const key = `${status} ${method} ${resourcePath}`;
    const known = this.#classes.get(key);
    if (known) return known;
    if (this.#classes.size >= CLASSES_REMEMBERED) this.#classes.clear();
    const usageClass = this.#meters.classify(method, resourcePath, status);
    this.#classes.set(key, usageClass);
    return usageClass;
  }
}
