import { asMember, type PortalRoute, page } from '../visit.tsx';
import { Overview } from './page.tsx';

export const overviewRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/',
    access: 'reader',
    async handle(visit) {
      const { account, member, ports } = asMember(visit);
      const [usage, outlook, invoices, keys, levels] = await Promise.all([
        ports.usage.current(member.customer),
        ports.shop.outlook(member.customer),
        ports.invoices.list(member.customer),
        ports.keys.list(member.customer),
        ports.alerts.levels(member.customer),
      ]);
      return page(
        visit,
        { title: 'Overview', section: 'overview' },
        <Overview {...{ account, usage, outlook, invoices, keys, levels }} curl={ports.development?.curl} />,
      );
    },
  },
];
