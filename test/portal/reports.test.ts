import { interFonts } from '../../lib/adapters/report-fonts/inter.ts';
import { portalReports } from '../../lib/app/portal/portal-reports.ts';
import { reportStores } from '../app/make-report/report-stores.ts';
import { portalWorld } from './portal-world.ts';

async function worldOf(asOf: string) {
  const { ports } = await reportStores({ asOf }, ['acme', 'rival']);
  const reads: string[] = [];
  const profile = (customer: string) => {
    reads.push(customer);
    return ports.directory.profile(customer);
  };
  const reports = portalReports({ ...ports, directory: { profile }, fonts: interFonts });
  const world = portalWorld({ reports });
  await world.register('acme', 'Acme');
  await world.join('ann', 'acme', 'reader');
  const ann = world.browser();
  await ann.signIn('ann');
  return { ann, reads };
}

describe('the report of a closed month', () => {
  let made: Awaited<ReturnType<typeof worldOf>>;
  beforeAll(async () => {
    made = await worldOf('2026-11-03T09:00:00Z');
  });

  test('stands as a page, with nothing inline, and ways to keep it', async () => {
    const { status, text, headers } = await made.ann.get('/usage/2026-10/report');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("style-src 'self'");
    expect(text).not.toMatch(/<style|style="|<script/);
    const [, stylesheet = ''] = /href="(\/assets\/report-[0-9a-f]{12}\.css)"/.exec(text) ?? [];
    expect((await made.ann.get(stylesheet)).status).toBe(200);
    for (const format of ['pdf', 'csv', 'json']) expect(text).toContain(`href="/usage/2026-10/report.${format}"`);
    expect(text).not.toContain('still open');
  });

  test.each([
    ['csv', 'text/csv; charset=utf-8', /^customer,name,period_start.*\r\nacme,/],
    ['json', 'application/json; charset=utf-8', /"version": ?1/],
    ['pdf', 'application/pdf', /^%PDF-1\./],
  ])('%s comes as a file of its own name', async (format, type, beginning) => {
    const { status, text, headers } = await made.ann.get(`/usage/2026-10/report.${format}`);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="acme-2026-10-report.${format}"`);
    expect(text).toMatch(beginning);
  });

  test('only ever reads the customer that is signed in, whatever the address says', async () => {
    for (const path of ['/usage/2026-10/report?customer=rival', '/usage/2026-10/report.json?customer=rival'])
      expect((await made.ann.get(path)).text).not.toContain('rival');
    expect(new Set(made.reads)).toEqual(new Set(['acme']));
  });

  test.each(['2026-12', '1999-01', '2026-13', '9999-99', '2026-1'])('%s: there is nothing here', async (month) => {
    for (const path of [`/usage/${month}/report`, `/usage/${month}/report.pdf`])
      expect((await made.ann.get(path)).status).toBe(404);
  });
});

test('a month that is still open says so, on the page and in the files', async () => {
  const { ann } = await worldOf('2026-10-20T09:30:00Z');
  expect((await ann.get('/usage/2026-10/report')).text).toContain('still open');
  expect(JSON.parse((await ann.get('/usage/2026-10/report.json')).text)).toMatchObject({ period: { state: 'open' } });
  expect((await ann.get('/usage/2026-10/report.csv')).text).toContain('soFar');
});

test('of a customer that was erased there is no report, whoever has a link to one', async () => {
  const { ports } = await reportStores({}, ['acme']);
  const profile = async (customer: string) => {
    const found = await ports.directory.profile(customer);
    return found && { ...found, erasedAt: 1 };
  };
  const reports = portalReports({ ...ports, directory: { profile }, fonts: interFonts });
  expect(await reports.of('acme', '2026-10')).toBeUndefined();
});
