import { MINUTE_MS } from '../../domain/time/time.ts';
import { tooMany } from '../errors.tsx';
import { type PortalRoute, page, type Visit } from '../visit.tsx';
import { PricingPage, type PricingPageProps } from './page.tsx';

const CALCULATING = { name: 'calculate', most: 60, windowMs: MINUTE_MS };

/** Anyone may see it: nothing on it is about a customer but which plan the visitor has. */
export const pricingRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/pricing',
    access: 'public',
    async handle(visit) {
      const { c, ports, address, account } = visit;
      const answers = c.req.query();
      const { name, most, windowMs } = CALCULATING;
      const calculates = Object.keys(answers).length > 0;
      if (calculates && !(await ports.guard.allow(name, `address ${address}`, most, windowMs))) {
        return tooMany(visit, windowMs);
      }
      const [prices, calculation] = await Promise.all([ports.shop.prices(), ports.shop.calculate(answers)]);
      if (prices === undefined || calculation === undefined) return notYet(visit);
      const current = account?.decision?.rateCard?.split('@')[0] ?? null;
      return page(
        visit,
        { title: 'Pricing', section: 'plan' },
        <PricingPage {...{ prices, calculation, current }} choosing={choosingFor(visit)} />,
      );
    },
  },
];

function choosingFor({ account, settings, session }: Visit): PricingPageProps['choosing'] {
  if (account !== undefined) return account.status === 'closed' ? 'join' : 'plan';
  return settings.signUp === 'open' || session !== undefined ? 'join' : 'none';
}

const notYet = (visit: Visit) =>
  page(
    visit,
    { title: 'Pricing', status: 503 },
    <>
      <h1>There are no prices yet</h1>
      <p>They appear here with the first rules that are published.</p>
    </>,
  );
