import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import { type Bundle, PART_KINDS, readBundle } from '../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../lib/domain/verification/verify-bundle.ts';
import { SeededRandom } from '../../lib/local/cloud/index.ts';
import { type ServedPeriod, servedPeriod, STACK as stack } from './served-period.ts';

let served: ServedPeriod;
beforeAll(async () => {
  served = await servedPeriod();
}, 60_000);
afterAll(() => served?.close());
const run: ServedPeriod['run'] = (...args) => served.run(...args);
const at = (name: string) => join(served.folder, name);

test('an invoice is exported from the running stack and verified offline', async () => {
  const exported = await run(
    'export',
    '--customer',
    'acme',
    '--period',
    '2025-12',
    '--out',
    'acme.gz',
    '--json',
    ...stack,
  );
  expect([exported.err, exported.code]).toEqual(['', 0]);
  expect(JSON.parse(exported.out)).toMatchObject({ verified: true, currency: 'USD' });
  const verified = await run('verify', 'acme.gz', '--json');
  expect(verified.code).toBe(0);
  // Twelve calls, each of them twice in the ledger, and an event, twice too.
  const answer = JSON.parse(verified.out);
  expect(answer).toMatchObject({ verified: true, customer: 'acme', notices: [], checked: { lines: 26 } });
  const { invoice } = (await served.tollgate.stores.invoices.ofCustomer('acme'))[0] ?? {};
  expect(answer.total).toBe(invoice?.total);
});

test('tollgate invoice verify does both at once', async () => {
  const { code, out } = await run('invoice', 'verify', '--customer', 'acme', '--period', '2025-12', ...stack);
  expect([code, out]).toEqual([0, expect.stringMatching(/^acme 2025-12 usage: verified\n {2}acme, 2025-12-02/)]);
});

