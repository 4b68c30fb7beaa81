import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { connect } from '../../lib/cli/connect.ts';
import type { Io } from '../../lib/cli/io.ts';
import { readOutputs } from '../../lib/cli/outputs.ts';
import { rememberOutputs } from '../../lib/cli/remember-outputs.ts';
import { parseMonth } from '../../lib/domain/time/time.ts';
import { SeededRandom, VirtualClock } from '../../lib/local/cloud/index.ts';
import { synthesize } from '../../lib/local/cloud/synth.ts';
import { serveMonth } from '../../lib/local/serve.ts';
import { startLocalTollgate } from '../../lib/local/tollgate.ts';

const START = Date.UTC(2026, 0, 15, 10);
const folder = mkdtempSync(join(tmpdir(), 'tollgate-connect-'));
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

function ioOf(text: string): Io & { readonly file: string } {
  const file = join(folder, 'outputs.json');
  writeFileSync(file, text);
  const silent = { stdout: false, stderr: false };
  return {
    ...{ file, env: {}, cwd: folder, isTerminal: silent, clock: { now: () => 1_000 }, exitCode: 0 },
    ...{ stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough() },
    signal: new AbortController().signal,
  };
}

const NAMES = ['Directory', 'Usage', 'Rulesets', 'Decisions', 'Invoices'].map((name) => `${name}Table`);
const OTHERS = ['LedgerBucket', 'RecordsBucket', 'AccessQueueUrl', 'EvaluationQueueUrl', 'InvoiceQueueUrl'];
const stackOf = (value: string) => ({
  ...Object.fromEntries([...NAMES, ...OTHERS].map((name) => [`Tollgate${name}0A1B2C3D`, `${value}-${name}`])),
  TollgateStripeSecretArn00000000: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:stripe',
});

describe('the outputs file', () => {
  test('gives outputs by their plain names, whatever CDK puts around them', () => {
    const { name, values } = readOutputs(JSON.stringify({ Network: { Vpc: 'v' }, Shop: stackOf('a') }), 'f', undefined);
    expect([name, values.LedgerBucket, values.UsageTable]).toEqual(['Shop', 'a-LedgerBucket', 'a-UsageTable']);
  });

  const two = JSON.stringify({ A: stackOf('a'), B: stackOf('b') });
  test.each([
    { why: 'no JSON', text: 'oops', stack: undefined, message: /not what cdk deploy/ },
    {
      why: 'no stack of ours',
      text: '{"Network":{"Vpc":"v"}}',
      stack: undefined,
      message: /no stack .* holds a Tollgate/,
    },
    { why: 'two stacks and no word which', text: two, stack: undefined, message: /several stacks/ },
    { why: 'a stack that is not there', text: two, stack: 'C', message: /no stack C/ },
    {
      why: 'an older deployment',
      text: '{"A":{"LedgerBucket":"b"}}',
      stack: undefined,
      message: /no output DirectoryTable/,
    },
  ])('is refused with what to do: $why', ({ text, stack, message }) => {
    expect(() => readOutputs(text, 'f', stack)).toThrow(message);
  });

  test('chooses the stack that is named', () => {
    expect(readOutputs(two, 'f', 'B').values.InvoicesTable).toBe('b-InvoicesTable');
  });
});

describe('what tollgate dev leaves for other commands', () => {
  const place = () => {
    const cwd = mkdtempSync(join(folder, 'dev-'));
    const stderr = new PassThrough();
    return { cwd, stderr, file: join(cwd, '.tollgate/outputs.json') };
  };
  const outputs = { Shop: { TollgateEndpoint: 'http://127.0.0.1:1' } };

  test('is there while it serves, and gone afterwards', () => {
    const { file, ...io } = place();
    const forget = rememberOutputs(outputs, io);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(outputs);
    forget();
    expect(existsSync(file)).toBe(false);
  });

  test('takes the place of what another one left behind, and leaves a later one alone', () => {
    const { file, ...io } = place();
    rememberOutputs(outputs, io);
    const forget = rememberOutputs({ Shop: { TollgateEndpoint: 'http://127.0.0.1:2' } }, io);
    rememberOutputs({ Shop: { TollgateEndpoint: 'http://127.0.0.1:3' } }, io);
    forget();
    expect(readFileSync(file, 'utf8')).toContain('127.0.0.1:3');
  });

  test('never takes the place of a stack on AWS', () => {
    const { file, ...io } = place();
    mkdirSync(join(io.cwd, '.tollgate'));
    writeFileSync(file, '{"Shop":{}}');
    rememberOutputs(outputs, io)();
    expect(readFileSync(file, 'utf8')).toBe('{"Shop":{}}');
    expect(String(io.stderr.read())).toMatch(/stays/);
  });
});

