import { createHash } from 'node:crypto';
import { canonicalJson } from '../invoicing/canonical.ts';
import type { InvoiceKind } from '../invoicing/invoice.ts';

/**
 * One thing that an invoice was made from. `lines` parts are followed by the ledger's own bytes.
 *
 * A bundle is NDJSON: a head, then a line for each part, `{"part","name","sha256","content"}` in this order, where `sha256` is
 * over the content's bytes as they stand. docs/verify.md describes it, docs/schema/bundle.schema.json each line.
 */
export interface BundlePart {
  readonly part: PartKind;
  /** What a person calls it: `marker of 2026-01-15T10:00:00Z#0`. */
  readonly name: string;
  readonly content: unknown;
  /** Of a `lines` part: whole lines, the last with its newline. */
  readonly lines?: Uint8Array;
}

export const PART_KINDS = [
  'invoice',
  'input',
  'period',
  'marker',
  'row',
  'decision',
  'ruleset',
  'rules',
  'lines',
] as const;
export type PartKind = (typeof PART_KINDS)[number];

export interface BundleHead {
  readonly customer: string;
  readonly kind: InvoiceKind;
  /** RFC 3339, the invoice's period. */
  readonly start: string;
  readonly end: string;
}

export interface Bundle extends BundleHead {
  readonly parts: readonly BundlePart[];
}

/** What differs, by the name of the input. */
export interface Difference {
  readonly input: string;
  readonly message: string;
}

const FORMAT = 'tollgate-bundle-1';
const NEWLINE = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** The pieces of the file, in order; they are to be compressed as they come. */
export function* writeBundle({ customer, kind, start, end, parts }: Bundle): Generator<Uint8Array> {
  const lines = parts.map(written);
  const seal = sealOf(lines);
  const head = { format: FORMAT, customer, kind, start, end, parts: parts.length, seal };
  yield encoder.encode(`${JSON.stringify(head)}\n`);
  for (const { text, bytes } of lines) {
    yield encoder.encode(`${text}\n`);
    if (bytes) yield bytes;
  }
}

interface WrittenPart {
  readonly name: string;
  readonly digest: string;
  readonly text: string;
  readonly bytes: Uint8Array | undefined;
}

function written({ part, name, content, lines }: BundlePart): WrittenPart {
  const full = lines ? { ...(content as object), bytes: lines.length, linesSha256: sha256(lines) } : content;
  const text = canonicalJson(full);
  const digest = sha256(text);
  const front = `{"part":${JSON.stringify(part)},"name":${JSON.stringify(name)},"sha256":"${digest}"`;
  return { name, digest, text: `${front},"content":${text}}`, bytes: lines };
}

const sealOf = (parts: readonly { readonly name: string; readonly digest: string }[]): string =>
  sha256(JSON.stringify(parts.map(({ name, digest }) => [name, digest])));

/** A file that is no bundle at all says why; one that was changed says where. */
export type BundleReading =
  | { readonly outcome: 'read'; readonly bundle: Bundle; readonly differences: readonly Difference[] }
  | { readonly outcome: 'not-a-bundle'; readonly message: string };

/** Reads the uncompressed bytes and checks every part against its digest, and the digests against the head. */
export function readBundle(bytes: Uint8Array): BundleReading {
  const first = lineAt(bytes, 0);
  const head = parseHead(first.text);
  if (typeof head === 'string') return { outcome: 'not-a-bundle', message: head };
  const differences: Difference[] = [];
  const parts: BundlePart[] = [];
  const sealed: { name: string; digest: string }[] = [];
  let at = first.next;
  for (let number = 1; at < bytes.length; number++) {
    const line = lineAt(bytes, at);
    const read = readPart(line.text, number);
    at = line.next;
    sealed.push({ name: read.name, digest: read.digest });
    if (read.fault !== null) differences.push({ input: read.name, message: read.fault });
    const length = read.bytes ?? 0;
    const lines = bytes.subarray(at, at + length);
    at += length;
    if (read.linesSha256 !== undefined && read.fault === null && sha256(lines) !== read.linesSha256) {
      differences.push({ input: read.name, message: lineFault(lines) });
    }
    if (read.part !== null) parts.push({ ...read.part, ...(read.bytes === undefined ? {} : { lines }) });
    // Without its length nothing after a block of lines can be found.
    if (read.part === null && read.name.startsWith('lines ')) break;
  }
  if (differences.length === 0 && (sealed.length !== head.parts || sealOf(sealed) !== head.seal)) {
    const message = `the bundle does not hold the parts that its head was written with (${head.parts})`;
    differences.push({ input: 'head of the bundle', message });
  }
  return { outcome: 'read', bundle: { ...head.bundle, parts }, differences };
}