test('the bundle holds nothing of the other customer, and one digit of a call is found', async () => {
  const text = gunzipSync(readFileSync(at('acme.gz'))).toString();
  for (const theirs of ['rivalco', 'RIVALCO', 'wholesale', 'bulk-for-wholesalers', 'bulk@2026']) {
    expect([theirs, text.includes(theirs)]).toEqual([theirs, false]);
  }
  writeFileSync(at('forged.gz'), gzipSync(text.replace('"latencyMs":"', '"latencyMs":"1')));
  const { code, out } = await run('verify', 'forged.gz');
  expect([code, out]).toEqual([3, expect.stringMatching(/lines of 2026-01-01T\d\d:00:00Z in usage\//)]);
});

describe('on another machine', () => {
  const root = join(import.meta.dirname, '../..');
  let elsewhere: string;
  beforeAll(() => {
    elsewhere = mkdtempSync(join(tmpdir(), 'tollgate-elsewhere-'));
    copyFileSync(at('acme.gz'), join(elsewhere, 'bill.gz'));
  });
  afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

  /** A process of its own in a folder that holds nothing but the bundle, without any environment. */
  const verify = (file: string) =>
    promisify(execFile)(
      process.execPath,
      [
        '--import',
        pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href,
        join(root, 'bin/tollgate.ts'),
      ].concat(...['verify', file, '--json']),
      { cwd: elsewhere, env: {} },
    ).then(
      ({ stdout }) => ({ code: 0, answer: JSON.parse(stdout) }),
      (error: { code: number; stdout: string }) => ({ code: error.code, answer: JSON.parse(error.stdout) }),
    );

  test('the bundle alone makes the invoice again, byte for byte', async () => {
    const { code, answer } = await verify('bill.gz');
    const record = (await served.tollgate.stores.invoices.ofCustomer('acme'))[0];
    expect([code, answer]).toMatchObject([0, { verified: true, differences: [], total: record?.invoice?.total }]);
  }, 30_000);
  test('another price of the card that it cites is named', async () => {
    const text = gunzipSync(readFileSync(at('acme.gz'))).toString('latin1');
    const card = /("part":"rules","name":"rate-cards\/[^\n]*?"unitPrice[^\n]{0,6}0\.)10/;
    const changed = text.replace(card, (_, before: string) => `${before}11`);
    writeFileSync(join(elsewhere, 'other.gz'), gzipSync(Buffer.from(changed, 'latin1')));
    const { code, answer } = await verify('other.gz');
    expect(code).toBe(3);
    expect(answer.differences).toContainEqual({
      input: expect.stringMatching(/^rate-cards\//),
      message: expect.anything(),
    });
  }, 30_000);
});

describe('one byte of the exported bundle', () => {
  const random = new SeededRandom('one byte');
  let bytes: Buffer;
  let bundle: Bundle;
  beforeAll(() => {
    bytes = gunzipSync(readFileSync(at('acme.gz')));
    const reading = readBundle(bytes);
    if (reading.outcome !== 'read') throw new Error(reading.message);
    bundle = reading.bundle;
  });
  /** Another byte in its place; never a newline, which would only cut a line in two. */
  const changed = (position: number): Buffer => {
    const other = Buffer.from(bytes);
    const now = (other[position] ?? 0) ^ (1 + (random.uint32() % 127));
    other[position] = now === 10 ? now ^ 1 : now;
    return other;
  };
  const found = (other: Buffer): string[] | 'not a bundle' => {
    const reading = readBundle(other);
    if (reading.outcome !== 'read') return 'not a bundle';
    const { verified, differences } = verifyBundle(reading.bundle, reading.differences, cardRater());
    expect(verified).toBe(differences.length === 0);
    return differences.map(({ input }) => input);
  };
  /** Where each part stands: its front, its content, and the ledger's lines behind it. */
  const places = () => {
    let start = bytes.indexOf(10) + 1;
    return bundle.parts.map(({ part, name, lines }) => {
      const content = bytes.indexOf('"content":', start) + '"content":'.length;
      const end = bytes.indexOf(10, start);
      const place = { part, name, start, content, end, lines: lines?.length ?? 0 };
      start = end + 1 + place.lines;
      return place;
    });
  };
  const some = (from: number, to: number, count: number) =>
    Array.from({ length: count }, () => from + (random.uint32() % (to - from)));

  test('it has parts of every kind', () => {
    expect(new Set(bundle.parts.map(({ part }) => part))).toEqual(new Set(PART_KINDS));
    expect(found(bytes)).toEqual([]);
  });
  test.each(PART_KINDS)('of any %s is found, and the input named', (kind) => {
    const ofKind = places().filter(({ part }) => part === kind);
    // Markers and rows are many and alike: a seeded few of them, the first and the last.
    const chosen =
      ofKind.length <= 12 ? ofKind : [ofKind[0], ofKind.at(-1), ...some(1, ofKind.length, 10).map((i) => ofKind[i])];
    for (const place of chosen) {
      if (!place) throw new Error('it was counted');
      const { name, start, content, end, lines } = place;
      const inside = [content, end - 2, ...some(content, end - 1, 6)];
      const behind = lines === 0 ? [] : [end + 1, end + lines - 2, ...some(end + 1, end + lines, 6)];
      for (const position of [...inside, ...behind]) {
        if (bytes[position] === 10) continue;
        expect([name, position, found(changed(position))]).toEqual([name, position, expect.arrayContaining([name])]);
      }
      for (const position of [start, content - 1, ...some(start, content, 6)]) {
        expect([name, position, found(changed(position))]).not.toEqual([name, position, []]);
      }
    }
  });
  test('of its head is found', () => {
    for (let position = 0; position < bytes.indexOf(10); position++) {
      expect([position, found(changed(position))]).not.toEqual([position, []]);
    }
  });
  test('of the compressed file is found', async () => {
    const file = readFileSync(at('acme.gz'));
    for (const position of some(10, file.length, 12)) {
      const other = Buffer.from(file);
      other[position] = (other[position] ?? 0) ^ 0x20;
      writeFileSync(at('bit.gz'), other);
      expect([position, (await run('verify', 'bit.gz')).code]).not.toEqual([position, 0]);
    }
  });
});

test.each([
  { args: ['--customer', 'nobody', '--period', '2025-12'], message: /no customer nobody/ },
  { args: ['--customer', 'acme', '--period', '2025-11'], message: /no usage invoice .*\(it has those of 2025-12\)/ },
  { args: ['--customer', 'acme', '--period', '2026-13'], message: /2026-13/ },
])('export $args is refused in one line', async ({ args, message }) => {
  const { code, err } = await run('export', ...args, '--out', 'x.gz', ...stack);
  expect([code, err]).toEqual([1, expect.stringMatching(message)]);
});
