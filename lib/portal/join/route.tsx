import { calledBy } from '../../domain/portal/member.ts';
import { notFound } from '../errors.tsx';
import { type PortalRoute, page, seeOther } from '../visit.tsx';
import { JoinPage } from './page.tsx';

/** Somebody who is signed in and belongs to no customer yet. */
export const joinRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/join',
    access: 'guest',
    async handle(visit) {
      const { session, member, ports, settings } = visit;
      if (session === undefined || member !== undefined) return seeOther(visit, '/');
      const { email } = session.identity;
      const invitations = email === null ? [] : await ports.members.invitationsFor(email);
      const named = await Promise.all(
        invitations.map(async (invitation) => ({
          invitation,
          name: (await ports.account(invitation.customer))?.name ?? invitation.customer,
          proof: { csrf: session.csrf, id: settings.random(12) },
        })),
      );
      return page(visit, { title: 'Join' }, <JoinPage email={email} invitations={named} />);
    },
  },
  {
    method: 'POST',
    path: '/join',
    access: 'guest',
    page: '/join',
    async handle(visit) {
      const { session, member, ports, fields } = visit;
      if (session === undefined || member !== undefined) return seeOther(visit, '/');
      const joined = await ports.members.accept(session.identity, fields.customer ?? '');
      if (joined === undefined) return notFound(visit);
      await ports.audit.record(joined.customer, {
        action: 'member-joined',
        actor: calledBy(joined),
        subject: joined.role,
      });
      return seeOther(visit, '/');
    },
  },
];
