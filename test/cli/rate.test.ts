import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addRateCommand } from '../../lib/cli/rate.ts';

const GOLDEN = join(import.meta.dirname, '../golden/pricing');
const golden = (name: string) => readFileSync(join(GOLDEN, name), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-rate-'));
  writeFileSync(join(folder, 'card.json'), golden('growth-card.json'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

/** Runs `tollgate rate --rate-card card.json …` in the test's folder. */
async function run(
  args: string[],
  own: { stdin?: Iterable<string> | AsyncIterable<string>; stdout?: Writable; signal?: AbortSignal } = {},
): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: Io = {
    stdout: own.stdout ?? stdout,
    stderr,
    stdin: Readable.from(own.stdin ?? []),
    env: {},
    cwd: folder,
    isTerminal: { stdout: false, stderr: false },
    clock: { now: () => 0 },
    signal: own.signal ?? new AbortController().signal,
    exitCode: 0,
  };
  const [out, err] = [collect(stdout), collect(stderr)];
  await main(['rate', '--rate-card', 'card.json', ...args], io, [addRateCommand], '0.0.0');
  stdout.end();
  stderr.end();
  return { out: await out, err: await err, exitCode: io.exitCode };
}

async function collect(stream: PassThrough): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

const write = (name: string, content: string | object) => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
};
const usage = (customer: string, quantity: unknown) => ({
  customer,
  period: { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' },
  usage: [{ meter: 'api-calls', quantity }],
});
const ndjson = (...usages: object[]) => usages.map((one) => `${JSON.stringify(one)}\n`).join('');
const totals = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => `${JSON.parse(line).customer} ${JSON.parse(line).total}`);

describe('one object', () => {
  test('--json is the published answer, and fits its schema', async () => {
    const { out, err, exitCode } = await run(['--usage', write('usage.json', golden('acme-usage.json')), '--json']);
    expect({ out, err, exitCode }).toEqual({ out: golden('acme-bill.json'), err: '', exitCode: 0 });
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../docs/schema/rated-bill.schema.json'), 'utf8'),
    );
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
    const fits = ajv.compile(schema);
    expect([fits(JSON.parse(out)), fits.errors]).toEqual([true, null]);
  });

  test('the keys of the answer and of its lines stand in the published order', async () => {
    const { out } = await run(['--usage', write('usage.json', golden('acme-usage.json')), '--json']);
    const answer = JSON.parse(out);
    expect(Object.keys(answer)).toEqual([
      'customer',
      'currency',
      'lines',
      'subtotal',
      'discounts',
      'trueUp',
      'capped',
      'total',
      'credits',
      'amountDue',
    ]);
    expect(Object.keys(answer.lines[2])).toEqual([
      'kind',
      'charge',
      'meter',
      'group',
      'tier',
      'quantity',
      'unitPrice',
      'flat',
      'amount',
      'explanation',
    ]);
  });

  test('without --json it is a bill to read', async () => {
    const { out } = await run(['--usage', write('usage.json', golden('acme-usage.json'))]);
    expect(out).toBe(golden('acme-bill.txt'));
  });

  test('standard input may be one object over several lines, or one line', async () => {
    const lines = golden('acme-usage.json').split(/(?<=\n)/);
    expect((await run(['--usage', '-', '--json'], { stdin: lines })).out).toBe(golden('acme-bill.json'));
    const oneLine = [JSON.stringify(JSON.parse(golden('acme-usage.json')))];
    expect((await run(['--usage', '-', '--json'], { stdin: oneLine })).out).toBe(golden('acme-bill.json'));
  });

  test('a byte order mark is no fault', async () => {
    expect((await run(['--usage', write('usage.json', `\ufeff${golden('acme-usage.json')}`)])).exitCode).toBe(0);
  });
});

