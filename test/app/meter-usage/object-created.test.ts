import { parseObjectCreated } from '../../../lib/app/meter-usage/object-created.ts';

const record = (key: string, more: object = {}, eventName = 'ObjectCreated:Put') => ({
  eventSource: 'aws:s3',
  eventName,
  s3: { bucket: { name: 'ledger' }, object: { key, size: 12, eTag: 'abc', versionId: 'v1', ...more } },
});
const body = (...Records: object[]) => JSON.stringify({ Records });

test('reads every record of a notification, keys decoded', () => {
  const found = parseObjectCreated(body(record('usage/2026/01/15/10/a+b%2Bc%C3%A4.gz'), record('events/x')));
  expect(found).toEqual([
    { bucket: 'ledger', key: 'usage/2026/01/15/10/a b+cä.gz', version: 'v1', etag: 'abc', size: 12 },
    { bucket: 'ledger', key: 'events/x', version: 'v1', etag: 'abc', size: 12 },
  ]);
});

test.each([
  {
    title: 'the test event that S3 sends at set-up',
    text: JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' }),
  },
  { title: 'an event about a removal', text: body(record('k', {}, 'ObjectRemoved:Delete')) },
  { title: 'a notification without records', text: body() },
])('$title names no object', ({ text }) => {
  expect(parseObjectCreated(text)).toEqual([]);
});

test('a bucket without versions has the version null, as S3 calls it', () => {
  expect(parseObjectCreated(body(record('k', { versionId: undefined })))).toMatchObject([{ version: 'null' }]);
});

test.each([
  { title: 'no JSON', text: 'hello' },
  { title: 'no object', text: '3' },
  { title: 'no records', text: '{}' },
  { title: 'a record without a name', text: '{"Records":[{}]}' },
  {
    title: 'a record without a key',
    text: '{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"}}}]}',
  },
])('refuses a message with $title', ({ text }) => {
  expect(() => parseObjectCreated(text)).toThrow(/no S3 event notification/);
});
