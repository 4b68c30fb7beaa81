import fc from 'fast-check';
import { type AccessLine, readAccessLine, type Unreadable } from '../../../lib/domain/metering/access-line.ts';
import { compileMeters, DEFAULT_METERS } from '../../../lib/domain/metering/compile-meters.ts';
import { accessLineOf, type IdentifiedLine, writeAccessLine } from '../../../lib/domain/metering/hour-ids.ts';
import { asLogged, Callers, Shapes } from '../../../lib/domain/metering/interned.ts';
import { splitLines } from '../../../lib/domain/metering/line-splitter.ts';
import { AccessLogReader, type Lines } from '../../../lib/domain/metering/log-readers.ts';

const METERS = compileMeters(DEFAULT_METERS);
const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);

/** What a reader makes of some bytes: each line's values, or why it has none, and whether the scanner could read it. */
function scanned(bytes: Uint8Array, pieceBytes = bytes.length || 1) {
  const callers = new Callers(asLogged);
  const shapes = new Shapes(METERS);
  const found: (AccessLine | Unreadable)[] = [];
  let quick = 0;
  const to: Lines = {
    identified(line: IdentifiedLine) {
      if (line.odd === null) quick++;
      found.push({ ...accessLineOf(line, callers, shapes) });
    },
    event: () => {
      throw new Error('no events here');
    },
    malformed: (_file, _line, { reason, epochMs }) =>
      found.push(epochMs === undefined ? { reason } : { reason, epochMs }),
  };
  const sink = splitLines(new AccessLogReader('file', to, callers, shapes));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const memory = Buffer.from(bytes.subarray(at, at + pieceBytes));
    sink.write(memory);
    memory.fill(0);
  }
  sink.end();
  return { found, quick };
}

/** The reference: each line cut off and parsed with JSON.parse. */
function parsed(bytes: Uint8Array) {
  const found: (AccessLine | Unreadable)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at);
    const end = newline < 0 ? bytes.length : newline;
    found.push(readAccessLine(bytes.subarray(at, end > at && bytes[end - 1] === 13 ? end - 1 : end)));
    at = end + 1;
  }
  return found;
}

const token = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9._@/{}-]{0,20}$/),
  fc.constantFrom('-', 'test', 'free@2026-01-01', '/payments/{id}', '/'),
);
const anyText = fc.oneof({ weight: 6, arbitrary: token }, fc.string({ unit: 'binary', maxLength: 8 }));
const number = fc.oneof(fc.nat().map(String), fc.constantFrom('-', '0', '007', '1e3', '', '123456789012', '-1'));
const fields = fc.record({
  id: fc.oneof(fc.base64String({ minLength: 4, maxLength: 20 }), anyText),
  epochMs: fc.oneof(
    fc.integer({ min: 1_000_000_000_000, max: 1_999_999_999_999 }).map(String),
    fc.constantFrom('0', '-', '0123456789012', '9999999999999', '12345678901234', '253402300800000', 'now'),
  ),
  customerId: anyText,
  rateCard: anyText,
  client: anyText,
  method: anyText,
  resourcePath: anyText,
  status: fc.oneof(fc.integer({ min: 100, max: 599 }).map(String), fc.constantFrom('-', '000', '099', '20', '2000')),
  responseBytes: number,
  latencyMs: number,
});
const canonical = fields.map((object) => bytesOf(JSON.stringify(object)));
const unusual = fc
  .tuple(fields, fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 })), fc.constantFrom(0, 1))
  .map(([object, extra, indent]) =>
    bytesOf(JSON.stringify({ ...extra, ...object }, null, indent).replaceAll('\n', '')),
  );
const retyped = fc
  .tuple(fields, fc.constantFrom(...KEYS()), fc.jsonValue({ maxDepth: 1 }))
  .map(([object, key, value]) => bytesOf(JSON.stringify({ ...object, [key]: value })));
const repeated = fc
  .tuple(fields, fields)
  .map(([a, b]) => bytesOf(`${JSON.stringify(a).slice(0, -1)},${JSON.stringify(b).slice(1)}`));
