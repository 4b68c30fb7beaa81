import { notFound } from '../errors.tsx';
import { asMember, type PortalRoute, page, type Visit } from '../visit.tsx';
import { UsagePage } from './page.tsx';

async function show(visit: Visit, month: string | undefined) {
  const { member, ports } = asMember(visit);
  const [usage, months] = await Promise.all([
    month === undefined ? ports.usage.current(member.customer) : ports.usage.month(member.customer, month),
    ports.usage.months(member.customer),
  ]);
  if (usage === undefined) return notFound(visit);
  return page(visit, { title: 'Usage', section: 'usage' }, <UsagePage usage={usage} months={months} />);
}

export const usageRoutes: readonly PortalRoute[] = [
  { method: 'GET', path: '/usage', access: 'reader', handle: (visit) => show(visit, undefined) },
  {
    method: 'GET',
    path: '/usage/:month{[0-9]{4}-[0-9]{2}}',
    access: 'reader',
    handle: (visit) => show(visit, visit.c.req.param('month')),
  },
];
