import { notFound } from '../errors.tsx';
import { asMember, type MemberVisit, type PortalRoute, page } from '../visit.tsx';
import { linesAsCsv } from './csv.ts';
import { InvoiceList, InvoicePage } from './page.tsx';

/** The customer's own invoice of that number: nobody else's can be named here. */
const asked = ({ c, ports, member }: MemberVisit) => ports.invoices.one(member.customer, c.req.param('number') ?? '');

export const invoiceRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/invoices',
    access: 'reader',
    async handle(visit) {
      const { member, ports } = asMember(visit);
      const invoices = await ports.invoices.list(member.customer);
      return page(visit, { title: 'Invoices', section: 'invoices' }, <InvoiceList invoices={invoices} />);
    },
  },
  {
    method: 'GET',
    path: '/invoices/:number',
    access: 'reader',
    async handle(visit) {
      const invoice = await asked(asMember(visit));
      if (invoice === undefined) return notFound(visit);
      const title = `Invoice ${visit.c.req.param('number')}`;
      return page(visit, { title, section: 'invoices' }, <InvoicePage invoice={invoice} />);
    },
  },
  {
    method: 'GET',
    path: '/invoices/:number/pay',
    access: 'reader',
    async handle(visit) {
      const { member, ports } = asMember(visit);
      const number = visit.c.req.param('number') ?? '';
      const invoice = await asked(asMember(visit));
      if (invoice === undefined) return notFound(visit);
      const url = await ports.invoices.hostedPage(member.customer, number);
      if (url !== undefined) return visit.c.redirect(url, 302);
      return page(
        visit,
        { title: 'Not available', section: 'invoices', status: 503 },
        <>
          <h1>The payment page cannot be reached</h1>
          <p>Stripe, which hosts it, has no page for this invoice or does not answer now. Nothing was charged.</p>
          <p>
            <a href={`/invoices/${number}`}>Back to the invoice</a>
          </p>
        </>,
      );
    },
  },
  {
    method: 'GET',
    path: '/invoices/:number/lines.csv',
    access: 'reader',
    handle: (visit) => download(asMember(visit), 'csv'),
  },
  {
    method: 'GET',
    path: '/invoices/:number/invoice.json',
    access: 'reader',
    handle: (visit) => download(asMember(visit), 'json'),
  },
];

async function download(visit: MemberVisit, format: 'csv' | 'json'): Promise<Response> {
  const found = await asked(visit);
  if (!found?.invoice) return notFound(visit);
  const name = `${visit.member.customer}-${visit.c.req.param('number')}.${format}`.replace(/[^\w.-]/g, '_');
  const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8';
  const body = format === 'csv' ? linesAsCsv(found.invoice) : `${JSON.stringify(found.invoice, null, 2)}\n`;
  return visit.c.body(body, 200, { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` });
}
