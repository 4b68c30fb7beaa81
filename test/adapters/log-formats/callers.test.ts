import { createHash } from 'node:crypto';
import { parseCallers } from '../../../lib/adapters/log-formats/callers.ts';

const hash = (key: string) => `sha256:${createHash('sha256').update(key).digest('hex')}`;
const json = JSON.stringify({
  customers: [
    { id: 'acme', keys: [hash('secret')], facts: { addresses: ['192.0.2.1', '192.0.2.2'] } },
    { id: 'beta', facts: { address: '2001:db8::1' } },
    { id: '192.0.2.9', keys: [] },
  ],
});
const csv = `id,industry,addresses,keys\nacme,fintech,192.0.2.1; 192.0.2.2,${hash('secret')}\nbeta,,"2001:db8::1",\n192.0.2.9,,,\n`;

describe.each([
  { format: 'JSON', text: json },
  { format: 'CSV', text: csv },
])('a customers file in $format', ({ text }) => {
  const customerOf = parseCallers(text);
  test.each([
    { caller: 'acme', customer: 'acme', why: 'its id' },
    { caller: '192.0.2.2', customer: 'acme', why: 'an address' },
    { caller: '2001:db8::1', customer: 'beta', why: 'its only address' },
    { caller: '192.0.2.9', customer: '192.0.2.9', why: 'an id that is an address' },
    { caller: 'secret', customer: 'acme', why: 'a key' },
    { caller: hash('secret'), customer: 'acme', why: 'the hash of a key' },
    { caller: '192.0.2.3', customer: null, why: 'nothing' },
    { caller: '-', customer: null, why: 'nothing' },
  ])('$caller is found by $why', ({ caller, customer }) => {
    expect(customerOf(caller)).toBe(customer);
  });
});

test('a byte order mark is no part of the JSON', () => {
  expect(parseCallers(`\uFEFF${json}`)('192.0.2.2')).toBe('acme');
});

test.each([
  { text: '{', code: 'not-json' },
  { text: '{"customers":[{"id":"a","fact":{}}]}', code: 'unknown-key' },
  { text: '{"customers":[{"id":"a"},{"id":"a"}]}', code: 'duplicate-id' },
  { text: 'id,address\na,192.0.2.1\na,192.0.2.2\n', code: 'duplicate-id' },
  { text: '{}', code: 'missing-key' },
  { text: '{"customers":[{"name":"x"}]}', code: 'missing-key' },
  { text: 'name\nx\n', code: 'unknown-column' },
  { text: 'id,address\na,192.0.2.1\nb,192.0.2.1\n', code: 'ambiguous-caller' },
])('$text is refused: $code', ({ text, code }) => {
  expect(() => parseCallers(text)).toThrow(expect.objectContaining({ name: 'InputError', code }));
});
