import { gzipSync } from 'node:zlib';
import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import {
  dayPrefix,
  daysOf,
  ledgerObjectOf,
  objectHash,
  readContent,
  sourceOf,
} from '../../../lib/app/ledger/ledger-object.ts';
import { addHours, formatDate, parseDate, parseHour } from '../../../lib/domain/time/time.ts';

const stored = (key: string) => ({ key, version: 'v1', etag: 'e', size: 1 });

test.each([
  { key: 'usage/2026/01/15/10/x.gz', kind: 'usage', arrival: '2026-01-15T10:00:00Z' },
  { key: 'events/2025/12/31/23/a/b', kind: 'events', arrival: '2025-12-31T23:00:00Z' },
])('$key is $kind that arrived in $arrival', ({ key, kind, arrival }) => {
  expect(ledgerObjectOf(stored(key))).toMatchObject({ key, kind, arrival: parseHour(arrival) });
});

test.each(['failed/2026/01/15/10/x', 'usage/2026/01/15/10/', 'usage/2026-01-15/x', 'old/usage/2026/01/15/10/x'])(
  '%s is no part of the ledger',
  (key) => expect(ledgerObjectOf(stored(key))).toBeUndefined(),
);

test('days of a span of hours, both ends included', () => {
  const from = parseHour('2026-01-30T23:00:00Z');
  expect(daysOf(from, addHours(from, 27)).map(formatDate)).toEqual(['2026-01-30', '2026-01-31', '2026-02-01']);
  expect(daysOf(from, from).map(formatDate)).toEqual(['2026-01-30']);
  expect(dayPrefix('events', parseDate('2026-01-30'))).toBe('events/2026/01/30/');
});

test('names of an object depend on key, version and part, and are short', () => {
  const names = [
    sourceOf({ key: 'a', version: '1' }, 0),
    sourceOf({ key: 'a', version: '1' }, 1),
    sourceOf({ key: 'a', version: '2' }, 0),
    sourceOf({ key: 'b', version: '1' }, 0),
  ];
  expect(new Set(names).size).toBe(4);
  expect(names.every((name) => Buffer.from(name, 'base64url').length === 8)).toBe(true);
  expect(objectHash({ key: 'a', version: '1' })).not.toBe(objectHash({ key: 'a', version: '2' }));
});

describe('readContent', () => {
  test.each([
    { title: 'gzip', bytes: gzipSync('line\n'), text: 'line\n' },
    { title: 'gzip in members', bytes: Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]), text: 'a\nb\n' },
    { title: 'plain lines', bytes: Buffer.from('{"id":"1"}\n'), text: '{"id":"1"}\n' },
    { title: 'gzip of nothing', bytes: gzipSync(''), text: '' },
  ])('reads $title', async ({ bytes, text }) => {
    const store = memoryObjects();
    await store.put('k', bytes);
    const content = await readContent(store, { key: 'k', version: 'v00000001' });
    expect('bytes' in content && Buffer.from(content.bytes).toString()).toBe(text);
  });

  test('a version that was listed and is gone breaks the ledger’s promise', async () => {
    await expect(readContent(memoryObjects(), { key: 'k', version: '1' })).rejects.toThrow('the ledger only grows');
  });
});
