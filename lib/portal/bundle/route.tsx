import { calledBy } from '../../domain/portal/member.ts';
import { stillServes } from '../../domain/portal/request.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import { notFound } from '../errors.tsx';
import { sendFile } from '../send-file.ts';
import { asMember, formOf, type MemberVisit, type PortalRoute, page, seeOther } from '../visit.tsx';
import { BundlePage } from './page.tsx';

const MAKING = { name: 'bundle', most: 30, windowMs: 60 * MINUTE_MS };
/** How often a page that waits looks again. */
const LOOK_AGAIN_S = 4;

const numberOf = ({ c }: MemberVisit): string => c.req.param('number') ?? '';
/** One that is not rated yet has nothing behind it. */
async function bundled(visit: MemberVisit): Promise<boolean> {
  const invoice = await visit.ports.invoices.one(visit.member.customer, numberOf(visit));
  return invoice?.invoice != null;
}

export const bundleRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/invoices/:number/bundle',
    access: 'reader',
    async handle(any) {
      const visit = asMember(any);
      if (!(await bundled(visit))) return notFound(visit);
      const { c, ports, member } = visit;
      const number = numberOf(visit);
      const found = await ports.requests.find(member.customer, 'bundle', number);
      const request = found && (found.state === 'failed' || stillServes(found, ports.now())) ? found : undefined;
      if (request?.state === 'open') c.header('refresh', String(LOOK_AGAIN_S));
      const title = `Evidence for invoice ${number}`;
      return page(
        visit,
        { title, section: 'invoices' },
        <BundlePage number={number} request={request} proof={formOf(visit)} />,
      );
    },
  },
  {
    method: 'POST',
    path: '/invoices/:number/bundle',
    access: 'reader',
    page: '/invoices/:number/bundle',
    limit: MAKING,
    async handle(any) {
      const visit = asMember(any);
      if (!(await bundled(visit))) return notFound(visit);
      const { ports, member } = visit;
      const subject = numberOf(visit);
      await ports.requests.ask(member.customer, { kind: 'bundle', subject, askedBy: calledBy(member) });
      return seeOther(visit, `/invoices/${subject}/bundle`);
    },
  },
  {
    method: 'GET',
    path: '/invoices/:number/bundle.gz',
    access: 'reader',
    async handle(any) {
      const visit = asMember(any);
      const { ports, member } = visit;
      const request = await ports.requests.find(member.customer, 'bundle', numberOf(visit));
      return sendFile(visit, request, 'application/gzip');
    },
  },
];
