const CUSTOMER = Buffer.from('"customer"');
const RECORDS = Buffer.from('"records"');
const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];

/** FNV-1a over UTF-8: the same of a string and of its bytes in a file. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return h >>> 0;
}

export function hashOf(customer: string): number {
  const bytes = Buffer.from(customer);
  return hash(bytes, 0, bytes.length);
}

/** Which of the parts a customer belongs to. */
export const partOf = (customer: string, of: number): number => hashOf(customer) % of;

/**
 * The part of the customer whose usage stands in a line of JSON, without parsing it: most lines belong to another worker.
 * Quotes inside strings are escaped, so `"customer":` is a key wherever it stands.
 * @returns `anyone` for lines that must be parsed to know: ids with escapes, several customers, or no customer at all
 */
export function customerOfLine(bytes: Buffer, start: number, end: number, of: number): number | 'anyone' {
  let at = start;
  for (;;) {
    at = bytes.indexOf(CUSTOMER, at);
    if (at < 0 || at >= end) return 'anyone';
    let next = skipSpace(bytes, at + CUSTOMER.length, end);
    if (bytes[next] !== COLON) {
      at += CUSTOMER.length;
      continue;
    }
    next = skipSpace(bytes, next + 1, end);
    if (bytes[next] !== QUOTE) return 'anyone';
    const records = bytes.subarray(start, at).indexOf(RECORDS);
    if (records >= 0) return 'anyone';
    const close = bytes.indexOf(QUOTE, next + 1);
    if (close < 0 || close >= end) return 'anyone';
    for (let i = next + 1; i < close; i++) if (bytes[i] === BACKSLASH) return 'anyone';
    return hash(bytes, next + 1, close) % of;
  }
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d)) at++;
  return at;
}
