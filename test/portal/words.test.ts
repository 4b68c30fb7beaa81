import { parseTimestamp } from '../../lib/domain/time/time.ts';
import { spanWords, timeIn } from '../../lib/portal/design/words.ts';

test.each([
  ['2026-12-01T00:00:00Z', null, '1 December 2026, 00:00 UTC'],
  ['2026-12-01T00:00:00Z', 'UTC', '1 December 2026, 00:00 UTC'],
  ['2026-12-01T00:00:00Z', 'Europe/Berlin', '1 December 2026, 00:00 UTC (01:00 in Europe/Berlin)'],
  ['2026-07-01T10:00:00Z', 'Europe/Berlin', '1 July 2026, 10:00 UTC (12:00 in Europe/Berlin)'],
  ['2026-12-01T00:00:00Z', 'Asia/Kathmandu', '1 December 2026, 00:00 UTC (05:45 in Asia/Kathmandu)'],
  ['2026-12-01T22:00:00Z', 'Asia/Tokyo', '1 December 2026, 22:00 UTC (2 December 2026, 07:00 in Asia/Tokyo)'],
])('%s in %s is %s', (at, zone, words) => expect(timeIn(parseTimestamp(at), zone)).toBe(words));

test.each([
  [1, 'one minute'],
  [60_000, 'one minute'],
  [60_001, '2 minutes'],
  [85 * 60_000, '85 minutes'],
  [91 * 60_000, '2 hours'],
  [49 * 3_600_000, '3 days'],
])('%d ms is %s, never less', (ms, words) => expect(spanWords(ms)).toBe(words));
