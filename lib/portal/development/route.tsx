import { notFound } from '../errors.tsx';
import type { DevelopmentPort } from '../ports.ts';
import { returnPath } from '../session/return-path.ts';
import { newSession } from '../session/session.ts';
import { type PortalRoute, page } from '../visit.tsx';
import { DevelopmentPage } from './page.tsx';

/** Only where the embedded cloud passes the port in: in a deployed portal these addresses do not exist. */
export function developmentRoutes(development: DevelopmentPort): readonly PortalRoute[] {
  const { curl, period } = development;
  return [
    {
      method: 'GET',
      path: '/development',
      access: 'public',
      handle: async (visit) =>
        page(
          { ...visit, account: undefined },
          { title: `Customers in ${period}` },
          <DevelopmentPage {...{ curl, period }} customers={await development.customers()} />,
        ),
    },
    {
      method: 'GET',
      path: '/development/newcomer',
      access: 'public',
      handle({ c, settings, cookies }) {
        cookies.keepSession(c, newSession(development.newcomer(), settings.now(), settings.random));
        return c.redirect(returnPath(c.req.query('to') ?? '/join'), 302);
      },
    },
    {
      method: 'GET',
      path: '/customers/:customer',
      access: 'public',
      async handle(visit) {
        const identity = await development.identityOf(visit.c.req.param('customer') ?? '');
        if (identity === undefined) return notFound(visit);
        const { settings, cookies, c } = visit;
        cookies.keepSession(c, newSession(identity, settings.now(), settings.random));
        return c.redirect('/', 302);
      },
    },
  ];
}
