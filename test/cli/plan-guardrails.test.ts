import { gzipSync } from 'node:zlib';
import { type AnyJson, edited, shippedRules } from '../domain/rules/shipped-rules.ts';
import { COMPANIES, COMPANIES_USAGE, dearerGrowth, PlanWorld } from './plan-world.ts';

let world: PlanWorld;
beforeAll(() => {
  world = new PlanWorld();
  world.rules('base');
  world.lines('usage.ndjson', COMPANIES_USAGE);
  world.json('customers.json', COMPANIES);
});
afterAll(() => world.remove());

const plan = (head: string, base = 'base') =>
  world.report(['--base', base, '--head', head, '--usage', 'usage.ndjson', '--customers', 'customers.json']);
const verdictOf = ({ guardrails }: AnyJson, id: string) => guardrails.find((one: AnyJson) => one.id === id);
const GROWTH = 'rate-cards/growth/2026-12-01.json';

/** From the millionth call on everything costs less than the million did. */
const cliff = () =>
  edited(dearerGrowth('49.00'), GROWTH, (json) => {
    const calls = json.charges.find((charge: AnyJson) => charge.id === 'calls');
    calls.price = {
      model: 'volume',
      tiers: [
        { upTo: '1000000', unitPrice: '0.0004' },
        { upTo: null, unitPrice: '0.0002' },
      ],
    };
  });

test('a volume cliff that the change adds fails its guardrail and is a notice', async () => {
  world.rules('cliff', cliff());
  const report = await plan('cliff');
  expect(report.exitCode).toBe(3);
  expect(verdictOf(report, 'volume-cliff')).toMatchObject({ verdict: 'fail', customers: [] });
  expect(report.notices).toContainEqual(
    expect.objectContaining({ code: 'volume-cliff', severity: 'warning', file: GROWTH }),
  );
});

test('one that was there before is a notice only', async () => {
  world.rules('cliff-before', cliff());
  const report = await plan('cliff-before', 'cliff-before');
  expect(report.exitCode).toBe(0);
  expect(report.notices.map(({ code }: AnyJson) => code)).toContain('volume-cliff');
});

test('an override lets a failing guardrail through, and shows who, why and until when', async () => {
  const overrides = [
    { reason: 'announced to both in June', by: 'cfo@example.com', until: '2026-12-31', customers: ['bolt', 'idle'] },
  ];
  const files = edited(dearerGrowth('149.00'), 'guardrails.json', (json) => {
    json.guardrails = json.guardrails.filter(({ id }: AnyJson) => id === 'max-rise-per-customer');
    json.guardrails[0].overrides = overrides;
  });
  world.rules('overridden', files);
  const report = await plan('overridden');
  expect(report.exitCode).toBe(2);
  expect(verdictOf(report, 'max-rise-per-customer')).toMatchObject({
    verdict: 'overridden',
    detail: expect.stringContaining('overridden by cfo@example.com until 2026-12-31: announced to both in June'),
    customers: ['bolt', 'idle'],
  });
});

test('below cost fails for bills that the change brings there, not for those that were', async () => {
  const guarded = (files: ReturnType<typeof shippedRules>) =>
    edited(files, 'guardrails.json', (json) => {
      const text = { rationale: 'A call costs us what the servers cost.', owner: 'finance@example.com' };
      json.guardrails = [{ id: 'cost', kind: 'belowCost', unitCosts: { 'api-calls': '0.0025' }, ...text }];
    });
  world.rules('costs', guarded(shippedRules()));
  expect(verdictOf(await plan('costs', 'costs'), 'cost')).toMatchObject({ verdict: 'pass' });
  world.rules('cheap', guarded(dearerGrowth('39.00')));
  // bolt: 24,900 calls cost 62.25 to serve; its bill falls from 63.60 to 53.60. sprout's was below before, and falls.
  expect(verdictOf(await plan('cheap', 'costs'), 'cost')).toMatchObject({
    verdict: 'fail',
    customers: ['bolt', 'sprout'],
  });
});

test('a change that says nothing about why fails', async () => {
  world.rules(
    'silent',
    edited(dearerGrowth(), GROWTH, (json) => Object.assign(json, { rationale: 'TBD' })),
  );
  const report = await plan('silent');
  expect(report.exitCode).toBe(3);
  expect(verdictOf(report, 'missing-rationale').detail).toContain(GROWTH);
});

test('a protected customer whose promise is taken away is named', async () => {
  world.rules(
    'broken-promise',
    edited(dearerGrowth(), 'protection.json', (json) => Object.assign(json, { rules: [] })),
  );
  const report = await plan('broken-promise');
  expect(verdictOf(report, 'protected-customers')).toMatchObject({ verdict: 'fail', customers: ['legacy'] });
  const { reasons } = report.customers.find(({ id }: AnyJson) => id === 'legacy');
  expect(reasons).toContain('no longer protected by legacy-2025-lock');
});

test('a card in force that changes is told that publishing refuses it', async () => {
  const path = 'rate-cards/free/2025-01-01.json';
  world.rules(
    'in-place',
    edited(shippedRules(), path, (json) => {
      json.charges[0].included = '500';
    }),
  );
  const report = await plan('in-place');
  expect(report.notices).toContainEqual(expect.objectContaining({ code: 'card-changed-in-place', file: path }));
  const hobby = report.customers.find(({ id }: AnyJson) => id === 'hobby');
  expect(hobby.reasons[0]).toMatch(/^the terms of free@2025-01-01 were edited: /);
});

test('usage from before any card begins is priced with the earliest versions, and said', async () => {
  const early = COMPANIES_USAGE.map((object) => JSON.parse(JSON.stringify(object).replaceAll('2026-', '2020-')));
  world.lines('early.ndjson', early);
  const report = await world.report([
    '--base',
    'base',
    '--head',
    'base',
    '--usage',
    'early.ndjson',
    '--customers',
    'customers.json',
  ]);
  expect(report).toMatchObject({ period: '2020-10', summary: { customers: 8, leftOut: 0 } });
  const said = report.notices.filter(({ code }: AnyJson) => code === 'card-not-yet-in-force');
  expect(said.map(({ file }: AnyJson) => file)).toContain('rate-cards/growth/2025-01-01.json');
});

test('gzipped usage reads as plain usage does', async () => {
  const text = COMPANIES_USAGE.map((object) => `${JSON.stringify(object)}\n`).join('');
  world.write('usage-2.ndjson.gz', gzipSync(text));
  const zipped = await world.report([
    '--base',
    'base',
    '--head',
    'base',
    '--usage',
    'usage-2.ndjson.gz',
    '--customers',
    'customers.json',
  ]);
  expect(zipped).toEqual(await plan('base'));
});
