import { loadRules } from '../../lib/cli/plan/load-rules.ts';
import { customerOfLine, partOf } from '../../lib/cli/plan/parts.ts';
import { findUsageFiles } from '../../lib/cli/plan/usage-files.ts';
import { priceInWorkers } from '../../lib/cli/plan/worker-pool.ts';
import type { Impact, LeftOut } from '../../lib/domain/impact/customer-impact.ts';
import { noNotes } from '../../lib/domain/impact/evaluate.ts';
import { parseMonth } from '../../lib/domain/time/time.ts';
import { COMPANIES, COMPANIES_USAGE, calls, dearerGrowth, OCTOBER, PlanWorld } from './plan-world.ts';

let world: PlanWorld;
beforeAll(() => {
  world = new PlanWorld();
  world.rules('base');
  world.rules('head', dearerGrowth());
  world.json('customers.json', COMPANIES);
  world.lines('a.ndjson', COMPANIES_USAGE);
  // The same customers again, written in every other way that JSON has.
  world.write(
    'b.ndjson',
    [
      JSON.stringify(calls('bolt', 310)),
      ` { "period" : ${JSON.stringify(OCTOBER)}, "usage" : [ { "quantity" : 7, "hour" : "2026-10-03T04:00:00Z", "meter" : "api-calls" } ], "customer" : "corp" } `,
      '',
      '{"customer":"cl\\u0069nic","period":{"start":"2026-10-01T00:00:00Z","end":"2026-11-01T00:00:00Z"},"usage":[{"meter":"api-calls","hour":"2026-10-01T02:00:00+02:00","quantity":"12.5"}]}',
      JSON.stringify({
        records: [{ customer: 'hobby', meter: 'api-calls', group: null, hour: '2026-10-02T00:00:00Z', quantity: '5' }],
      }),
      JSON.stringify({ customer: 'Ünïcode 会社', period: OCTOBER, usage: [] }),
    ].join('\n'),
  );
});
afterAll(() => world.remove());

const args = ['--base', 'base', '--head', 'head', '--usage', 'a.ndjson', 'b.ndjson', '--customers', 'customers.json'];

test('threads answer the same bytes as one, whatever customers stand in several lines and files', async () => {
  const [one, three] = [
    await world.plan([...args, '--format', 'json', '--jobs', '1']),
    await world.plan([...args, '--format', 'json', '--jobs', '3']),
  ];
  expect(one.err).toBe('');
  expect(three).toEqual(one);
}, 60_000);

test('read in several passes, as a million customers are, everyone is priced once and alike', async () => {
  const io = world.io();
  const load = async (name: string) => (await loadRules(name, 'rules', io))?.files ?? {};
  const [base, head] = [await load('base'), await load('head')];
  const files = await findUsageFiles(['a.ndjson', 'b.ndjson'], world.folder);
  const price = async (threads: number, passes: number) => {
    const found: (Impact | LeftOut)[] = [];
    const notes = noNotes();
    const job = { base, head, files, customers: null, threads, passes, periodOf: () => parseMonth('2026-10') };
    await priceInWorkers(job, (one) => found.push(one), notes, io);
    return { found: found.sort((a, b) => (a.id < b.id ? -1 : 1)), notes };
  };
  const once = await price(1, 1);
  expect(once.found).toHaveLength(8);
  expect(await price(2, 3)).toEqual(once);
}, 60_000);

test('the first fault in the order of files and lines is told, whichever thread finds one', async () => {
  world.lines('bad.ndjson', [calls('a', 31), calls('b', -31), calls('c', -31), calls('d', -31), calls('e', -31)]);
  for (const jobs of ['1', '2', '3']) {
    const { err, exitCode } = await world.plan([
      '--base',
      'base',
      '--head',
      'head',
      '--usage',
      'bad.ndjson',
      '--jobs',
      jobs,
    ]);
    expect({ jobs, exitCode, at: err.split(' ')[1] }).toEqual({ jobs, exitCode: 1, at: 'bad.ndjson:2' });
  }
}, 60_000);

test('a number of threads that is none is refused', async () => {
  const { err, exitCode } = await world.plan([...args, '--jobs', '0']);
  expect({ err, exitCode }).toEqual({ err: 'error: --jobs: "0" is not a number from 1 to 99\n', exitCode: 1 });
});

describe('customerOfLine finds whose line it is without parsing', () => {
  const owner = (line: string, of = 1_000) => customerOfLine(Buffer.from(line), 0, Buffer.byteLength(line), of);
  test.each([
    { line: '{"customer":"acme","usage":[]}', customer: 'acme' },
    { line: '{ "usage": [], "customer" : "会社" }', customer: '会社' },
    { line: '{"usage":[{"meter":"customer"}],"customer":"acme"}', customer: 'acme' },
  ])('$line', ({ line, customer }) => {
    expect(owner(line)).toBe(partOf(customer, 1_000));
  });
  test.each([
    { line: '{"customer":"ac\\u006de"}', why: 'an escape' },
    { line: '{"records":[{"customer":"a"},{"customer":"b"}]}', why: 'several customers' },
    { line: '{"usage":[]}', why: 'no customer' },
    { line: '{"customer":7}', why: 'no string' },
    { line: '{"customer":"cut', why: 'no end' },
  ])('$line is for anyone: $why', ({ line }) => {
    expect(owner(line)).toBe('anyone');
  });
});
