import type { Identity, Member, Role } from '../../domain/portal/member.ts';
import { DAY_MS, HOUR_MS } from '../../domain/time/time.ts';
import type { Directory } from '../ports/directory.ts';
import type { PortalStore } from '../ports/portal-store.ts';
import type { Clock } from '../runtime.ts';

export const INVITATION_MS = 7 * DAY_MS;

/** Who may act for whom. An operator invites a customer's first admin the same way. */
export function portalMembers(store: PortalStore, clock: Clock, directory: Pick<Directory, 'profile'>) {
  /** A membership of a customer that never came to be: its sign-up died, and nobody went on with it. */
  const dropAbandoned = async (identity: Identity): Promise<void> => {
    const known = await store.member(identity);
    const abandoned = known && known.joinedAt < clock.now() - HOUR_MS && !(await directory.profile(known.customer));
    if (known && abandoned) await store.removeMember(known);
  };
  return {
    find: store.member,
    ofCustomer: store.members,
    invitations: (customer: string) => store.invitations(customer, clock.now()),
    invitationsFor: (email: string) => store.invitationsFor(email, clock.now()),
    async invite(customer: string, invitation: { email: string; role: Role; invitedBy: string }): Promise<void> {
      const invitedAt = clock.now();
      await store.putInvitation({ ...invitation, customer, invitedAt, expiresAt: invitedAt + INVITATION_MS });
    },
    withdraw: store.removeInvitation,
    async accept(identity: Identity, customer: string): Promise<Member | undefined> {
      const { issuer, subject, email, name } = identity;
      if (email === null) return undefined;
      const invitation = (await store.invitationsFor(email, clock.now())).find((each) => each.customer === customer);
      if (invitation === undefined) return undefined;
      const member = { issuer, subject, email, name, customer, role: invitation.role, joinedAt: clock.now() };
      await dropAbandoned(identity);
      if ((await store.addMember(member)) === 'exists') return undefined;
      await store.removeInvitation(customer, email);
      return member;
    },
    /** Two admins who remove each other in the same instant can leave none; then an operator invites one. */
    async remove(
      customer: string,
      who: Pick<Member, 'issuer' | 'subject'>,
    ): Promise<'removed' | 'unknown' | 'last-admin'> {
      const members = await store.members(customer);
      const found = members.find(({ issuer, subject }) => issuer === who.issuer && subject === who.subject);
      if (found === undefined) return 'unknown';
      const admins = members.filter(({ role }) => role === 'admin');
      if (found.role === 'admin' && admins.length === 1) return 'last-admin';
      await store.removeMember(found);
      return 'removed';
    },
  };
}
