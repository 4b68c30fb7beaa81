import { closest } from 'fastest-levenshtein';
import { InputError } from '../../domain/input-error.ts';
import { parseDecimal } from '../../domain/money/decimal.ts';
import { type EpochMs, parseTimestamp } from '../../domain/time/time.ts';
import { canonicalJson, sha256 } from '../canonical-json.ts';

/** A usage event that is well formed. `line` is its whole content: what is digested, kept in the ledger and counted. */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
  readonly customer: string;
  readonly meter: string;
  readonly ms: EpochMs;
  /** Canonical JSON of the event, without a newline. */
  readonly line: string;
  /** SHA-256, hex, of `line`. */
  readonly digest: string;
}

/** Attributes of CloudEvents 1.0; any other lower-case name is an extension, kept and digested but not read. */
const ATTRIBUTE = /^[a-z0-9]{1,64}$/;
/** As everywhere: what an authorizer context, a table key and a file name can carry unchanged. */
const CUSTOMER = /^[A-Za-z0-9._@-]{1,128}$/;
const CURRENCY = /^[A-Z]{3}$/;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;.*)?$/i;
const DATA_KEYS = ['meter', 'quantity', 'group', 'amount', 'currency', 'touchedAt', 'reverses'];
const TEXT_LENGTH_MAX = 1_024;
/** A DynamoDB number has 38 digits: this leaves room for the sum of a hundred million of the largest. */
const DIGITS_MAX = 30;

/**
 * Reads one event: CloudEvents 1.0 with `type` `tollgate.usage` (CONTRACTS: usage events).
 * @throws InputError with a JSON pointer into the event
 */
export function parseUsageEvent(raw: unknown): UsageEvent {
  const event = objectAt(raw, '');
  for (const [name, value] of Object.entries(event)) checkAttribute(name, value);
  if (event.specversion !== '1.0') throw fault('bad-specversion', '/specversion', 'specversion is "1.0"');
  if (event.type !== 'tollgate.usage') throw fault('bad-type', '/type', 'type is "tollgate.usage"');
  const source = textAt(event.source, '/source');
  if (source.includes('\0')) throw fault('bad-source', '/source', 'source holds a NUL character');
  const id = textAt(event.id, '/id');
  const customer = textAt(event.subject, '/subject');
  if (!CUSTOMER.test(customer)) {
    throw fault('bad-subject', '/subject', `subject is a customer id: up to 128 of A-Z a-z 0-9 . _ @ -`);
  }
  const ms = timeAt(event.time, '/time');
  const { datacontenttype = 'application/json', ...rest } = event;
  if (typeof datacontenttype !== 'string' || !JSON_TYPE.test(datacontenttype)) {
    throw fault(
      'bad-datacontenttype',
      '/datacontenttype',
      'data is JSON: datacontenttype is "application/json" or absent',
    );
  }
  const meter = checkData(event.data, id);
  // The content type of the data is the same for all, and binary mode always states it: leaving it out keeps an event
  // that is repeated in another content mode the same event.
  const line = canonicalJson(rest);
  return { source, id, customer, meter, ms, line, digest: sha256(line) };
}

function checkAttribute(name: string, value: unknown): void {
  if (name === 'data') return;
  if (name === 'data_base64') throw fault('bad-data', '/data_base64', 'data is JSON, not base64');
  if (!ATTRIBUTE.test(name)) {
    throw fault(
      'bad-attribute',
      `/${name}`,
      `${JSON.stringify(name)} is not a CloudEvents attribute name: a-z and 0-9`,
    );
  }
  const simple = typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
  if (!simple) throw fault('bad-attribute', `/${name}`, `${name} is not a string, a boolean or a whole number`);
}

