import { combinedLog, readCombinedLine } from '../../../lib/adapters/log-formats/combined.ts';
import { compileMeters, DEFAULT_METERS } from '../../../lib/domain/metering/compile-meters.ts';
import { UsageCounter } from '../../../lib/domain/metering/counter.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';

const line = ({
  address = '192.0.2.1',
  user = '-',
  time = '15/Jan/2026:10:00:00 +0000',
  request = 'GET /a HTTP/1.1',
  rest = '200 512',
} = {}) => `${address} - ${user} [${time}] "${request}" ${rest}`;

test('a time that RFC 3339 cannot write in UTC is no time', () => {
  const late = line({ time: '31/Dec/9999:23:59:59 -1400' });
  expect(readCombinedLine(late)).toBe('its time is no time of the calendar');
});

describe('a line of the common or combined format', () => {
  test('gives caller, time, method, path, status and bytes', () => {
    expect(readCombinedLine(line())).toEqual({
      caller: '192.0.2.1',
      epochMs: parseTimestamp('2026-01-15T10:00:00Z'),
      method: 'GET',
      resourcePath: '/a',
      status: 200,
      responseBytes: 512,
    });
  });

  test.each([
    { why: 'combined', text: line({ rest: '200 512 "http://x/" "curl \\"8\\" [1]"' }), part: { status: 200 } },
    { why: 'more fields after those', text: line({ rest: '200 512 "-" "-" 0.004 "10.0.0.1"' }), part: { status: 200 } },
    {
      why: 'an offset',
      text: line({ time: '15/Jan/2026:10:00:00 -0530' }),
      part: { epochMs: parseTimestamp('2026-01-15T15:30:00Z') },
    },
    { why: 'IPv6', text: line({ address: '2001:db8::1' }), part: { caller: '2001:db8::1' } },
    { why: 'IPv6 with port', text: line({ address: '[2001:db8::1]:443' }), part: { caller: '2001:db8::1' } },
    { why: 'IPv4 with port', text: line({ address: '192.0.2.1:5678' }), part: { caller: '192.0.2.1' } },
    { why: 'a host name', text: line({ address: 'client.example' }), part: { caller: 'client.example' } },
    { why: 'a user with spaces', text: line({ user: 'ada l [x]' }), part: { caller: '192.0.2.1', status: 200 } },
    { why: 'a query', text: line({ request: 'GET /a/b?c=/d HTTP/1.1' }), part: { resourcePath: '/a/b' } },
    { why: 'escaped quotes', text: line({ request: 'GET /a\\"b\\\\ HTTP/1.1' }), part: { resourcePath: '/a\\"b\\\\' } },
    {
      why: 'an absolute target',
      text: line({ request: 'GET http://x.example:80?q HTTP/1.1' }),
      part: { resourcePath: '/' },
    },
    {
      why: 'no request',
      text: line({ request: '-', rest: '408 -' }),
      part: { method: '-', resourcePath: '-', status: 408 },
    },
    { why: 'an empty request', text: line({ request: '' }), part: { method: '-' } },
    {
      why: 'a TLS hello',
      text: line({ request: '\\x16\\x03\\x01', rest: '400 226' }),
      part: { method: '-', status: 400 },
    },
    { why: 'HTTP/0.9', text: line({ request: 'GET /old' }), part: { method: 'GET', resourcePath: '/old' } },
    { why: 'no status', text: line({ rest: '- -' }), part: { status: 0, responseBytes: 0 } },
  ])('reads $why', ({ text, part }) => {
    expect(readCombinedLine(text)).toMatchObject(part);
  });

  test.each([
    { why: 'empty', text: ' ', reason: 'empty line' },
    { why: 'cut', text: line().slice(0, 60), reason: 'not a line' },
    { why: 'JSON', text: '{"id":"1"}', reason: 'not a line' },
    { why: 'an impossible day', text: line({ time: '31/Feb/2026:10:00:00 +0000' }), reason: 'no time' },
    { why: 'an unknown month', text: line({ time: '01/Foo/2026:10:00:00 +0000' }), reason: 'no time' },
    { why: 'an impossible hour', text: line({ time: '01/Jan/2026:25:00:00 +0000' }), reason: 'no time' },
    { why: 'a status in words', text: line({ rest: 'OK 5' }), reason: 'not a line' },
  ])('refuses $why', ({ text, reason }) => {
    expect(readCombinedLine(text)).toContain(reason);
  });
});

test('a file is read in pieces of any size, with LF or CRLF, with or without a last line end', () => {
  const lines = [line(), line({ address: 'é.example' }), 'nonsense', line({ address: '192.0.2.2', rest: '500 1' })];
  const counts = ['\n', '\r\n'].flatMap((end) =>
    [lines.join(end), lines.join(end) + end].flatMap((text) =>
      [1, 7, 1000].map((size) => {
        const counter = new UsageCounter({ meters: compileMeters(DEFAULT_METERS) });
        const sink = combinedLog('f', counter);
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; at += size) sink.write(bytes.subarray(at, at + size));
        sink.end();
        const { lines, malformed, records } = counter.finish();
        return { lines, malformed, records: [...records()].map(({ customer, quantity }) => `${customer} ${quantity}`) };
      }),
    ),
  );
  expect(new Set(counts.map((count) => JSON.stringify(count))).size).toBe(1);
  expect(counts[0]).toEqual({
    lines: { read: 4, counted: 2, notBillable: 1, duplicate: 0, malformed: 1 },
    malformed: [{ file: 'f', line: 3, reason: 'not a line of the common or combined log format' }],
    records: ['192.0.2.1 1', 'é.example 1'],
  });
});