describe('NDJSON', () => {
  test('one answer a line, in order; blank lines are passed over', async () => {
    const text = `${ndjson(usage('a', 110_000), usage('b', '0'))}\n \n${ndjson(usage('c', 510_000)).trimEnd()}`;
    const { out, exitCode } = await run(['--usage', write('usage.ndjson', text), '--json']);
    expect(totals(out)).toEqual(['a 100.00', 'b 100.00', 'c 224.10']);
    expect(exitCode).toBe(0);
  });

  test('without --json it is a line of text for each', async () => {
    const { out } = await run(['--usage', write('usage.ndjson', ndjson(usage('a', 1), usage('b', 2)))]);
    expect(out.split('\n')).toEqual([
      'a                                  100.00 USD  due           100.00 USD  2 lines',
      'b                                  100.00 USD  due           100.00 USD  2 lines',
      '',
    ]);
  });

  test('standard input of several lines, however it is cut', async () => {
    const text = ndjson(usage('ä', 1), usage('b', 2), usage('c', 3));
    const stdin = [text.slice(0, 100), text.slice(100, 101), text.slice(101)];
    expect(totals((await run(['--usage', '-', '--json'], { stdin })).out)).toEqual([
      'ä 100.00',
      'b 100.00',
      'c 100.00',
    ]);
  });

  test('stops at the first bad line; the answers before it stand', async () => {
    const text = ndjson(usage('a', 1), usage('b', '-2'), usage('c', 3));
    const { out, err, exitCode } = await run(['--usage', write('usage.ndjson', text), '--json']);
    expect(totals(out)).toEqual(['a 100.00']);
    expect(err).toBe('error: usage.ndjson:2 /usage/0/quantity: quantity "-2" is negative\n');
    expect(exitCode).toBe(1);
  });

  test('a line that is cut is named', async () => {
    const text = ndjson(usage('a', 1), usage('b', 2)).slice(0, -20);
    const { out, err, exitCode } = await run(['--usage', write('usage.ndjson', text), '--json']);
    expect(totals(out)).toEqual(['a 100.00']);
    expect(err).toMatch(/^error: usage\.ndjson:2: not JSON: .*\n$/);
    expect(exitCode).toBe(1);
  });

  test('an empty file has no answers', async () => {
    expect(await run(['--usage', write('usage.ndjson', ''), '--json'])).toEqual({ out: '', err: '', exitCode: 0 });
  });

  test('a slow reader is waited for', async () => {
    const text = ndjson(...Array.from({ length: 500 }, (_, i) => usage(`customer-${i}`, 5)));
    let taken = '';
    let writing = 0;
    let most = 0;
    const stdout = new Writable({
      highWaterMark: 1,
      decodeStrings: false,
      write(chunk, _encoding, done) {
        most = Math.max(most, ++writing);
        setImmediate(() => {
          taken += chunk;
          writing--;
          done();
        });
      },
    });
    const { exitCode } = await run(['--usage', write('usage.ndjson', text), '--json'], { stdout });
    expect([totals(taken).length, most, stdout.writableLength, exitCode]).toEqual([500, 1, 0, 0]);
  });

  test('a reader that goes away ends the run without noise', async () => {
    const text = ndjson(...Array.from({ length: 2000 }, (_, i) => usage(`customer-${i}`, 5)));
    const stdout = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    stdout.on('error', () => {});
    const { err, exitCode } = await run(['--usage', write('usage.ndjson', text), '--json'], { stdout });
    expect([err, exitCode]).toEqual(['', 0]);
  });

  test('Ctrl-C stops it', async () => {
    const stop = new AbortController();
    stop.abort();
    const { out, exitCode } = await run(['--usage', write('usage.ndjson', ndjson(usage('a', 1)))], {
      signal: stop.signal,
    });
    expect([out, exitCode]).toEqual(['', 130]);
  });
});

