import { interFonts } from '../../lib/adapters/report-fonts/inter.ts';
import { usageReport } from '../../lib/domain/reporting/usage-report.ts';
import { renderPdf } from '../../lib/portal/report/pdf/render-pdf.ts';
import { renderHtml } from '../../lib/portal/report/render-html.tsx';
import { calls, decisionOf, officeHours, reportInput } from '../domain/reporting/report-world.ts';
import type { BenchResult } from './result.ts';

const GROUPS = ['search', 'payments', 'status', 'bulk'];
const A_MILLION = 1_000_000;
const HOURS = 744;
const REPORTS = 1_000;
const SETTLED = 200;

/** One report of a customer with a million calls, and a thousand reports one after the other: from records to bytes. */
export async function run(): Promise<BenchResult[]> {
  return [...(await oneLarge()), ...(await aThousand())];
}

/** The first in its process, as a person waits for it who asks for one: code that is not yet compiled included. */
async function oneLarge(): Promise<BenchResult[]> {
  const each = Math.ceil(A_MILLION / HOURS / GROUPS.length);
  const business = decisionOf({ rateCard: 'business@2025-01-01', discounts: [] });
  const input = reportInput({ use: () => GROUPS.map((group) => calls(each, group)), decisions: [business] });
  const started = performance.now();
  const report = usageReport(input);
  renderHtml(report);
  await renderPdf(report, { fonts: interFonts() });
  const seconds = (performance.now() - started) / 1_000;
  return [
    { name: 'report, a million calls, HTML and PDF', value: seconds, unit: 's', goal: '< 2 s', met: seconds < 2 },
  ];
}

/** Memory is that of the process at most after the first 200 and until the end: what is not given back adds up. */
async function aThousand(): Promise<BenchResult[]> {
  const input = reportInput({ use: officeHours });
  const started = performance.now();
  let [settled, most] = [0, 0];
  for (let n = 0; n < REPORTS; n++) {
    const customer = { ...input.customer, id: `customer-${n}` };
    const report = usageReport({ ...input, customer });
    renderHtml(report);
    if (n % 10 === 0) await renderPdf(report, { fonts: interFonts() });
    const rss = process.memoryUsage.rss() / 2 ** 20;
    if (n < SETTLED) settled = Math.max(settled, rss);
    else most = Math.max(most, rss);
  }
  const seconds = (performance.now() - started) / 1_000;
  const growth = Math.max(0, most - settled);
  const name = `reports, ${REPORTS} HTML and ${REPORTS / 10} PDF`;
  return [
    { name, value: seconds, unit: 's' },
    { name: `${name}, memory`, value: most, unit: 'MiB' },
    {
      name: `${name}, memory beyond the first ${SETTLED}`,
      value: growth,
      unit: 'MiB',
      goal: '<= 64 MiB',
      met: growth <= 64,
    },
  ];
}
