import { InputError } from '../input-error.ts';
import { type Decimal, parseDecimal } from '../money/decimal.ts';
import { type EpochMs, parseTimestamp } from '../time/time.ts';
import { parseObject, quote, type Unreadable } from './access-line.ts';
import type { CompiledMeter, CompiledMeters } from './compile-meters.ts';

/** An accepted CloudEvent that reports usage. */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
  readonly ms: EpochMs;
  readonly customer: string;
  readonly meter: CompiledMeter;
  readonly group: string | null;
  readonly value: number | Decimal;
}

/** Reads one line of the events ledger: a CloudEvent in the JSON format, as `POST /events` accepted it. */
export function readEventLine(bytes: Uint8Array, meters: CompiledMeters): UsageEvent | Unreadable {
  const parsed = parseObject(bytes);
  if (!('object' in parsed)) return parsed;
  const { type, source, id, subject, time, data } = parsed.object;
  const ms = timeOf(time);
  if (ms === null) return { reason: 'time is not an RFC 3339 time' };
  const refuse = (reason: string): Unreadable => ({ reason, epochMs: ms });
  if (type !== 'tollgate.usage') return refuse('type is not tollgate.usage');
  if (!isName(source)) return refuse('source is missing');
  if (!isName(id)) return refuse('id is missing');
  if (!isName(subject)) return refuse('subject (the customer id) is missing');
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return refuse('data is not an object');
  const { meter: name, group = null, currency, ...values } = data as Record<string, unknown>;
  const meter = typeof name === 'string' ? meters.events.get(name) : undefined;
  if (!meter) return refuse(`meter ${typeof name === 'string' ? quote(name) : 'missing'}: no meter takes such events`);
  if (group !== null && !isName(group)) return refuse('group is not a name');
  const { aggregation, unit, value: field = 'quantity' } = meter.definition;
  if (aggregation === 'count') return { source, id, ms, customer: subject, meter, group, value: 1 };
  if (field === 'amount' && currency !== unit)
    return refuse(`currency is not ${unit}, the unit of meter ${quote(name as string)}`);
  const value = fieldOf(values[field]);
  if (value === null) return refuse(`${field} is not a decimal number of 0 or more`);
  return { source, id, ms, customer: subject, meter, group, value };
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

function timeOf(time: unknown): EpochMs | null {
  if (typeof time !== 'string') return null;
  return orNull(() => parseTimestamp(time));
}

function fieldOf(value: unknown): number | Decimal | null {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 2 ** 53 ? value : null;
  if (typeof value !== 'string' || value.startsWith('-')) return null;
  return orNull(() => parseDecimal(value));
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