function lineAt(bytes: Uint8Array, at: number): { readonly text: string | null; readonly next: number } {
  const newline = bytes.indexOf(NEWLINE, at);
  const end = newline < 0 ? bytes.length : newline;
  try {
    return { text: decoder.decode(bytes.subarray(at, end)), next: end + 1 };
  } catch {
    return { text: null, next: end + 1 };
  }
}

interface Head {
  readonly bundle: BundleHead;
  readonly parts: number;
  readonly seal: string;
}

function parseHead(text: string | null): Head | string {
  const read = parseRecord(text);
  if (read === undefined || typeof read.format !== 'string') return 'its first line is not the head of a bundle';
  if (read.format !== FORMAT)
    return `it is of the format ${JSON.stringify(read.format)}; this tollgate reads ${FORMAT}`;
  const { customer, kind, start, end, parts, seal } = read;
  if (kind !== 'usage' && kind !== 'advance' && kind !== 'top-up') return 'its head names no kind of invoice';
  if (typeof customer !== 'string' || typeof start !== 'string' || typeof end !== 'string') {
    return 'its head names no customer and period';
  }
  return { bundle: { customer, kind, start, end }, parts: Number(parts), seal: String(seal) };
}

interface ReadPart {
  readonly name: string;
  readonly digest: string;
  readonly fault: string | null;
  /** Null where so much is damaged that it cannot be used. */
  readonly part: BundlePart | null;
  readonly bytes?: number;
  readonly linesSha256?: string;
}

const FRONT = /^\{"part":"([^"]*)","name":"((?:[^"\\]|\\.)*)","sha256":"([^"]*)","content":/;

function readPart(text: string | null, number: number): ReadPart {
  const found = text === null ? null : FRONT.exec(text);
  const [front = '', kind = '', quoted = '', digest = ''] = found ?? [];
  const name = found ? unquoted(quoted) : `part ${number} of the bundle`;
  const damaged = (fault: string): ReadPart => ({ name, digest, fault, part: null });
  const known = PART_KINDS.find((candidate) => candidate === kind);
  if (text === null || !found || known === undefined) return damaged('it cannot be read');
  const content = text.slice(front.length, -1);
  const value = parsed(content);
  if (value === undefined || !text.endsWith('}')) return damaged('it is not JSON any more');
  const fault = sha256(content) === digest ? null : 'its bytes are not those of its digest';
  const part = { part: known, name, content: value };
  if (known !== 'lines') return { name, digest, fault, part };
  const { bytes, linesSha256 } = value as { bytes?: unknown; linesSha256?: unknown };
  if (fault !== null || typeof bytes !== 'number' || typeof linesSha256 !== 'string') {
    return damaged(fault ?? 'it does not say how many lines follow');
  }
  return { name, digest, fault, part, bytes, linesSha256 };
}

const unquoted = (text: string): string => String(parsed(`"${text}"`) ?? text);

/** Where a line is no JSON any more it can be named; else only that one of them differs. */
function lineFault(lines: Uint8Array): string {
  let [number, at] = [1, 0];
  for (; at < lines.length; number++) {
    const { text, next } = lineAt(lines, at);
    if (parseRecord(text) === undefined) return `line ${number} of it cannot be read any more`;
    at = next;
  }
  return `one of its ${number - 1} lines is not the ledger's`;
}

function parseRecord(text: string | null): Readonly<Record<string, unknown>> | undefined {
  const value = text === null ? undefined : parsed(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
