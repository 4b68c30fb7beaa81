import { reportMaker } from '../../../lib/app/make-report/make-report.ts';
import type { UsageReport } from '../../../lib/domain/reporting/report.ts';
import { usageReport } from '../../../lib/domain/reporting/usage-report.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';
import { reportInput } from '../../domain/reporting/report-world.ts';
import { reportStores } from './report-stores.ts';

async function made(
  world: Parameters<typeof reportStores>[0],
  customer = 'acme',
  period = '2026-10',
  since?: number,
): Promise<UsageReport | string> {
  const { ports } = await reportStores(world, ['acme'], since);
  return reportMaker(ports)(customer, period);
}

test.each([
  ['a closed month', '2026-11-03T09:00:00Z'],
  ['an open month', '2026-10-20T09:30:00Z'],
])('%s: the stores say what the records in them say', async (_, asOf) => {
  const found = JSON.parse(JSON.stringify(await made({ asOf })));
  const expected = JSON.parse(JSON.stringify(usageReport(reportInput({ asOf }))));
  expect(found).toEqual(expected);
});

test('a report of one customer has nothing of another', async () => {
  const { ports } = await reportStores({}, ['acme', 'globex']);
  const make = reportMaker(ports);
  const [a, b] = [await make('acme', '2026-10'), await make('globex', '2026-10')];
  expect(JSON.stringify(a)).not.toContain('globex');
  expect(JSON.stringify(b)).not.toContain('acme');
});

test('nobody of that name', async () => {
  expect(await made({}, 'nobody')).toBe('unknown-customer');
});

test.each([
  ['a month to come', '2026-12', undefined, 'has not begun'],
  ['a month before the customer came', '2026-09', parseTimestamp('2026-10-05T00:00:00Z'), 'came after the period'],
  ['no month', '2026-13', undefined, 'is not a month'],
])('%s is refused', async (_, period, since, message) => {
  await expect(made({}, 'acme', period, since)).rejects.toThrow(message);
});

test('a customer that came in the period is compared with nothing, and forecast from what is known', async () => {
  const report = await made(
    { asOf: '2026-10-20T09:30:00Z' },
    'acme',
    '2026-10',
    parseTimestamp('2026-10-05T00:00:00Z'),
  );
  expect(report).toMatchObject({ comparison: null, forecast: { weeks: 2 } });
});
