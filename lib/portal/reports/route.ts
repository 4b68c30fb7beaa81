import type { UsageReport } from '../../domain/reporting/report.ts';
import { ASSETS } from '../assets/assets.ts';
import { monthName } from '../design/words.ts';
import { notFound } from '../errors.tsx';
import { renderCsv } from '../report/render-csv.ts';
import { renderHtml } from '../report/render-html.tsx';
import { renderJson } from '../report/render-json.ts';
import { asMember, type MemberVisit, type PortalRoute } from '../visit.tsx';

const MONTH = ':month{[0-9]{4}-[0-9]{2}}';
const FORMATS = ['pdf', 'csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

const TYPES: Readonly<Record<Format, string>> = {
  pdf: 'application/pdf',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** The monthly report as a page, and to keep. */
export const reportRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: `/usage/${MONTH}/report`,
    access: 'reader',
    async handle(visit) {
      const report = await asked(asMember(visit));
      if (report === undefined) return notFound(visit);
      return visit.c.html(renderHtml(report, { stylesheet: ASSETS.report.path, links: waysOut(report) }));
    },
  },
  ...FORMATS.map(
    (format): PortalRoute => ({
      method: 'GET',
      path: `/usage/${MONTH}/report.${format}`,
      access: 'reader',
      handle: (visit) => download(asMember(visit), format),
    }),
  ),
];

/** The customer's own report of that month: nobody else's can be named here. */
const asked = ({ c, ports, member }: MemberVisit) => ports.reports.of(member.customer, c.req.param('month') ?? '');

function waysOut({ period: { name } }: UsageReport) {
  return [
    { href: `/usage/${name}`, text: `Back to usage in ${monthName(name)}` },
    ...FORMATS.map((format) => ({ href: `/usage/${name}/report.${format}`, text: `As ${format.toUpperCase()}` })),
  ];
}

async function download(visit: MemberVisit, format: Format): Promise<Response> {
  const report = await asked(visit);
  if (report === undefined) return notFound(visit);
  const name = `${visit.member.customer}-${report.period.name}-report.${format}`.replace(/[^\w.-]/g, '_');
  const headers = { 'content-type': TYPES[format], 'content-disposition': `attachment; filename="${name}"` };
  return visit.c.body(await rendered(visit, report, format), 200, headers);
}

async function rendered(
  { ports }: MemberVisit,
  report: UsageReport,
  format: Format,
): Promise<string | Uint8Array<ArrayBuffer>> {
  if (format === 'csv') return renderCsv(report);
  if (format === 'json') return renderJson(report);
  // Only who wants a PDF pays for what draws it.
  const { renderPdf } = await import('../report/pdf/render-pdf.ts');
  return new Uint8Array(await renderPdf(report, { fonts: ports.reports.fonts() }));
}