describe('connecting', () => {
  test('says what to do where there is no file', async () => {
    const io = { ...ioOf('{}'), cwd: join(folder, 'elsewhere') };
    await expect(connect({}, io)).rejects.toMatchObject({
      code: 'no-outputs',
      hint: expect.stringMatching(/tollgate dev/),
    });
  });

  test('on AWS takes the region from the outputs and the clock of the machine', async () => {
    const io = ioOf(JSON.stringify({ Shop: stackOf('a') }));
    const stack = await connect({ outputs: io.file }, io);
    expect(stack.runtime.clientConfig('s3')).toEqual({ region: 'eu-west-1' });
    expect(stack.runtime.clock.now()).toBe(1_000);
    expect(stack.runtime.env.INVOICE_QUEUE_URL).toBe('a-InvoiceQueueUrl');
  });

  test('says so when the local cloud of the file has ended', async () => {
    const gone = { ...stackOf('a'), TollgateEndpoint: 'http://127.0.0.1:9' };
    const io = ioOf(JSON.stringify({ Shop: gone }));
    await expect(connect({ outputs: io.file }, io)).rejects.toMatchObject({ code: 'stack-gone' });
  });

  test('reaches the served local cloud through the AWS SDK: tables, buckets, queues, the secret, Stripe and the clock', async () => {
    const clock = new VirtualClock(START);
    const rules = join(import.meta.dirname, '../../rules');
    const template = await synthesize({ rules, commit: 'local', portal: {} });
    const tollgate = await startLocalTollgate({ template, clock, seed: 'connect' });
    stops.push(() => tollgate.stop());
    const sample = { customer: 'acme', key: 'k', path: '/search' };
    const lived = { answers: new Map(), remark: null, goOn: null };
    const month = { tollgate, clock, period: parseMonth('2026-01'), sample, ...lived };
    const served = await serveMonth(month, { port: 0, speed: 1 });
    stops.push(() => served.close());
    const io = ioOf(JSON.stringify(served.outputs));
    const { stores, runtime, stripe, outputs } = await connect({ outputs: io.file }, io);

    expect(runtime.clock.now()).toBeGreaterThanOrEqual(START);
    expect(runtime.clock.now()).toBeLessThan(START + 60_000);
    expect(outputs.WatermarkHours).toBe('26');
    expect((await stores.rulesets.latest())?.commit).toBe('local');

    const body = new TextEncoder().encode('a + b/ü');
    expect(await stores.records.putOnce('folder/a +ü.txt', body)).toBe('written');
    expect(await stores.records.putOnce('folder/a +ü.txt', body)).toBe('exists');
    expect(await stores.records.get('folder/a +ü.txt')).toEqual(body);
    expect(await stores.records.get('folder/none')).toBeUndefined();
    expect((await stores.records.list('folder/')).map(({ key }) => key)).toEqual(['folder/a +ü.txt']);
    expect(await tollgate.stores.records.get('folder/a +ü.txt')).toEqual(body);

    const random = new SeededRandom('x');
    await expect(stores.directory.profile(random.hex(4))).resolves.toBeUndefined();
    await stores.evaluations.send({ task: 'evaluate', customers: [] }, 900);
    await stores.invoiceQueue.send([]);
    const client = await stripe();
    expect((await client.customers.list({ limit: 1 })).data).toEqual([]);
  }, 20_000);
});
