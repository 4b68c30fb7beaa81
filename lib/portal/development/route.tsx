import { notFound } from '../errors.tsx';
import type { DevelopmentPort } from '../ports.ts';
import { returnPath } from '../session/return-path.ts';
import { newSession } from '../session/session.ts';
import { type PortalRoute, page } from '../visit.tsx';
import { MailPage, OneMail } from './mail.tsx';
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
      path: '/development/mail',
      access: 'public',
      handle: (visit) =>
        page({ ...visit, account: undefined }, { title: 'Mail' }, <MailPage mails={development.mails()} />),
    },
    {
      method: 'GET',
      path: '/development/mail/:mail',
      access: 'public',
      handle(visit) {
        const mail = development.mails().find(({ id }) => id === visit.c.req.param('mail'));
        if (mail === undefined) return notFound(visit);
        return page({ ...visit, account: undefined }, { title: mail.subject }, <OneMail mail={mail} />);
      },
    },
    {
      method: 'GET',
      path: '/development/mail/:mail/:attachment',
      access: 'public',
      handle(visit) {
        const mail = development.mails().find(({ id }) => id === visit.c.req.param('mail'));
        const file = mail?.attachments.find(({ name }) => name === visit.c.req.param('attachment'));
        if (file === undefined) return notFound(visit);
        const disposition = `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`;
        const headers = { 'content-type': file.type, 'content-disposition': disposition };
        return visit.c.body(new Uint8Array(file.content), 200, headers);
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
