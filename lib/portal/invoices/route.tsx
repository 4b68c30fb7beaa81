import type { Invoice } from '../../domain/invoicing/invoice.ts';
import { notFound } from '../errors.tsx';
import { asMember, type MemberVisit, type PortalRoute, page } from '../visit.tsx';
import { linesAsCsv, outcomesAsCsv } from './csv.ts';
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
    handle: (visit) => download(asMember(visit), '.csv', linesAsCsv),
  },
  {
    method: 'GET',
    path: '/invoices/:number/outcomes.csv',
    access: 'reader',
    handle: (visit) =>
      download(asMember(visit), '-outcomes.csv', ({ outcomes }) => outcomes && outcomesAsCsv(outcomes)),
  },
  {
    method: 'GET',
    path: '/invoices/:number/invoice.json',
    access: 'reader',
    handle: (visit) => download(asMember(visit), '.json', (invoice) => `${JSON.stringify(invoice, null, 2)}\n`),
  },
];

/** @param write undefined where the invoice has nothing of the kind */
async function download(
  visit: MemberVisit,
  suffix: string,
  write: (invoice: Invoice) => string | undefined,
): Promise<Response> {
  const found = await asked(visit);
  const body = found?.invoice ? write(found.invoice) : undefined;
  if (body === undefined) return notFound(visit);
  const name = `${visit.member.customer}-${visit.c.req.param('number')}${suffix}`.replace(/[^\w.-]/g, '_');
  const type = suffix.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8';
  return visit.c.body(body, 200, { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` });
}
