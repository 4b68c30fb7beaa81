import { InputError } from '../../domain/input-error.ts';
import { DAY_MS, HOUR_MS } from '../../domain/time/time.ts';
import { accountPage } from '../account/route.tsx';
import { asMember, type Limit, type PortalRoute, page, recordAct, seeOther, type Visit } from '../visit.tsx';
import { ConfirmedPage, ConfirmPage, VoidLinkPage } from './page.tsx';

/** Each mails an address that was typed in. */
const ASKING: Limit = { name: 'ask-billing-address', most: 5, windowMs: DAY_MS };
const CONFIRMING: Limit = { name: 'confirm-billing-address', most: 30, windowMs: HOUR_MS };

export const billingAddressRoutes: readonly PortalRoute[] = [
  {
    ...{ method: 'POST', path: '/account/billing-address', access: 'admin', page: '/account', limit: ASKING },
    async handle(visit) {
      const member = asMember(visit);
      const email = visit.fields.billingEmail ?? '';
      try {
        await visit.ports.billingAddress.ask(member.member.customer, email);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        return accountPage(member, { address: { email, error: error.message } }, 400);
      }
      await recordAct(member, 'billing-address-asked', email.trim().toLowerCase());
      return seeOther(visit, '/account?done=address-asked#billing-address');
    },
  },
  {
    ...{ method: 'POST', path: '/account/billing-address/withdraw', access: 'admin', page: '/account' },
    async handle(visit) {
      const member = asMember(visit);
      await visit.ports.billingAddress.withdraw(member.member.customer);
      await recordAct(member, 'billing-address-withdrawn');
      return seeOther(visit, '/account?done=address-withdrawn#billing-address');
    },
  },
  {
    ...{ method: 'GET', path: '/billing-address/:token', access: 'public' },
    async handle(visit) {
      const token = visit.c.req.param('token') ?? '';
      const linked = await visit.ports.billingAddress.linked(token);
      if (linked === undefined) return voidLink(visit);
      visit.c.header('x-robots-tag', 'noindex, nofollow');
      return page(visit, { title: 'Confirm an address' }, <ConfirmPage token={token} {...linked} />);
    },
  },
  {
    ...{ method: 'POST', path: '/billing-address/:token', access: 'public', page: '/', limit: CONFIRMING },
    /** Whoever holds the link reads what is mailed to that address: no session is asked for. */
    async handle(visit) {
      const confirmed = await visit.ports.billingAddress.confirm(visit.c.req.param('token') ?? '');
      if (confirmed === 'void') return voidLink(visit);
      const { customer, address } = confirmed;
      const entry = { action: 'billing-address-confirmed', actor: address, subject: address } as const;
      await visit.ports.audit.record(customer, entry);
      return page(visit, { title: 'Address confirmed' }, <ConfirmedPage {...confirmed} />);
    },
  },
];

const voidLink = (visit: Visit) => page(visit, { title: 'Link not valid', status: 404 }, <VoidLinkPage />);
