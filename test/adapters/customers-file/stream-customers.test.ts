import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonEntries } from '../../../lib/adapters/customers-file/json-entries.ts';
import { readCustomersFile, streamCustomersFile } from '../../../lib/adapters/customers-file/read-customers.ts';
import type { FactDefinition } from '../../../lib/domain/rules/ruleset.ts';
import { parseCustomer } from '../../../lib/domain/segmentation/customer-list.ts';

const FACTS: FactDefinition[] = [
  { id: 'companySize', type: 'number', source: 'customer', use: 'price' },
  { id: 'mix', type: 'object', source: 'customer', use: 'price' },
];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-customers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(folder, 'customers');
  writeFileSync(path, text);
  return path;
};

async function streamed(path: string) {
  const found = [];
  for await (const some of streamCustomersFile(path, FACTS)) found.push(...some);
  return found;
}

describe('customers piece by piece are those of the whole file', () => {
  test.each([
    '{"customers":[]}',
    '\uFEFF{ "$schema": "x", "customers" : [ { "id": "a{[\\"}" }, {"id":"会社","facts":{"mix":{"x":[1,{}]}}} ] }\n',
    '{"customers":[{"id":"a","facts":{"companySize":1e999}},\n\n{"id":"b","name":"\\u0042"}]\n}',
    '{"$schema":"[{","customers":[{"id":"a"}]}',
    'id,companySize,mix\na,4e1,"{""x"":1}"\nb,1e999,\n',
  ])('%j', async (text) => {
    const path = file(text);
    const whole = await readCustomersFile(path, FACTS);
    const found = await streamed(path);
    expect(found.map(({ customer }) => customer)).toEqual(whole);
    expect(found.map(({ json }) => parseCustomer(JSON.parse(json), ''))).toEqual(whole);
  });

  test.each([
    { text: '{"customers":[{"id":"a"},{"id":"b"},{"id":"a"}]}', code: 'duplicate-id', at: ' /customers/2/id' },
    { text: '{"customers":[{"id":"a"},{"id":"b" "name":1}]}', code: 'not-json', at: ' /customers/1' },
    { text: '{"customers":[{"id":"a"},{"idd":"b"}]}', code: 'unknown-key', at: ' /customers/1/idd' },
    { text: '{"customers":[{"id":"a"}{"id":"b"}]}', code: 'not-json', at: '' },
    { text: '{"customers":[{"id":"a"},]}', code: 'not-json', at: '' },
    { text: '{"customers":[{"id":"a"},{"id":"b"}', code: 'not-json', at: '' },
    { text: '{"customers":[{"id":"a"}, 7]}', code: 'wrong-type', at: ' /customers' },
    { text: '{"customers":[{"id":"a"}],"customers":[{"id":"b"}]}', code: 'wrong-type', at: ' /customers' },
    { text: '{"customers":[{"id":"a"}],"other":1}', code: 'unknown-key', at: ' /other' },
    { text: '[{"id":"a"}]', code: 'missing-key', at: '' },
    { text: 'id\na\nb\na\n', code: 'duplicate-id', at: ':4' },
    { text: '', code: 'missing-key', at: ':1' },
  ])('$text is refused: $code', async ({ text, code, at }) => {
    const path = file(text);
    await expect(streamed(path)).rejects.toMatchObject({ code, path: `${path}${at}` });
  });

  test('a file that is not there is said to be so', async () => {
    const path = join(folder, 'nowhere');
    await expect(streamed(path)).rejects.toMatchObject({ code: 'cannot-read', path, message: 'no such file' });
  });
});

test('an object is whole wherever the pieces are cut', () => {
  const bytes = Buffer.from('{"customers":[ {"id":"a\\\\"},{"id":"ü}","facts":{"x":[{}]}} ,{"id":"c"}],"$schema":"]"}');
  const whole = new JsonEntries().push(bytes);
  expect(whole).toHaveLength(3);
  for (let size = 1; size < bytes.length; size++) {
    const entries = new JsonEntries();
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...entries.push(bytes.subarray(at, at + size)));
    expect({ size, found }).toEqual({ size, found: whole });
    expect(JSON.parse(entries.end())).toEqual({ customers: [0], $schema: ']' });
  }
});
