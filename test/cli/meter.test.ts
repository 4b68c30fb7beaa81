import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addMeterCommand } from '../../lib/cli/meter.ts';
import { writeAccessLine } from '../../lib/domain/metering/hour-ids.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SHARED = resolve(ROOT, process.env.TOLLGATE_SHARED ?? '../shared', 'data');
const schema = JSON.parse(readFileSync(join(ROOT, 'docs/schema/metered.schema.json'), 'utf8'));
const isMetered = new Ajv2020({ allErrors: true }).compile(schema);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-meter-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function meter(
  args: readonly string[],
  stdin: Readable = Readable.from([]),
  signal: AbortSignal = new AbortController().signal,
) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: Io = {
    stdout,
    stderr,
    stdin,
    env: {},
    cwd: folder,
    isTerminal: { stdout: false, stderr: false },
    clock: { now: () => 0 },
    signal,
    exitCode: 0,
  };
  const [out, err] = [stdout.toArray(), stderr.toArray()];
  await main(['meter', ...args], io, [addMeterCommand], '0.0.0');
  stdout.end();
  stderr.end();
  return { out: (await out).join(''), err: (await err).join(''), exitCode: io.exitCode };
}
async function answerOf(args: readonly string[], stdin?: Readable) {
  const { out, exitCode } = await meter([...args, '--json'], stdin);
  expect(exitCode).toBe(0);
  const json = JSON.parse(out);
  isMetered(json);
  expect(isMetered.errors ?? []).toEqual([]);
  return json;
}
const write = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return name;
};

/** A log of 2,000 lines, some of them odd, from a fixed generator. */
function apacheLog(): string {
  const lines = Array.from({ length: 2_000 }, (_, i) => {
    const n = (i * 48_271) % 2_147_483_647;
    const status = [200, 200, 304, 301, 404, 401, 403, 429, 500, 206][n % 10];
    const minute = String(n % 60).padStart(2, '0');
    const request = n % 97 === 0 ? '-' : `GET /a/${n % 7}?q="%22 HTTP/1.1`.replace('"', '\\"');
    return `10.0.${n % 3}.${n % 50} - - [17/May/2015:1${n % 4}:${minute}:00 +0000] "${request}" ${status} 12 "-" "x"`;
  });
  return `${lines.join('\n')}\n`;
}

/** Billable lines by address, counted another way: as awk would, by what follows the first quote and space. */
function countedByHand(log: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of log.split('\n')) {
    const status = Number(/" (\d{3}) /.exec(line)?.[1] ?? 0);
    if (status < 200 || status > 499 || [401, 403, 429].includes(status)) continue;
    const address = line.split(' ')[0] as string;
    counts[address] = (counts[address] ?? 0) + 1;
  }
  return counts;
}

const logs = [{ name: 'a generated log', log: apacheLog() }];
if (existsSync(join(SHARED, 'apache_logs.log'))) {
  logs.push({ name: 'apache_logs.log', log: readFileSync(join(SHARED, 'apache_logs.log'), 'utf8') });
}

describe.each(logs)('$name', ({ log }) => {
  test('gives the counts per address that a count by hand gives', async () => {
    const file = write('access.log', log);
    const { records, lines } = await answerOf(['--log', file, '--format', 'combined']);
    const counts: Record<string, number> = {};
    for (const { customer, meter: id, group, quantity } of records) {
      expect([id, group]).toEqual(['api-calls', null]);
      counts[customer] = (counts[customer] ?? 0) + Number(quantity);
    }
    expect(counts).toEqual(countedByHand(log));
    expect(lines.read).toBe(log.trimEnd().split('\n').length);
  });

  test('gives the same bytes in any order of lines, over any files, gzipped or not, from standard input or not', async () => {
    const args = ['--format', 'combined', '--json'];
    const sorted = log.trimEnd().split('\n').sort();
    const half = Math.floor(sorted.length / 2);
    const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;
    const a = write('a.log.gz', gzipSync(text(sorted.slice(0, half))));
    const b = write('b.log', text(sorted.slice(half)));
    const { out } = await meter(['--log', write('access.log', log), ...args]);
    expect((await meter(['--log', b, a, ...args])).out).toBe(out);
    expect((await meter(['--log', a, '--log', b, ...args])).out).toBe(out);
    expect((await meter(['--log', '-', ...args], Readable.from([Buffer.from(log)]))).out).toBe(out);
  });
});

const call = {
  id: 'a',
  epochMs: 1_768_471_200_000,
  customerId: 'acme',
  rateCard: 'growth@2026-01-01',
  client: 'go',
  method: 'GET',
  resourcePath: '/payments/{id}',
  status: 200,
  responseBytes: 5,
  latencyMs: 3,
};
const lines = [call, { ...call, id: 'b' }, { ...call, id: 'c', customerId: 'beta' }].map(writeAccessLine);

