import type { EpochMs } from '../time/time.ts';

/** One call as the access log says it. Unset (`-`) numbers are -1, an unset status 0. */
export interface AccessLine {
  readonly id: string;
  readonly epochMs: EpochMs;
  /** `-` when the caller is unknown. */
  readonly customerId: string;
  readonly rateCard: string;
  readonly client: string;
  readonly method: string;
  readonly resourcePath: string;
  readonly status: number;
  readonly responseBytes: number;
  readonly latencyMs: number;
}

/** Why a line cannot be counted, in words that do not depend on the Node version. */
export interface Unreadable {
  readonly reason: string;
  /** Its time, where that much could be read: what the hour's close needs to give the line a place. */
  readonly epochMs?: EpochMs;
}

export const UNSET = '-';
/** The last instant that RFC 3339 can write: 9999-12-31T23:59:59.999Z. */
export const LAST_MS = 253_402_300_799_999;

const DIGITS = /^\d{1,15}$/;
const STATUS = /^\d{3}$/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 to text, or null: a byte that is not UTF-8 must not turn into some other character and be billed. */
export function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Parses JSON text to an object, or says why not. */
export function parseObject(bytes: Uint8Array): { readonly object: Record<string, unknown> } | Unreadable {
  const text = decodeStrictly(bytes);
  if (text === null) return { reason: 'not UTF-8' };
  if (text.trim() === '') return { reason: 'empty line' };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { reason: 'not a JSON object' };
    return { object: value as Record<string, unknown> };
  } catch {
    return { reason: 'not JSON: cut or damaged' };
  }
}

/**
 * Reads one JSON line exactly: any key order, more keys, escapes, numbers for strings, the last of equal keys. The
 * scanner must agree with it on every line; it is what the scanner falls back to.
 */
export function readAccessLine(bytes: Uint8Array): AccessLine | Unreadable {
  const parsed = parseObject(bytes);
  return 'object' in parsed ? accessLineOf(parsed.object) : parsed;
}

const KEYS = [
  'id',
  'epochMs',
  'customerId',
  'rateCard',
  'client',
  'method',
  'resourcePath',
  'status',
  'responseBytes',
  'latencyMs',
] as const;
const REQUIRED: ReadonlySet<string> = new Set(['id', 'epochMs', 'customerId', 'status']);

function accessLineOf(object: Record<string, unknown>): AccessLine | Unreadable {
  const texts: Partial<Record<(typeof KEYS)[number], string>> = {};
  let fault: string | null = null;
  for (const key of KEYS) {
    const text = textOf(object, key);
    if (text === null) fault ??= Object.hasOwn(object, key) ? `${key} is not a string` : `${key} is missing`;
    else texts[key] = text;
  }
  const { epochMs = '', id, status = '', responseBytes = UNSET, latencyMs = UNSET } = texts;
  const time = DIGITS.test(epochMs) && Number(epochMs) <= LAST_MS ? Number(epochMs) : null;
  fault ??= time === null ? `epochMs ${quote(epochMs)} is not a time in milliseconds` : null;
  fault ??= id === UNSET || id === '' ? 'id is unset, so that a repeat of the line could not be told' : null;
  fault ??= status !== UNSET && !STATUS.test(status) ? `status ${quote(status)} is not an HTTP status` : null;
  fault ??= numberFault('responseBytes', responseBytes) ?? numberFault('latencyMs', latencyMs);
  if (fault !== null) return time === null ? { reason: fault } : { reason: fault, epochMs: time };
  return {
    id: id as string,
    epochMs: time as number,
    customerId: texts.customerId === '' ? UNSET : (texts.customerId as string),
    rateCard: texts.rateCard as string,
    client: texts.client as string,
    method: texts.method as string,
    resourcePath: texts.resourcePath as string,
    status: status === UNSET ? 0 : Number(status),
    responseBytes: numberOf(responseBytes),
    latencyMs: numberOf(latencyMs),
  };
}

function textOf(object: Record<string, unknown>, key: string): string | null {
  if (!Object.hasOwn(object, key)) return REQUIRED.has(key) ? null : UNSET;
  const value = object[key];
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

function numberFault(key: string, text: string): string | null {
  return text === UNSET || DIGITS.test(text) ? null : `${key} ${quote(text)} is not a whole number`;
}

const numberOf = (text: string): number => (text === UNSET ? -1 : Number(text));
/** Shown in a reason, and short even when the value is not. */
export const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
