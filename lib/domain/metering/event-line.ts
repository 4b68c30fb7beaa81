import { InputError } from '../input-error.ts';
import { type Decimal, formatDecimal, fromInteger, parseDecimal } from '../money/decimal.ts';
import { type EpochMs, formatTimestamp, parseTimestamp } from '../time/time.ts';
import { parseObject, quote, type Unreadable } from './access-line.ts';
import type { CompiledMeter, CompiledMeters } from './compile-meters.ts';
import type { ReportedOutcome } from './meters.ts';
import { outcomeId } from './outcomes.ts';

/** An accepted CloudEvent that reports usage. */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
  readonly ms: EpochMs;
  readonly customer: string;
  readonly meter: CompiledMeter;
  readonly group: string | null;
  readonly value: number | Decimal;
  /** Of a meter of outcomes what was reported; `value` is its amount, 0 of a reversal. */
  readonly outcome?: ReportedOutcome;
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
  const event = { source, id, ms, customer: subject, meter, group };
  if (meter.takesAny) return { ...event, value: 1 };
  const { aggregation, unit, value: field = 'quantity' } = meter.definition;
  if (aggregation === 'outcomes') {
    const reported = outcomeOf(event, { ...values, currency }, unit);
    return typeof reported === 'string' ? refuse(reported) : { ...event, ...reported };
  }
  const alien = OUTCOME_KEYS.find((key) => values[key] !== undefined);
  if (alien) return refuse(`${alien} is of outcomes, and meter ${quote(name as string)} counts none`);
  if (aggregation === 'count') return { ...event, value: 1 };
  if (field === 'amount' && currency !== unit)
    return refuse(`currency is not ${unit}, the unit of meter ${quote(name as string)}`);
  const value = fieldOf(values[field]);
  if (value === null) return refuse(`${field} is not a decimal number of 0 or more`);
  return { ...event, value };
}

const OUTCOME_KEYS = ['reverses', 'touchedAt'];

/** The report of an outcome or of its reversal; in words why it is neither. */
function outcomeOf(
  { source, id, ms }: Pick<UsageEvent, 'source' | 'id' | 'ms'>,
  { amount, currency, touchedAt, reverses, ...rest }: Readonly<Record<string, unknown>>,
  unit: string,
): (Pick<UsageEvent, 'value'> & { readonly outcome: ReportedOutcome }) | string {
  const head = { id: outcomeId(source, id), at: formatTimestamp(ms) };
  if (rest.quantity !== undefined) return 'an outcome has an amount, and no quantity';
  if (reverses !== undefined) {
    if (!isName(reverses)) return 'reverses is not the id of an event';
    if (amount !== undefined || touchedAt !== undefined) return 'a reversal has no amount and no touchedAt of its own';
    return { value: 0, outcome: { ...head, reverses: outcomeId(source, reverses) } };
  }
  if (currency !== unit) return `currency is not ${unit}, the unit of the meter`;
  const value = fieldOf(amount);
  if (value === null) return 'amount is not a decimal number of 0 or more';
  const worth = { ...head, amount: formatDecimal(typeof value === 'number' ? fromInteger(BigInt(value)) : value) };
  if (touchedAt === undefined) return { value, outcome: worth };
  const touched = timeOf(touchedAt);
  if (touched === null) return 'touchedAt is not an RFC 3339 time';
  return { value, outcome: { ...worth, touchedAt: formatTimestamp(touched) } };
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
