import { asMember, type PortalRoute, page } from '../visit.tsx';
import { PricesPage } from './page.tsx';

export const pricesRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/prices',
    access: 'reader',
    async handle(visit) {
      const { ports, member } = asMember(visit);
      const history = await ports.prices.history(member.customer);
      return page(visit, { title: 'Your prices over time', section: 'account' }, <PricesPage history={history} />);
    },
  },
];
