import { csvTable } from '../../../lib/adapters/customers-file/csv-table.ts';
import { parseCustomers } from '../../../lib/adapters/customers-file/read-customers.ts';
import type { FactDefinition } from '../../../lib/domain/rules/ruleset.ts';

const fact = (id: string, type: FactDefinition['type']): FactDefinition => ({
  id,
  type,
  source: 'customer',
  use: 'price',
});
const FACTS = [
  fact('industry', 'string'),
  fact('companySize', 'number'),
  fact('programme', 'boolean'),
  fact('tags', 'list'),
  fact('mix', 'object'),
];
const HASH = `sha256:${'a'.repeat(64)}`;

describe('a customers file', () => {
  test('JSON, as the contract shows it', () => {
    const entry = {
      id: 'acme',
      name: 'Acme',
      createdAt: '2025-06-01',
      keys: [HASH],
      facts: { industry: 'fintech', companySize: 40 },
      overrides: {},
      timeZone: 'Europe/Berlin',
    };
    expect(parseCustomers(JSON.stringify({ customers: [entry] }), FACTS, 'c.json')).toEqual([entry]);
    expect(parseCustomers('{ "customers": [ { "id": "x" } ] }', FACTS, 'c.json')).toEqual([
      { id: 'x', name: 'x', keys: [], facts: {}, overrides: {} },
    ]);
  });

  test('CSV: a column per fact, typed as facts.json says; an empty cell is no value', () => {
    const text = `\uFEFFid,name,createdAt,industry,companySize,programme,tags,mix,keys\r\nacme,"Acme, ""Inc""",2025-06-01,fintech,4e1,true,a;b,"{""x"":1}",${HASH}\r\n\r\nbeta,,,,many,,,,`;
    expect(parseCustomers(text, FACTS, 'c.csv')).toEqual([
      {
        id: 'acme',
        name: 'Acme, "Inc"',
        createdAt: '2025-06-01',
        keys: [HASH],
        overrides: {},
        facts: { industry: 'fintech', companySize: 40, programme: true, tags: ['a', 'b'], mix: { x: 1 } },
      },
      { id: 'beta', name: 'beta', keys: [], overrides: {}, facts: { companySize: 'many' } },
    ]);
  });

  test.each([
    ['{ "customers": {} }', 'missing-key', 'c'],
    ['{ "customers": [ { "id": "a" }, { "id": "a" } ] }', 'duplicate-id', 'c /customers/1/id'],
    ['{ "customers": [ { "id": "a", "fact": {} } ] }', 'unknown-key', 'c /customers/0/fact'],
    ['{ "customers": [ { "name": "a" } ] }', 'missing-key', 'c /customers/0/id'],
    ['{ "customers": [ { "id": "a", "createdAt": "2025-13-01" } ] }', 'not-a-date', 'c /customers/0/createdAt'],
    ['{ "customers": [ { "id": "a", "keys": ["secret"] } ] }', 'not-a-hashed-key', 'c /customers/0/keys'],
    ['{ "customers": [ { "id": "a", "timeZone": "Mars/Base" } ] }', 'unknown-time-zone', 'c /customers/0/timeZone'],
    ['{ "customers": [ ', 'not-json', 'c'],
    ['name,industry\na,b\n', 'missing-key', 'c:1'],
    ['id,id\na,b\n', 'duplicate-key', 'c:1'],
    ['id,industry\na\n', 'wrong-length', 'c:2'],
    ['id,industry\n"a\nb",x\na,y\n"a\nb",z\n', 'duplicate-id', 'c:5'],
    ['id,keys\na,secret\n', 'not-a-hashed-key', 'c:2'],
    ['', 'missing-key', 'c:1'],
  ])('%j is refused: %s', (text, code, path) => {
    expect(() => parseCustomers(text, FACTS, 'c')).toThrow(expect.objectContaining({ code, path }));
  });
});

describe('csvTable', () => {
  test('quotes, line ends in cells, and where rows begin', () => {
    expect(csvTable('a,"b\nc"\n"d""",\n')).toEqual([
      { line: 1, cells: ['a', 'b\nc'] },
      { line: 3, cells: ['d"', ''] },
    ]);
  });
  test('a stray quote is a fault', () => {
    expect(() => csvTable('a\nb"c,d\n')).toThrow(expect.objectContaining({ code: 'not-csv' }));
  });
});
