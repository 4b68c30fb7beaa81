import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type AnyJson, edited, shippedRules, without } from '../domain/rules/shipped-rules.ts';
import {
  COMPANIES,
  COMPANIES_USAGE,
  calls,
  dearerGrowth,
  OCTOBER,
  onlyOctober,
  PlanWorld,
  smallerProgramme,
} from './plan-world.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const isPlan = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(join(ROOT, 'docs/schema/plan.schema.json'), 'utf8')),
);

let world: PlanWorld;
let args: string[];
beforeAll(() => {
  world = new PlanWorld();
  world.rules('base');
  world.rules('head', dearerGrowth());
  world.rules('smaller', smallerProgramme());
  world.lines('usage.ndjson', COMPANIES_USAGE);
  world.json('customers.json', COMPANIES);
  args = ['--base', 'base', '--usage', 'usage.ndjson', '--customers', 'customers.json'];
});
afterAll(() => world.remove());

const cents = (amount: string): bigint => BigInt(amount.replace('.', ''));
const total = (amounts: readonly string[]): bigint => amounts.reduce((sum, amount) => sum + cents(amount), 0n);

describe('the JSON answer', () => {
  test('is what its schema says', async () => {
    const { exitCode: _, ...report } = await world.report([...args, '--head', 'smaller']);
    isPlan(report);
    expect(isPlan.errors ?? []).toEqual([]);
  });

  test('money is conserved: the change is the sum over customers and over tier rules', async () => {
    const { summary, customers, tierRules, distribution } = await world.report([...args, '--head', 'smaller']);
    expect(cents(summary.after) - cents(summary.before)).toBe(cents(summary.change));
    expect(total(customers.map((c: AnyJson) => c.change))).toBe(cents(summary.change));
    expect(total(tierRules.map((r: AnyJson) => r.before))).toBe(cents(summary.before));
    expect(total(tierRules.map((r: AnyJson) => r.after))).toBe(cents(summary.after));
    expect(total(distribution.map((d: AnyJson) => d.change))).toBe(cents(summary.change));
    expect(tierRules.reduce((sum: number, r: AnyJson) => sum + r.customers, 0)).toBe(summary.customers);
    for (const { before, after, change } of customers) {
      expect(cents(after.total) - cents(before.total)).toBe(cents(change));
    }
  });

  test('customers stand by absolute change, then id; those without usage are there too', async () => {
    const { customers } = await world.report([...args, '--head', 'smaller']);
    const sizes = customers.map((c: AnyJson) => Math.abs(Number(c.change)));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(customers.map((c: AnyJson) => c.id).sort()).toEqual(COMPANIES.customers.map(({ id }) => id));
    const idle = customers.find((c: AnyJson) => c.id === 'idle');
    expect(idle.after).toMatchObject({ rateCard: 'growth@2026-12-01', total: '54.00' });
  });

  test('a tier rule that only gives another discount says so with its rationale', async () => {
    const files = edited(shippedRules(), 'tiers.json', (json) => {
      const rule = json.rules.find(({ name }: AnyJson) => name === 'growth-for-fintech');
      rule.event.params.discounts = [{ id: 'autumn', percent: '10' }];
      rule.rationale = 'Autumn offer for fintechs.';
    });
    world.rules('autumn', files);
    const { customers } = await world.report([...args, '--head', 'autumn']);
    const { reasons } = customers.find((c: AnyJson) => c.after.rateCard.startsWith('growth@') && c.change !== '0.00');
    expect(reasons[0]).toBe('the rule growth-for-fintech gives other terms: Autumn offer for fintechs.');
    expect(reasons[1]).toMatch(/^discount "autumn": 0\.00 → -/);
  });

  test('reasons name the rule that moved the customer with its rationale, and each part of the bill', async () => {
    const { customers } = await world.report([...args, '--head', 'smaller']);
    const { reasons, before, after } = customers.find((c: AnyJson) => c.id === 'sprout');
    expect([before.tierRule, after.tierRule]).toEqual(['growth-for-startups', 'growth-for-growing']);
    expect(reasons).toEqual([
      'leaves segment startup',
      expect.stringMatching(
        /^stays on growth@2026-12-01, now by the rule growth-for-growing, because Above 5,000 calls/,
      ),
      expect.stringMatching(/^growth@2026-12-01 takes the place of growth@2026-01-01: Support answers/),
      'discount "startup-programme": -30.50 → 0.00 USD (+30.50)',
      'charge "platform": 49.00 → 54.00 USD (+5.00)',
    ]);
  });

  test('a locked customer keeps the old price: nothing changes, and protection says what it saves', async () => {
    const { customers, protectedCustomers } = await world.report([...args, '--head', 'head']);
    const legacy = customers.find((c: AnyJson) => c.id === 'legacy');
    expect(legacy).toMatchObject({ change: '0.00', before: { protection: ['legacy-2025-lock'], total: '32.20' } });
    expect(protectedCustomers).toMatchObject({ customers: 2, rising: 0 });
  });

  test('rules are taken when the new card begins, though the month is earlier', async () => {
    expect(await world.report([...args, '--head', 'head'])).toMatchObject({
      at: '2026-12-01T00:00:00Z',
      period: '2026-10',
    });
    expect(await world.report([...args, '--head', 'base'])).toMatchObject({ at: '2026-10-31T23:00:00Z' });
  });

  test('the same bytes whatever the order of the usage', async () => {
    world.lines('reversed.ndjson', [...COMPANIES_USAGE].reverse());
    const [one, other] = await Promise.all(
      ['usage.ndjson', 'reversed.ndjson'].map((usage) =>
        world.plan([
          '--base',
          'base',
          '--head',
          'smaller',
          '--usage',
          usage,
          '--customers',
          'customers.json',
          '--format',
          'json',
        ]),
      ),
    );
    expect(one?.out).toBe(other?.out);
  });
});

