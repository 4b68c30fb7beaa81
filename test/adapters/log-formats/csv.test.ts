import { type CsvColumns, csvLog } from '../../../lib/adapters/log-formats/csv.ts';
import { readLogTime } from '../../../lib/adapters/log-formats/log-time.ts';
import { compileMeters, DEFAULT_METERS } from '../../../lib/domain/metering/compile-meters.ts';
import { UsageCounter } from '../../../lib/domain/metering/counter.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';

const meters = compileMeters({
  meters: [
    ...DEFAULT_METERS.meters,
    { id: 'peak', unit: 'x', source: 'accessLog', aggregation: 'max', value: 'latencyMs' },
  ],
});
function count(text: string, columns: Omit<CsvColumns, 'meters'>, pieceBytes = 1_000) {
  const counter = new UsageCounter({ meters });
  const sink = csvLog('f.csv', counter, { ...columns, meters });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) sink.write(bytes.subarray(at, at + pieceBytes));
  sink.end();
  const { lines, malformed, records } = counter.finish();
  return {
    lines,
    malformed: malformed.map(({ line, reason }) => `${line}: ${reason}`),
    records: [...records()].map(({ customer, meter, quantity }) => `${customer} ${meter} ${quantity}`),
  };
}
const tokens = [{ meter: 'tokens', column: 'n' }];

describe('a CSV log', () => {
  test('a column that is asked for and stands twice is refused: either could be meant', () => {
    const ask = () => count('when,n,n\n2026-01-15,1,2\n', { time: 'when', measures: tokens });
    expect(ask).toThrow(expect.objectContaining({ code: 'duplicate-key', path: 'f.csv' }));
    expect(count('when,x,x\n2026-01-15,1,2\n', { time: 'when', measures: [] }).records).toEqual(['all api-calls 1']);
  });

  test('a time that RFC 3339 cannot write in UTC is malformed', () => {
    expect(readLogTime('9999-12-31T23:59:59Z')).toBe(parseTimestamp('9999-12-31T23:59:59Z'));
    expect(readLogTime('9999-12-31T23:59:59-14:00')).toBeNull();
  });

  test('counts rows for api-calls and sums measured columns, exactly', () => {
    const text = 'when,n,m\n2026-01-15 10:00:00,0.1,5\n2026-01-15 10:59:59,0.2,9\n';
    const measures = [...tokens, { meter: 'peak', column: 'm' }];
    expect(count(text, { time: 'when', measures })).toEqual({
      lines: { read: 2, counted: 2, notBillable: 0, duplicate: 0, malformed: 0 },
      malformed: [],
      records: ['all api-calls 2', 'all peak 9', 'all tokens 0.3'],
    });
  });

  test.each([1, 2, 3, 1_000])('reads quotes, commas and line ends inside quotes in pieces of %d bytes', (size) => {
    const text = '"when","who ","n"\r\n2026-01-15,"a, ""b""\r\nc",1\r\n"2026-01-15",é,"2"';
    expect(count(text, { time: 'when', customer: 'who', measures: tokens }, size).records).toEqual([
      'a, "b"\nc api-calls 1',
      'a, "b"\nc tokens 1',
      'é api-calls 1',
      'é tokens 2',
    ]);
  });

  test.each([
    { why: 'an empty time', row: ',a,1', reason: '2: its time is empty or unreadable' },
    { why: 'an unreadable time', row: 'soon,a,1', reason: '2: its time is empty or unreadable' },
    { why: 'an empty customer', row: '2026-01-15,,1', reason: '2: its customer is empty' },
    { why: 'an empty measure', row: '2026-01-15,a,', reason: '2: "n" is empty or no decimal number of 0 or more' },
    { why: 'a negative measure', row: '2026-01-15,a,-1', reason: '2: "n" is empty or no decimal number of 0 or more' },
    {
      why: 'a measure in words',
      row: '2026-01-15,a,many',
      reason: '2: "n" is empty or no decimal number of 0 or more',
    },
    { why: 'too few cells', row: '2026-01-15,a', reason: '2: 2 cells where the header has 3' },
    { why: 'too many cells', row: '2026-01-15,a,1,2', reason: '2: 4 cells where the header has 3' },
    { why: 'no cells', row: '', reason: '2: empty line' },
    { why: 'text after a quote', row: '2026-01-15,"a"b,1', reason: '2: text after a closing quote' },
  ])('a row with $why is malformed and counts nowhere', ({ row, reason }) => {
    const { lines, malformed } = count(`t,who,n\n${row}\n2026-01-15,a,1\n`, {
      time: 't',
      customer: 'who',
      measures: tokens,
    });
    expect(malformed).toEqual([reason]);
    expect(lines).toMatchObject({ read: 2, counted: 1, malformed: 1 });
  });

  test('a quote that is never closed is one malformed row, where it begins', () => {
    expect(count('t\n2026-01-15\n"2026\nx\n', { time: 't', measures: [] }).malformed).toEqual([
      '3: a quoted cell is not closed',
    ]);
  });

  test('a quote never closed in a long file swallows a bounded part of it', () => {
    const rows = '2026-01-15\n'.repeat(150_000);
    const { lines } = count(`t\n"open\n${rows}`, { time: 't', measures: [] }, 65_536);
    expect(lines.malformed).toBe(1);
    expect(lines.counted).toBeGreaterThan(50_000);
  });

  test('a header without a column that is asked for is an error that names those there are', () => {
    expect(() => count('a,b\n', { time: 't', measures: [] })).toThrow(
      expect.objectContaining({ code: 'unknown-column', path: 'f.csv', hint: 'its columns are "a", "b"' }),
    );
  });

  test('an empty file is no rows', () => {
    expect(count('', { time: 't', measures: [] }).lines.read).toBe(0);
  });
});

describe('times', () => {
  test.each([
    { text: '2023-11-16 18:15:46.6805900', is: '2023-11-16T18:15:46.680Z' },
    { text: '2023-11-16T18:15:46Z', is: '2023-11-16T18:15:46Z' },
    { text: '2023-11-16t18:15:46.1z', is: '2023-11-16T18:15:46.1Z' },
    { text: '2023-11-16 18:15:46+02:00', is: '2023-11-16T16:15:46Z' },
    { text: '2023-11-16 18:15:46 -0530', is: '2023-11-16T23:45:46Z' },
    { text: '2023-11-16 18:15:46 UTC', is: '2023-11-16T18:15:46Z' },
    { text: '2023-11-16 18:15', is: '2023-11-16T18:15:00Z' },
    { text: '2023-11-16', is: '2023-11-16T00:00:00Z' },
    { text: '1700158546', is: '2023-11-16T18:15:46Z' },
    { text: '1700158546.25', is: '2023-11-16T18:15:46.25Z' },
    { text: '1700158546250', is: '2023-11-16T18:15:46.25Z' },
  ])('$text is $is', ({ text, is }) => {
    expect(readLogTime(text)).toBe(parseTimestamp(is));
  });
  test.each([
    '',
    '12',
    '17001585462',
    '17001585462500',
    '2023-13-01',
    '2023-02-29',
    '16/11/2023',
    '18:15',
    '1969-12-31',
  ])('%j is no time, or could be more than one', (text) => {
    expect(readLogTime(text)).toBeNull();
  });
});