/** @returns the meter */
function checkData(value: unknown, id: string): string {
  if (value === undefined) throw fault('missing', '/data', 'data is missing');
  const data = objectAt(value, '/data');
  const unknown = Object.keys(data).find((key) => !DATA_KEYS.includes(key));
  if (unknown !== undefined) {
    const hint = `did you mean ${closest(unknown, DATA_KEYS)}?`;
    throw fault('unknown-key', `/data/${unknown}`, `unknown key ${JSON.stringify(unknown)}`, hint);
  }
  const meter = textAt(data.meter, '/data/meter');
  if (data.group !== undefined) textAt(data.group, '/data/group');
  if (data.reverses !== undefined) {
    checkReversal(data, id);
    return meter;
  }
  if (data.amount === undefined) {
    const alien = ['currency', 'touchedAt'].find((key) => data[key] !== undefined);
    if (alien !== undefined) {
      throw fault(`${alien}-without-amount`, `/data/${alien}`, `${alien} goes with amount, not with quantity`);
    }
    if (data.quantity === undefined) throw fault('missing', '/data/quantity', 'neither quantity nor amount is given');
    checkQuantity(data.quantity);
  } else {
    if (data.quantity !== undefined) {
      throw fault('quantity-and-amount', '/data/quantity', 'a meter carries a quantity or an amount, not both');
    }
    checkAmount(data.amount, data.currency);
    if (data.touchedAt !== undefined) timeAt(data.touchedAt, '/data/touchedAt');
  }
  return meter;
}

/** The report that an outcome was taken back: it names the outcome, an event of the same source, and has no amount. */
function checkReversal(data: Readonly<Record<string, unknown>>, id: string): void {
  const alien = ['quantity', 'amount', 'currency', 'touchedAt'].find((key) => data[key] !== undefined);
  if (alien !== undefined) {
    throw fault('reversal-with-amount', `/data/${alien}`, `a reversal gives back what was charged: it has no ${alien}`);
  }
  const reverses = textAt(data.reverses, '/data/reverses');
  if (reverses === id) throw fault('reverses-itself', '/data/reverses', 'a reversal is an event of its own');
}

function checkQuantity(value: unknown): void {
  const at = '/data/quantity';
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < 0 || value > 2 ** 53) {
      throw fault(
        'bad-quantity',
        at,
        'a quantity given as a number is whole and from 0 to 2^53',
        'use a decimal string',
      );
    }
    return;
  }
  if (typeof value !== 'string') throw fault('bad-quantity', at, 'quantity is a decimal string such as "1532"');
  checkDecimal(value, at);
}

function checkAmount(amount: unknown, currency: unknown): void {
  if (typeof amount !== 'string') {
    throw fault('bad-amount', '/data/amount', 'money is a decimal string such as "50.00", never a number');
  }
  checkDecimal(amount, '/data/amount');
  if (typeof currency !== 'string' || !CURRENCY.test(currency)) {
    throw fault('bad-currency', '/data/currency', 'an amount goes with an ISO 4217 currency such as "USD"');
  }
}

function checkDecimal(text: string, path: string): void {
  const { units } = located(path, () => parseDecimal(text));
  if (text.startsWith('-')) throw fault('negative', path, 'usage is never negative');
  if (units.toString().length > DIGITS_MAX) {
    throw fault('too-precise', path, `a reported number has at most ${DIGITS_MAX} digits`);
  }
}

function timeAt(value: unknown, path: string): EpochMs {
  const text = textAt(value, path);
  return located(path, () => parseTimestamp(text));
}

function located<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (found) {
    if (found instanceof InputError) throw fault(found.code, path, found.message, found.hint);
    throw found;
  }
}

function textAt(value: unknown, path: string): string {
  const name = path.split('/').at(-1) ?? '';
  if (value === undefined) throw fault('missing', path, `${name} is missing`);
  if (typeof value !== 'string' || value === '') throw fault('not-text', path, `${name} is not a string with content`);
  if (value.length > TEXT_LENGTH_MAX) throw fault('too-long', path, `${name} is over ${TEXT_LENGTH_MAX} characters`);
  return value;
}

function objectAt(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw fault('not-an-object', path, `${path === '' ? 'the event' : path.slice(1)} is not a JSON object`);
}

const fault = (code: string, path: string, message: string, hint?: string) =>
  new InputError({ code, path, message, ...(hint === undefined ? {} : { hint }) });