describe('bad input is one line on stderr, exit code 1 and no answer', () => {
  const bad = async (name: string, content: string | object) => {
    const { out, err, exitCode } = await run(['--usage', write(name, content), '--json']);
    expect([out, exitCode]).toEqual(['', 1]);
    return err;
  };

  test.each([
    [
      'an unpriced meter',
      { ...usage('a', 1), usage: [{ meter: 'tokens', quantity: 0 }] },
      'error: usage.json /usage/0/meter: no charge of the card "growth" takes the meter "tokens" (add a charge for it, or name the meter in "freeMeters")\n',
    ],
    [
      'an unknown key',
      { ...usage('a', 1), credit: [] },
      'error: usage.json /credit: unknown key "credit" (did you mean "credits"?)\n',
    ],
    [
      'a key with a line break',
      { ...usage('a', 1), 'x\ny': 1 },
      'error: usage.json /x\\u000ay: unknown key "x\\ny" (known keys: period, usage, customer, active, timeZone, credits, customerSince, spendCap, earlierOutcomes)\n',
    ],
    [
      'a money amount as a number',
      { ...usage('a', 1), credits: [{ id: 'w', kind: 'promo', balance: 20 }] },
      'error: usage.json /credits/0/balance: 20 is not a decimal string (write it as a string: "20")\n',
    ],
    [
      'events where a quantity is priced',
      { ...usage('a', 1), usage: [{ meter: 'api-calls', events: ['1'] }] },
      'error: usage.json /usage/0/events: the charge "calls" is priced by quantity, and this usage has events\n',
    ],
    [
      'the JSON integer 2^53 + 1',
      '{"usage": [9007199254740993]}',
      'error: usage.json: not JSON: the JSON number 9007199254740993 is above 2^53\n',
    ],
    ['no JSON', 'period: x', expect.stringMatching(/^error: usage\.json: not JSON: .*\n$/)],
    ['nothing', '', expect.stringMatching(/^error: usage\.json: not JSON: .*\n$/)],
  ])('%s', async (_why, content, expected) => {
    expect(await bad('usage.json', content)).toEqual(expected);
  });

  test('a bad rate card names its file and pointer', async () => {
    write('card.json', golden('growth-card.json').replace('"0.0004"', '0.0004'));
    expect(await bad('usage.json', usage('a', 1))).toBe(
      'error: card.json /charges/1/price/tiers/0/unitPrice: 0.0004 is not a decimal string (write it as a string: "0.0004")\n',
    );
  });

  test('a missing file and a folder', async () => {
    expect((await run(['--usage', 'none.json'])).err).toBe('error: none.json: no such file\n');
    expect((await run(['--usage', 'none.ndjson'])).err).toBe('error: none.ndjson: no such file\n');
    expect((await run(['--usage', '.'])).err).toBe('error: .: this is a folder, not a file\n');
  });

  test('a missing option', async () => {
    const { err, exitCode } = await run([]);
    expect(err).toContain("required option '--usage <file>' not specified");
    expect(exitCode).toBe(1);
  });
});

test('standard input is read in one go, however long its one line is', async () => {
  const usage = Array.from({ length: 20_000 }, () => ({ meter: 'api-calls', quantity: '1' }));
  const period = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' };
  const text = JSON.stringify({ customer: 'acme', period, usage });
  const pieces = Array.from({ length: Math.ceil(text.length / 8_192) }, (_, i) =>
    text.slice(i * 8_192, (i + 1) * 8_192),
  );
  const { out, err, exitCode } = await run(['--usage', '-', '--json'], { stdin: pieces });
  expect({ err, exitCode, customer: JSON.parse(out).customer }).toEqual({ err: '', exitCode: 0, customer: 'acme' });
}, 20_000);

test('Ctrl-C ends the wait for standard input that does not end', async () => {
  const [stop, stdin] = [new AbortController(), new PassThrough()];
  const running = run(['--usage', '-', '--json'], { stdin, signal: stop.signal });
  stdin.write('{"customer":');
  setImmediate(() => stop.abort());
  expect(await running).toMatchObject({ out: '', err: '', exitCode: 130 });
}, 10_000);

test('a number above 2^53 is refused as a number, and is only text inside a string', async () => {
  const period = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' };
  const text = JSON.stringify({
    customer: ':9007199254740993,"',
    period,
    usage: [{ meter: 'api-calls', quantity: 1 }],
  });
  expect((await run(['--usage', write('text.json', text), '--json'])).exitCode).toBe(0);
  const number = text.replace('"quantity":1', '"quantity":9007199254740993');
  expect((await run(['--usage', write('number.json', number), '--json'])).err).toMatch(/above 2\^53/);
});

test('10,000 usages in one process are rated in order', async () => {
  const text = ndjson(...Array.from({ length: 10_000 }, (_, i) => usage(`customer-${i}`, String(i * 100))));
  const { out } = await run(['--usage', write('usage.ndjson', text), '--json']);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(10_000);
  expect(lines.every((line, i) => line.startsWith(`{"customer":"customer-${i}"`))).toBe(true);
  // 999,900 calls, of which 10,000 are included: 989,900 × 0.0004 + 49 = 444.96, less 10 %.
  expect(JSON.parse(lines[9_999] ?? '').total).toBe('400.46');
});

test('--help shows an example', async () => {
  const { out } = await run(['--help']);
  expect(out).toContain('$ tollgate rate --rate-card');
});
