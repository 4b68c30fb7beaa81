import { isEmail, type Role } from '../../domain/portal/member.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import { notFound } from '../errors.tsx';
import { asMember, formOf, type MemberVisit, type PortalRoute, page, recordAct, seeOther } from '../visit.tsx';
import { AccountPage, type AccountTold } from './page.tsx';

const AUDIT_SHOWN = 50;
const INVITING = { name: 'invite', most: 20, windowMs: 60 * MINUTE_MS };

export async function accountPage(visit: MemberVisit, told: AccountTold, status: 200 | 400 = 200) {
  const { ports, member } = visit;
  const [members, invitations, entries, billing] = await Promise.all([
    ports.members.ofCustomer(member.customer),
    ports.members.invitations(member.customer),
    ports.audit.newest(member.customer, AUDIT_SHOWN),
    ports.billingAddress.view(member.customer),
  ]);
  const proof = () => formOf(visit);
  return page(
    visit,
    { title: 'Account', section: 'account', status },
    <AccountPage {...{ account: visit.account, member, members, invitations, entries, billing, told, proof }} />,
  );
}

export const accountRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/account',
    access: 'reader',
    handle(visit) {
      const { email, billingEmail } = visit.draft;
      const kept = email !== undefined || billingEmail !== undefined;
      const done = kept ? 'kept' : visit.c.req.query('done');
      return accountPage(asMember(visit), { email, address: { email: billingEmail }, done });
    },
  },
  {
    method: 'GET',
    path: '/account/payment-method',
    access: 'admin',
    async handle(visit) {
      const { ports, member, settings } = asMember(visit);
      const url = await ports.invoices.paymentMethodPage(member.customer, `${settings.origin}/account`);
      if (url !== undefined) return visit.c.redirect(url, 302);
      return page(
        visit,
        { title: 'Not available', section: 'account', status: 503 },
        <>
          <h1>The payment method cannot be changed now</h1>
          <p>
            Stripe, which keeps it, does not answer, or knows nothing of this account before its first invoice. Nothing
            was changed.
          </p>
          <p>
            <a href="/account">Back to the account</a>
          </p>
        </>,
      );
    },
  },
  {
    method: 'POST',
    path: '/account/invitations',
    access: 'admin',
    page: '/account',
    limit: INVITING,
    async handle(visit) {
      const member = asMember(visit);
      const email = (visit.fields.email ?? '').trim().toLowerCase();
      if (!isEmail(email)) return accountPage(member, { email, error: 'That is not an e-mail address.' }, 400);
      const role: Role = visit.fields.role === 'admin' ? 'admin' : 'reader';
      const invitedBy = member.member.name ?? member.member.email ?? 'an admin';
      await visit.ports.members.invite(member.member.customer, { email, role, invitedBy });
      await recordAct(member, 'member-invited', `${email}, ${role}`);
      return seeOther(visit, '/account?done=invited');
    },
  },
  {
    method: 'POST',
    path: '/account/invitations/withdraw',
    access: 'admin',
    page: '/account',
    async handle(visit) {
      const member = asMember(visit);
      const email = visit.fields.email ?? '';
      const open = await visit.ports.members.invitations(member.member.customer);
      if (!open.some((each) => each.email === email)) return notFound(visit);
      await visit.ports.members.withdraw(member.member.customer, email);
      await recordAct(member, 'invitation-withdrawn', email);
      return seeOther(visit, '/account?done=withdrawn');
    },
  },
  {
    method: 'POST',
    path: '/account/members/remove',
    access: 'admin',
    page: '/account',
    async handle(visit) {
      const member = asMember(visit);
      const { issuer = '', subject = '' } = visit.fields;
      const members = await visit.ports.members.ofCustomer(member.member.customer);
      const gone = members.find((each) => each.issuer === issuer && each.subject === subject);
      const outcome = await visit.ports.members.remove(member.member.customer, { issuer, subject });
      if (outcome === 'unknown') return notFound(visit);
      const email = gone?.email ?? null;
      if (outcome === 'removed' && email !== null) await visit.ports.alerts.dropAddress(member.member.customer, email);
      if (outcome === 'removed') await recordAct(member, 'member-removed', visit.fields.name ?? subject);
      return seeOther(visit, `/account?done=${outcome}`);
    },
  },
];