describe('tollgate meter', () => {
  test('counts the same file twice once where lines have ids', async () => {
    const file = write('usage.gz', gzipSync(`${lines.join('\n')}\n`));
    const once = await answerOf(['--log', file, '--format', 'apigw']);
    const twice = await answerOf(['--log', file, file, '--format', 'apigw']);
    expect(twice.records).toEqual(once.records);
    expect(twice.lines).toEqual({ read: 6, counted: 3, notBillable: 0, duplicate: 3, malformed: 0 });
  });

  test('applies the meters and route groups of a rules folder', async () => {
    const meters = write(
      'meters.json',
      JSON.stringify({
        meters: [{ id: 'calls', unit: 'call', source: 'accessLog', aggregation: 'count' }],
        routeGroups: [{ id: 'payments', routes: ['/payments/**'] }],
      }),
    );
    const file = write('usage.json', lines.join('\n'));
    const { records } = await answerOf(['--log', file, '--format', 'apigw', '--meters', meters]);
    const hour = '2026-01-15T10:00:00Z';
    expect(records).toEqual([
      { customer: 'acme', meter: 'calls', group: 'payments', hour, quantity: '2' },
      { customer: 'beta', meter: 'calls', group: 'payments', hour, quantity: '1' },
    ]);
  });

  test('maps callers to customers; one that is nobody’s is not billable', async () => {
    const customers = write(
      'customers.json',
      JSON.stringify({ customers: [{ id: 'acme', facts: { address: '10.0.0.1' } }] }),
    );
    const line = (address: string) => `${address} - - [17/May/2015:10:00:00 +0000] "GET / HTTP/1.1" 200 1`;
    const file = write('three.log', ['10.0.0.1', '10.0.0.2', '10.0.0.1'].map(line).join('\n'));
    const { records, lines } = await answerOf(['--log', file, '--format', 'combined', '--customers', customers]);
    expect(records).toMatchObject([{ customer: 'acme', quantity: '2' }]);
    expect(lines).toMatchObject({ counted: 2, notBillable: 1 });
  });

  test('reads CSV with measures', async () => {
    const file = write('trace.csv', 'TIMESTAMP,Tokens\n2023-11-16 18:15:46.6805900,374\n2023-11-16 18:15:50,bad\n');
    const args = ['--log', file, '--format', 'csv', '--time-column', 'TIMESTAMP', '--measure', 'tokens=Tokens'];
    const { records, malformed } = await answerOf(args);
    const hour = '2023-11-16T18:00:00Z';
    expect(records).toEqual([
      { customer: 'all', meter: 'api-calls', group: null, hour, quantity: '1' },
      { customer: 'all', meter: 'tokens', group: null, hour, quantity: '374' },
    ]);
    expect(malformed).toEqual([{ file, line: 3, reason: '"Tokens" is empty or no decimal number of 0 or more' }]);
  });

  test('a half-written gzip: what came before the cut counts, the rest is one malformed line', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) =>
      writeAccessLine({ ...call, id: `id-${i}`, latencyMs: (i * 7919) % 1000 }),
    );
    const packed = gzipSync(`${many.join('\n')}\n`);
    const file = write('cut.gz', packed.subarray(0, packed.length / 2));
    const { lines, malformed } = await answerOf(['--log', file, '--format', 'apigw']);
    expect(lines.counted).toBeGreaterThan(1_000);
    expect(lines).toEqual({
      read: lines.counted + 1,
      counted: lines.counted,
      notBillable: 0,
      duplicate: 0,
      malformed: 1,
    });
    expect(malformed[0]).toMatchObject({ file, line: lines.read, reason: expect.stringContaining('gzip data is cut') });
  });

  test('malformed lines are a warning, and an error with --strict', async () => {
    const file = write('bad.json', `${lines[0]}\n{"id":\n`);
    const lenient = await meter(['--log', file, '--format', 'apigw', '--json']);
    expect(lenient).toMatchObject({ exitCode: 0, err: expect.stringContaining('warning: 1 of 2 lines are malformed') });
    expect(lenient.err).toContain('bad.json:2: not JSON: cut or damaged');
    const strict = await meter(['--log', file, '--format', 'apigw', '--json', '--strict']);
    expect(strict).toMatchObject({ exitCode: 1, out: lenient.out, err: expect.stringContaining('error: 1 of 2') });
  });

  test('lists the first 10,000 malformed lines and counts the others', async () => {
    const file = write('garbage.json', 'x\n'.repeat(25_000));
    const { malformed, malformedNotListed, lines } = await answerOf(['--log', file, '--format', 'apigw']);
    expect([malformed.length, malformed.at(-1).line, malformedNotListed]).toEqual([10_000, 10_000, 15_000]);
    expect(lines).toMatchObject({ read: 25_000, malformed: 25_000 });
  });

  test('without --json shows the customers that used most', async () => {
    const file = write('usage.json', `${lines.join('\n')}\nx\n`);
    expect((await meter(['--log', file, '--format', 'apigw'])).out).toBe(
      [
        '4 lines read: 3 counted, 0 not billable, 0 duplicates, 1 malformed',
        '',
        'customer  api-calls',
        'acme              2',
        'beta              1',
        '',
        'malformed: usage.json:4: not JSON: cut or damaged',
        '',
      ].join('\n'),
    );
  });

  test('an empty log is no usage', async () => {
    const answer = await answerOf(['--log', write('empty.gz', gzipSync('')), '--format', 'apigw']);
    const none = { read: 0, counted: 0, notBillable: 0, duplicate: 0, malformed: 0 };
    expect(answer).toEqual({ records: [], lines: none, malformed: [] });
  });

  test.each([
    { args: ['--log', 'missing.log', '--format', 'combined'], error: 'error: missing.log: no such file' },
    {
      args: ['--log', 'a', '--format', 'xml'],
      error: 'error: --format: unknown format "xml" (one of combined, apigw, csv, events)',
    },
    { args: ['--log', '-', '-', '--format', 'apigw'], error: 'error: --log: standard input (-) can be read once' },
    { args: ['--log', 'a', '--format', 'csv'], error: 'error: --format csv needs --time-column NAME' },
    {
      args: ['--log', 'a', '--format', 'apigw', '--time-column', 't'],
      error: 'error: --time-column, --customer-column',
    },
    {
      args: ['--log', 'a', '--format', 'csv', '--time-column', 't', '--measure', 'x'],
      error: 'error: --measure: "x" is not METER=COLUMN',
    },
    {
      args: ['--log', 'a', '--format', 'csv', '--time-column', 't', '--measure', 'api-calls=x'],
      error: 'error: --measure: api-calls counts',
    },
    {
      args: ['--log', 'a', '--format', 'apigw', '--meters', 'bad.meters'],
      error: 'error: bad.meters /meters/0/unit: expected text',
    },
    { args: ['--log', 'a', '--format', 'apigw', '--customers', 'no'], error: 'error: no: no such file' },
  ])('$args ends in one line and exit code 1', async ({ args, error }) => {
    write('bad.meters', '{"meters":[{"id":"x","source":"event","aggregation":"sum"}]}');
    const { out, err, exitCode } = await meter(args);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
    expect(err.startsWith(error)).toBe(true);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('events as POST /events takes them, outcomes among them', async () => {
  const event = (id: string, data: object) => ({
    ...{
      specversion: '1.0',
      type: 'tollgate.usage',
      source: '/shop',
      id,
      subject: 'acme',
      time: '2026-01-15T10:00:05Z',
    },
    data: { meter: 'bookings', ...data },
  });
  const events = [
    event('b-1', { amount: '80.00', currency: 'USD', touchedAt: '2026-01-02T09:00:00Z' }),
    event('b-1', { amount: '80.00', currency: 'USD', touchedAt: '2026-01-02T09:00:00Z' }),
    event('r-1', { reverses: 'b-0' }),
    event('b-2', { amount: '8', currency: 'EUR' }),
  ];
  const log = write('events.ndjson', events.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const meters = [{ id: 'bookings', unit: 'USD', source: 'event', aggregation: 'outcomes' }];
  const args = ['--log', log, '--format', 'events', '--meters', write('outcomes.json', JSON.stringify({ meters }))];
  expect(await answerOf(args)).toMatchObject({
    records: [
      {
        quantity: '80',
        outcomes: [
          { id: '/shop#b-1', at: '2026-01-15T10:00:05Z', amount: '80.00', touchedAt: '2026-01-02T09:00:00Z' },
          { id: '/shop#r-1', at: '2026-01-15T10:00:05Z', reverses: '/shop#b-0' },
        ],
      },
    ],
    lines: { read: 4, counted: 2, duplicate: 1, malformed: 1 },
    malformed: [{ line: 4, reason: expect.stringContaining('currency is not USD') }],
  });
});

test('a byte order mark is no part of the meters file', async () => {
  const meters = JSON.stringify({ meters: [{ id: 'all', unit: 'call', source: 'accessLog', aggregation: 'count' }] });
  const log = write('mark.log', '192.0.2.1 - - [15/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1\n');
  const file = write('marked.json', `\uFEFF${meters}`);
  const json = await answerOf(['--log', log, '--format', 'combined', '--meters', file]);
  expect(json.records).toMatchObject([{ meter: 'all', quantity: '1' }]);
});

test('Ctrl-C ends the wait for standard input that does not end', async () => {
  const [stop, stdin] = [new AbortController(), new PassThrough()];
  const running = meter(['--log', '-', '--format', 'combined', '--json'], stdin, stop.signal);
  stdin.write('192.0.2.1 - - [15/Jan/2026:10:00:00 +0000] "GET /');
  setImmediate(() => stop.abort());
  expect(await running).toEqual({ out: '', err: '', exitCode: 130 });
}, 10_000);
