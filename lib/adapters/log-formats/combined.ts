import { InputError } from '../../domain/input-error.ts';
import { LAST_MS } from '../../domain/metering/access-line.ts';
import type { Call, UsageCounter } from '../../domain/metering/counter.ts';
import type { ByteSink } from '../../domain/metering/line-splitter.ts';
import { type EpochMs, parseTimestamp } from '../../domain/time/time.ts';
import { textLines } from './text-lines.ts';

/**
 * Apache and nginx, common and combined: address, identity, user, [time], "request", status, bytes and whatever follows.
 * Source: Apache HTTP Server 2.4, mod_log_config; quotes inside the request are escaped with a backslash.
 */
const LINE =
  /^(\S+) \S+ .*? ?\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\] "([^"\\]*(?:\\.[^"\\]*)*)" (\d{3}|-) (\d{1,15}|-)(?: .*)?$/s;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const REQUEST = /^([A-Za-z]+) (\S+)(?: HTTP\/\d(?:\.\d)?)?$/;

/** Counts a log of Apache or nginx. The customer is the client address; there are no ids, so every line counts. */
export function combinedLog(file: string, counter: UsageCounter): ByteSink {
  return textLines({
    line(text, number) {
      const call = readCombinedLine(text);
      if (typeof call === 'string') counter.malformed(file, number, { reason: call });
      else counter.call(call, file, number);
    },
    malformed: (number, reason) => counter.malformed(file, number, { reason }),
  });
}

/** @returns the call, or why the line is none */
export function readCombinedLine(text: string): Call | string {
  if (text.trim() === '') return 'empty line';
  const found = LINE.exec(text);
  if (!found) return 'not a line of the common or combined log format';
  const [, address = '', day, month = '', year, time, hours, minutes, request = '', status = '', bytes = ''] = found;
  const epochMs = timeOf(
    `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day}T${time}${hours}:${minutes}`,
  );
  if (epochMs === null) return 'its time is no time of the calendar';
  const { method, resourcePath } = requestOf(request);
  return {
    epochMs,
    caller: addressOf(address),
    method,
    resourcePath,
    status: status === '-' ? 0 : Number(status),
    responseBytes: bytes === '-' ? 0 : Number(bytes),
  };
}

function timeOf(text: string): EpochMs | null {
  try {
    const ms = parseTimestamp(text);
    return ms < 0 || ms > LAST_MS ? null : ms;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Without the port that some proxies add: `192.0.2.1:5678`, `[2001:db8::1]:443`. */
function addressOf(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text);
  if (bracketed) return bracketed[1] as string;
  return /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
}

/** The path without its query; a request that is none (`-`, a TLS hello) has neither method nor path. */
function requestOf(request: string): { method: string; resourcePath: string } {
  const [, method = '-', target = '-'] = REQUEST.exec(request) ?? [];
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return { method: method.toUpperCase(), resourcePath: path === '' ? '/' : path };
}