const damaged = fc
  .tuple(canonical, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }), fc.option(fc.nat(300)))
  .map(([line, changes, cut]) => {
    const copy = Uint8Array.from(line.subarray(0, cut === null ? line.length : cut));
    for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte;
    return copy;
  });
const line = fc.oneof(canonical, canonical, unusual, retyped, repeated, damaged, fc.uint8Array({ maxLength: 40 }));
const file = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 12 }), fc.option(line))
  .map(([lines, last]) => Buffer.concat([...lines.flatMap(([l, end]) => [l, bytesOf(end)]), last ?? new Uint8Array()]));

function KEYS(): string[] {
  return ['id', 'epochMs', 'customerId', 'rateCard', 'client', 'method', 'resourcePath', 'status', 'responseBytes'];
}

const usual: AccessLine = {
  id: 'JKJaXmPLvHcESHA=',
  epochMs: 1_768_471_200_123,
  customerId: 'acme',
  rateCard: 'growth@2026-01-01',
  client: 'python',
  method: 'GET',
  resourcePath: '/payments/{id}',
  status: 200,
  responseBytes: 512,
  latencyMs: 23,
};

describe('the scanner', () => {
  test('says of every line what JSON.parse says, in pieces of any size, however damaged the line', () => {
    fc.assert(
      fc.property(file, fc.integer({ min: 1, max: 500 }), (bytes, pieceBytes) => {
        expect(scanned(bytes, pieceBytes).found).toEqual(parsed(bytes));
      }),
      { seed: 20_260_115, numRuns: 600 },
    );
  });

  test('any one byte of a line changed to any other is read as JSON.parse reads it', () => {
    const text = bytesOf(`${writeAccessLine(usual)}\n`);
    const before = bytesOf(`${writeAccessLine({ ...usual, id: 'before' })}\n`);
    for (let at = 0; at < text.length - 1; at++) {
      for (const byte of [0, 9, 0x1f, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x3a, 0x5c, 0x7d, 0x7f, 0x80, 0xc3, 0xff]) {
        const changed = Buffer.concat([before, text, before]);
        changed[before.length + at] = byte;
        expect(scanned(changed).found).toEqual(parsed(changed));
      }
    }
  });

  test('a line cut at any byte is never read as whole', () => {
    const text = bytesOf(writeAccessLine(usual));
    for (let length = 1; length < text.length; length++) {
      const bytes = Buffer.concat([text.subarray(0, length), bytesOf('\n'), text, bytesOf('\n')]);
      expect(scanned(bytes).found).toEqual([{ reason: 'not JSON: cut or damaged' }, usual]);
    }
  });

  test.each([
    { why: 'as the stage writes it', line: usual, quick: 1 },
    { why: 'with unset values', line: { ...usual, customerId: '-', responseBytes: -1, latencyMs: -1 }, quick: 1 },
    { why: 'with a number beyond 9 digits', line: { ...usual, responseBytes: 12_345_678_901 }, quick: 0 },
    { why: 'without a status', line: { ...usual, status: 0 }, quick: 0 },
    { why: 'with a letter beyond ASCII', line: { ...usual, customerId: 'zürich' }, quick: 0 },
    { why: 'with an escape', line: { ...usual, client: 'a"b\\c' }, quick: 0 },
  ])('reads a line $why', ({ line, quick }) => {
    expect(scanned(bytesOf(`${writeAccessLine(line)}\n`))).toEqual({ found: [line], quick });
  });

  test('another line ends the trust in nothing: callers and shapes met before are told apart by every byte', () => {
    const lines = ['acme', 'acmf', 'acm', 'acmee'].flatMap((customerId) =>
      ['GET', 'PUT', 'POST'].flatMap((method) =>
        [200, 201, 404].map((status) => ({ ...usual, customerId, method, status, resourcePath: `/${customerId}` })),
      ),
    );
    const bytes = bytesOf([...lines, ...lines].map((l) => `${writeAccessLine(l)}\n`).join(''));
    expect(scanned(bytes)).toEqual({ found: [...lines, ...lines], quick: 2 * lines.length });
  });
});