describe('the exit code', () => {
  test('0: nothing changes', async () => {
    expect(await world.report([...args, '--head', 'base'])).toMatchObject({
      exitCode: 0,
      summary: { change: '0.00', changed: 0 },
    });
  });
  test('2: bills change, every guardrail passes', async () => {
    expect((await world.report([...args, '--head', 'head'])).exitCode).toBe(2);
  });
  test('3: a guardrail fails, and names who', async () => {
    world.rules('steep', dearerGrowth('149.00'));
    const { exitCode, guardrails } = await world.report([...args, '--head', 'steep']);
    expect(exitCode).toBe(3);
    expect(guardrails.find((g: AnyJson) => g.id === 'max-rise-per-customer')).toMatchObject({
      verdict: 'fail',
      customers: ['bolt', 'idle'],
      detail: '2 bills rise by more than the bound: bolt, idle',
    });
  });
  test.each([
    {
      why: 'a missing ref',
      args: ['--head', 'no-such-ref'],
      error: /^error: no-such-ref: neither a folder nor a git ref.*\n$/,
    },
    {
      why: 'a missing file',
      args: ['--head', 'head', '--usage', 'none.ndjson'],
      error: /^error: none.ndjson: no such file\n$/,
    },
    { why: 'a bad month', args: ['--head', 'head', '--period', '2026-13'], error: /^error: --period: .*\n$/ },
    {
      why: 'an unknown format',
      args: ['--head', 'head', '--format', 'pdf'],
      error: /^error: --format: unknown format "pdf".*\n$/,
    },
  ])('1: $why is one line', async ({ args: more, error }) => {
    const { err, out, exitCode } = await world.plan(['--base', 'base', '--usage', 'usage.ndjson', ...more]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
    expect(err).toMatch(error);
  });
  test('1: an invalid head shows its errors as validate does', async () => {
    world.rules(
      'invalid',
      edited(shippedRules(), 'tiers.json', (json) => Object.assign(json, { otherwise: { rateCard: 'fre' } })),
    );
    const { err, exitCode } = await world.plan([...args, '--head', 'invalid']);
    expect(exitCode).toBe(1);
    expect(err).toContain('invalid/tiers.json');
    expect(err).toContain('there is no rate card "fre"');
    expect(err).toContain('did you mean "free"?');
    expect(err).toContain('invalid is not valid: 1 error');
  });
});

describe('usage', () => {
  test('a cut line is named by file and line, and nothing is answered', async () => {
    world.write('cut.ndjson', `${JSON.stringify(calls('bolt', 100))}\n{"customer":"bo`);
    const { err, out, exitCode } = await world.plan(['--base', 'base', '--head', 'head', '--usage', 'cut.ndjson']);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
    expect(err).toMatch(/^error: cut\.ndjson:2: not JSON: .*\n$/);
  });

  test.each([
    { value: { customer: 'a', period: { start: '2026-10-01T00:00:00Z' }, usage: [] }, at: '/period' },
    { value: calls('a', -31), at: '/usage/0/quantity' },
    { value: { ...calls('a', 31), extra: 1 }, at: '' },
    { value: { period: { start: '2026-10-01T00:00:00Z', end: '2026-11-01T00:00:00Z' }, usage: [] }, at: '/customer' },
    { value: { customer: 'a', meter: 'api-calls', hour: '2026-10-01T00:30:00Z', quantity: '1' }, at: '/hour' },
  ])('bad usage is an error at $at', async ({ value, at }) => {
    world.lines('bad.ndjson', [calls('bolt', 100), value]);
    const { err, exitCode } = await world.plan(['--base', 'base', '--head', 'head', '--usage', 'bad.ndjson']);
    expect(exitCode).toBe(1);
    expect(err.startsWith(`error: bad.ndjson:2${at === '' ? '' : ` ${at}`}`)).toBe(true);
  });

  test('what meter answers, its records one by one, NDJSON and a folder of files say the same', async () => {
    const records = COMPANIES_USAGE.flatMap((object: AnyJson) =>
      object.usage.map((entry: AnyJson) => ({ customer: object.customer, group: null, ...entry })),
    );
    const lines = { read: 1, counted: 1, notBillable: 0, duplicate: 0, malformed: 0 };
    const rows = records.map((record) => `\n  ${JSON.stringify(record)}`).join(',');
    world.write('meter.json', `{ "records": [${rows}\n],\n"lines": ${JSON.stringify(lines)},\n"malformed": [] }\n`);
    world.json('compact.json', { records, lines, malformed: [] });
    world.write('pretty.json', JSON.stringify({ records, lines, malformed: [] }, null, 2));
    world.lines('records.ndjson', records);
    world.lines('folder/a.ndjson', COMPANIES_USAGE.slice(0, 3));
    world.lines('folder/b.ndjson', COMPANIES_USAGE.slice(3));
    const answers = [];
    for (const usage of ['usage.ndjson', 'meter.json', 'compact.json', 'pretty.json', 'records.ndjson', 'folder']) {
      const { notices: _, ...report } = await world.report([
        ...['--base', 'base', '--head', 'smaller', '--usage', usage, '--customers', 'customers.json'],
      ]);
      answers.push(report);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('a meter answer that is cut inside its records is an error', async () => {
    world.write(
      'cut.json',
      '{ "records": [\n  {"customer":"a","meter":"api-calls","group":null,"hour":"2026-10-01T00:00:00Z","quantity":"1"},\n',
    );
    const { err, exitCode } = await world.plan(['--base', 'base', '--head', 'head', '--usage', 'cut.json']);
    expect({ err, exitCode }).toEqual({
      err: 'error: cut.json: the file ends inside its records: it is cut\n',
      exitCode: 1,
    });
  });

  test('usage of a stranger is counted, and left out where no default decides', async () => {
    world.lines('stranger.ndjson', [...COMPANIES_USAGE, calls('stranger', 10)]);
    const { notices, summary, customers } = await world.report([
      ...['--base', 'base', '--head', 'head', '--usage', 'stranger.ndjson', '--customers', 'customers.json'],
    ]);
    expect(notices.map((n: AnyJson) => n.code)).toEqual(expect.arrayContaining(['unknown-customer', 'undecided']));
    expect(summary).toMatchObject({ leftOut: 1, customers: 8 });
    expect(customers.map((c: AnyJson) => c.id)).not.toContain('stranger');
  });

  test('records outside the period price nothing, feed facts, and are counted', async () => {
    world.lines('two.ndjson', [calls('hobby', 1_240)]);
    const report = await world.report([
      '--base',
      'base',
      '--head',
      'base',
      '--usage',
      'two.ndjson',
      '--customers',
      'customers.json',
    ]);
    const hobby = report.customers.find((c: AnyJson) => c.id === 'hobby');
    expect(hobby.before).toMatchObject({ segments: [], rateCard: 'free@2025-01-01' });
    world.lines('one.ndjson', [onlyOctober('hobby', 1_240)]);
    const short = await world.report([
      '--base',
      'base',
      '--head',
      'base',
      '--usage',
      'one.ndjson',
      '--customers',
      'customers.json',
    ]);
    expect(short.customers.find((c: AnyJson) => c.id === 'hobby').before.segments).toEqual(['growing']);
    expect(short.notices.map((n: AnyJson) => n.code)).toContain('short-history');
    expect(report.notices).toContainEqual(
      expect.objectContaining({ code: 'outside-period', message: expect.stringMatching(/^30 records/) }),
    );
  });

  test('--period prices another month than the latest', async () => {
    const report = await world.report([...args, '--head', 'head', '--period', '2026-09']);
    expect(report.period).toBe('2026-09');
    expect(report.customers.find((c: AnyJson) => c.id === 'bolt').before.total).toBe('62.99');
  });

  test('usage without hours is priced, and said', async () => {
    world.lines('hourless.ndjson', [
      {
        customer: 'bolt',
        period: OCTOBER,
        usage: [{ meter: 'api-calls', quantity: 12000 }],
      },
    ]);
    const report = await world.report([
      '--base',
      'base',
      '--head',
      'base',
      '--usage',
      'hourless.ndjson',
      '--customers',
      'customers.json',
    ]);
    expect(report.customers.find((c: AnyJson) => c.id === 'bolt').before.total).toBe('49.80');
    expect(report.notices.map((n: AnyJson) => n.code)).toContain('usage-without-hours');
  });

  test('an empty month is said, and changes nothing', async () => {
    world.write('empty.ndjson', '');
    const { exitCode, summary, notices } = await world.report([
      '--base',
      'base',
      '--head',
      'head',
      '--usage',
      'empty.ndjson',
      '--period',
      '2026-10',
    ]);
    expect({ exitCode, customers: summary.customers }).toEqual({ exitCode: 0, customers: 0 });
    expect(notices.map((n: AnyJson) => n.code)).toContain('no-customers');
  });

  test('without customers everyone is new and has the defaults', async () => {
    const report = await world.report(['--base', 'base', '--head', 'head', '--usage', 'usage.ndjson']);
    expect(report.summary).toMatchObject({ customers: 7, leftOut: 0 });
    expect(report.notices.map((n: AnyJson) => n.code)).toContain('no-customers-file');
  });

  test('a customer whom head cannot price is left out of both sides, and the change shows it', async () => {
    const files = edited(dearerGrowth(), 'rate-cards/growth/2026-12-01.json', (json) => {
      json.charges = json.charges.filter((charge: AnyJson) => charge.meter !== 'tokens');
      json.freeMeters = ['active-endpoints', 'tokens'];
    });
    world.rules('no-events', files);
    world.lines('events.ndjson', [
      { customer: 'bolt', period: OCTOBER, usage: [{ meter: 'unheard-of', quantity: '1' }] },
    ]);
    const report = await world.report([
      '--base',
      'base',
      '--head',
      'no-events',
      '--usage',
      'events.ndjson',
      '--customers',
      'customers.json',
    ]);
    expect(report.summary.leftOut).toBe(1);
    expect(report.notices).toContainEqual(
      expect.objectContaining({ code: 'unpriced', message: expect.stringContaining('unheard-of') }),
    );
  });
});

describe('currencies', () => {
  const inEuro = () => {
    let files = shippedRules();
    for (const path of Object.keys(files).filter((file) => file.startsWith('rate-cards/'))) {
      files = edited(files, path, (json) => Object.assign(json, { currency: 'EUR' }));
    }
    return files;
  };
  test('base and head that share none are an error', async () => {
    world.rules('euro', inEuro());
    const { err, exitCode } = await world.plan([...args, '--head', 'euro']);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^error: base bills in USD and head in EUR: .*\n$/);
  });
  test('a customer whose currency changes is left out and counted', async () => {
    const path = 'rate-cards/free/2025-01-01.json';
    world.rules(
      'mixed',
      edited(shippedRules(), path, (json) => Object.assign(json, { currency: 'EUR' })),
    );
    const { summary, notices, currency } = await world.report([...args, '--head', 'mixed']);
    expect({ currency, leftOut: summary.leftOut }).toEqual({ currency: 'USD', leftOut: 1 });
    expect(notices.map((n: AnyJson) => n.code)).toContain('currency-differs');
  });
});

describe('git refs', () => {
  test('base and head are read from commits without checking them out', async () => {
    const repo = new PlanWorld();
    const git = (...argv: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...argv], {
        cwd: repo.folder,
        stdio: 'pipe',
      });
    git('init', '-q', '-b', 'main');
    repo.rules('rules');
    git('add', '.');
    git('commit', '-qm', 'rules');
    repo.rules('rules', dearerGrowth());
    git('add', '.');
    git('commit', '-qm', 'dearer');
    repo.lines('usage.ndjson', COMPANIES_USAGE);
    repo.json('customers.json', COMPANIES);
    const common = ['--usage', 'usage.ndjson', '--customers', 'customers.json'];
    const report = await repo.report(['--base', 'HEAD~1', '--head', 'main', ...common]);
    expect(report).toMatchObject({ base: 'HEAD~1', head: 'main', exitCode: 2, summary: { changed: 3 } });
    repo.remove();
  });
});

describe('--out', () => {
  test('writes the whole file, and nothing to standard output', async () => {
    const { out, exitCode } = await world.plan([...args, '--head', 'head', '--format', 'json', '--out', 'plan.json']);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(JSON.parse(readFileSync(join(world.folder, 'plan.json'), 'utf8')).version).toBe(1);
  });
  test('Ctrl-C leaves nothing half-written', async () => {
    const controller = new AbortController();
    controller.abort();
    const { exitCode } = await world.plan([...args, '--head', 'head', '--out', 'stopped.txt'], {
      signal: controller.signal,
    });
    expect(exitCode).toBe(130);
    expect(existsSync(join(world.folder, 'stopped.txt'))).toBe(false);
    expect(readdirSync(world.folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
  test('a folder that is not there is one line', async () => {
    const { err, exitCode } = await world.plan([...args, '--head', 'head', '--out', 'nowhere/plan.txt']);
    expect({ err, exitCode }).toEqual({ err: 'error: nowhere/plan.txt: there is no such folder\n', exitCode: 1 });
  });
});

test('colours only on a terminal, and off with NO_COLOR', async () => {
  const terminal = { isTerminal: { stdout: true, stderr: false } };
  const inColour = await world.plan([...args, '--head', 'head'], terminal);
  const plain = await world.plan([...args, '--head', 'head'], { ...terminal, env: { NO_COLOR: '1' } });
  const piped = await world.plan([...args, '--head', 'head']);
  expect(inColour.out).toContain('\u001b[');
  expect(plain.out).not.toContain('\u001b[');
  expect(piped.out).toBe(plain.out);
});

test('a facts file without createdAt leaves nobody undecided', async () => {
  const files = edited(without(shippedRules(), 'protection.json'), 'facts.json', (json) => json);
  world.rules('unprotected', files);
  const report = await world.report([
    '--base',
    'unprotected',
    '--head',
    'unprotected',
    '--usage',
    'usage.ndjson',
    '--customers',
    'customers.json',
  ]);
  expect(report.summary.leftOut).toBe(0);
});
