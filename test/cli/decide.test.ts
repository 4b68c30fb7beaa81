import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { tollgate } from './rules-cli.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const RULES = join(ROOT, 'rules');
const golden = (name: string) => readFileSync(join(ROOT, 'test/golden/rules', name), 'utf8');
const schema = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(join(ROOT, 'docs/schema/decision.schema.json'), 'utf8')),
);

const CUSTOMERS = {
  customers: [
    { id: 'acme', createdAt: '2025-03-01', facts: { industry: 'fintech', companySize: 40, startupProgramme: true } },
    { id: 'big', createdAt: '2023-01-01', facts: { companySize: 900 } },
    { id: 'nameless', facts: {} },
    { id: 'slip', createdAt: '2025-03-01', facts: { companySize: '40', indstry: 'media' } },
  ],
};
const hours = (customer: string, perHour: number) =>
  Array.from({ length: 24 }, (_, i) => ({
    customer,
    meter: 'api-calls',
    group: 'search',
    hour: `2026-01-14T${String(i).padStart(2, '0')}:00:00Z`,
    quantity: String(perHour),
  }));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-decide-'));
  writeFileSync(join(folder, 'customers.json'), JSON.stringify(CUSTOMERS));
  writeFileSync(
    join(folder, 'customers.csv'),
    'id,createdAt,industry,companySize,startupProgramme\nacme,2025-03-01,fintech,40,true\nbig,2023-01-01,,900,\nnameless,,,,\n',
  );
  const records = [...hours('acme', 3_000), ...hours('stranger', 1)];
  writeFileSync(join(folder, 'usage.json'), JSON.stringify({ records, lines: {}, malformed: [] }));
  const line = (customer: string) => JSON.stringify({ customer, period: {}, usage: hours(customer, 3_000) });
  writeFileSync(join(folder, 'usage.ndjson'), `${line('acme')}\n${line('big')}\n`);
  writeFileSync(join(folder, 'cut.ndjson'), `${line('acme')}\n{"customer":"b`);
  writeFileSync(join(folder, 'hourless.json'), '{"customer":"acme","usage":[{"meter":"api-calls","quantity":"1"}]}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const decide = (...args: string[]) => tollgate(folder, ['decide', '--rules', RULES, ...args]);

describe('decide', () => {
  test('a line per customer, in input order, as its schema says; what is amiss on stderr', async () => {
    const { out, err, code } = await decide('--customers', 'customers.json', '--at', '2026-01-15');
    expect(out).toBe(golden('decide.ndjson'));
    for (const line of out.trim().split('\n')) {
      schema(JSON.parse(line));
      expect(schema.errors).toBeNull();
    }
    expect(err).toBe(
      'warning: customers.json: facts.json has no fact "indstry", which is given once (did you mean "industry"?)\n2 of 4 customers are undecided\n',
    );
    expect(code).toBe(0);
  });

  test('both engines write the same', async () => {
    const args = ['--customers', 'customers.json', '--at', '2026-01-15', '--json'];
    expect(await decide(...args, '--engine', 'reference')).toEqual(await decide(...args, '--engine', 'compiled'));
  });

  test('CSV decides as JSON does', async () => {
    const { out } = await decide('--customers', 'customers.csv', '--at', '2026-01-15');
    expect(out).toBe(golden('decide.ndjson').split('\n').slice(0, 3).join('\n').concat('\n'));
  });

  test.each(['usage.json', 'usage.ndjson'])(
    'facts from %s: 72,000 calls on one day are a high volume',
    async (usage) => {
      const { out, err } = await decide('--customers', 'customers.json', '--at', '2026-01-15', '--usage', usage);
      expect(JSON.parse(out.split('\n')[0] as string)).toMatchObject({
        customer: 'acme',
        segments: ['fintech', 'high-volume', 'startup'],
        rateCard: 'business@2025-01-01',
      });
      expect(err.includes('usage of 1 customers who are not in customers.json (stranger)')).toBe(
        usage === 'usage.json',
      );
    },
  );

  test('usage after the day does not count', async () => {
    const { out } = await decide('--customers', 'customers.json', '--at', '2026-01-14', '--usage', 'usage.json');
    expect(JSON.parse(out.split('\n')[0] as string).segments).toEqual(['fintech', 'startup']);
  });

  test('--at picks the version of the card; without it, it is now', async () => {
    const first = async (...at: string[]) =>
      JSON.parse((await decide('--customers', 'customers.json', ...at)).out.split('\n')[0] as string).rateCard;
    expect(await first('--at', '2025-12-31T23:59:59Z')).toBe('growth@2025-01-01');
    expect(await first()).toBe('growth@2026-01-01');
  });

  test('a table on a terminal', async () => {
    const { out } = await tollgate(
      folder,
      ['decide', '--rules', RULES, '--customers', 'customers.csv', '--at', '2026-01-15'],
      { terminal: true },
    );
    expect(out).toBe(golden('decide.txt'));
  });

  test.each([
    [['--customers', 'none.json'], 'error: none.json: no such file\n'],
    [
      ['--customers', 'customers.json', '--at', 'soon'],
      'error: --at: "soon" is not an RFC 3339 time such as "2026-01-15T10:00:00Z"\n',
    ],
    [
      ['--customers', 'customers.json', '--engine', 'fast'],
      'error: --engine: unknown engine "fast" (compiled or reference)\n',
    ],
    [['--customers', 'customers.csv', '--usage', 'none'], 'error: none: no such file\n'],
    [
      ['--customers', 'customers.csv', '--usage', 'cut.ndjson'],
      expect.stringMatching(/^error: cut\.ndjson:2: not JSON: .*\n$/),
    ],
    [['--customers', 'customers.csv', '--usage', 'hourless.json'], expect.stringContaining('has no "hour"')],
    [['--customers', 'customers.csv', '--usage', 'customers.json'], expect.stringContaining('neither "records"')],
  ])('%j: one line, exit 1', async (args, err) => {
    const run = await decide(...args);
    expect({ out: run.out, code: run.code }).toEqual({ out: '', code: 1 });
    expect(run.err.split('\n').at(-2)?.concat('\n')).toEqual(err);
  });
});

describe('usage that is none is refused by file and place', () => {
  test.each([
    { usage: 'null', at: 'bad.json:' },
    { usage: '{"records":[null]}', at: 'bad.json /records/0:' },
    {
      usage: '{"records":[{"customer":"acme","meter":"api-calls","quantity":"-5"}]}',
      at: 'bad.json /records/0/quantity:',
    },
    {
      usage: '{"customer":"acme","usage":[{"meter":"api-calls","quantity":"many"}]}',
      at: 'bad.json /usage/0/quantity:',
    },
    { usage: '{"customer":"acme","usage":[{"meter":"api-calls","hour":"today"}]}', at: 'bad.json /usage/0/hour:' },
  ])('$usage', async ({ usage, at }) => {
    writeFileSync(join(folder, 'bad.json'), usage);
    const { out, err, code } = await decide('--customers', 'customers.json', '--usage', 'bad.json');
    expect({ out, code, error: err.split('\n').find((line) => line.startsWith('error')) }).toEqual({
      out: '',
      code: 1,
      error: expect.stringContaining(`error: ${at} `),
    });
  });

  test('a byte order mark is no part of it', async () => {
    writeFileSync(join(folder, 'marked.json'), '\uFEFF{"records":[]}');
    const { code } = await decide('--customers', 'customers.json', '--usage', 'marked.json', '--at', '2026-01-15');
    expect(code).toBe(0);
  });
});

describe('explain', () => {
  const explain = (...args: string[]) =>
    tollgate(folder, ['explain', ...args, '--rules', RULES, '--customers', 'customers.csv', '--at', '2026-01-15']);

  test('what held, what was near, and why', async () => {
    expect(await explain('acme')).toEqual({ out: golden('explain.txt'), err: '', code: 0 });
  });

  test('as JSON', async () => {
    const { decision, segments } = JSON.parse((await explain('acme', '--json')).out);
    expect(decision).toMatchObject({
      customer: 'acme',
      effectiveFrom: '2026-01-15T00:00:00Z',
      rateCard: 'growth@2026-01-01',
    });
    expect(segments[0]).toMatchObject({ rule: 'fintech', holds: true, changes: [] });
  });

  test('a customer who is not there', async () => {
    const err = 'error: customers.csv: there is no customer "acm" (did you mean "acme"?)\n';
    expect(await explain('acm')).toEqual({ out: '', err, code: 1 });
  });
});

test('a customers file may say which card a customer chose: decide and explain go by it', async () => {
  const customers = {
    customers: [
      { id: 'chose', createdAt: '2026-01-10', facts: { chosenCard: 'business' } },
      { id: 'silent', createdAt: '2026-01-10' },
    ],
  };
  writeFileSync(join(folder, 'chosen.json'), JSON.stringify(customers));
  const { out } = await decide('--customers', 'chosen.json', '--at', '2026-02-01', '--json');
  const decided = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { rateCard: string; tierRule: string });
  expect(decided.map(({ rateCard, tierRule }) => `${rateCard} ${tierRule}`)).toEqual([
    'business@2025-01-01 business-chosen',
    'free@2025-01-01 otherwise',
  ]);
  const said = await tollgate(folder, [
    'explain',
    'chose',
    '--customers',
    'chosen.json',
    '--at',
    '2026-02-01',
    '--rules',
    RULES,
  ]);
  expect(said.out).toContain('+ business-chosen -> business (decides)');
  expect(said.out).toContain('held  chosenCard equal "business", is "business"');
});
