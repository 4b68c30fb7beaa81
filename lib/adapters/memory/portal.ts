import type { PortalStore } from '../../app/ports/portal-store.ts';
import type { AuditEntry } from '../../domain/portal/audit.ts';
import type { Invitation, Member } from '../../domain/portal/member.ts';

const personOf = ({ issuer, subject }: Pick<Member, 'issuer' | 'subject'>): string => `${issuer}\0${subject}`;

/** The portal's own store without a database. */
export function memoryPortalStore(): PortalStore {
  const members = new Map<string, Member>();
  const invitations = new Map<string, Invitation>();
  const entries: AuditEntry[] = [];
  const claims = new Map<string, number>();
  const counts = new Map<string, number>();
  const open = (wanted: (invitation: Invitation) => boolean, now: number) =>
    [...invitations.values()].filter((each) => wanted(each) && each.expiresAt > now);
  const newestFirst = (a: AuditEntry, b: AuditEntry) => b.at - a.at || (a.id < b.id ? 1 : -1);

  return {
    member: async (person) => members.get(personOf(person)),
    members: async (customer) => [...members.values()].filter((member) => member.customer === customer),
    async addMember(member) {
      if (members.has(personOf(member))) return 'exists';
      members.set(personOf(member), member);
      return 'added';
    },
    async removeMember(member) {
      if (members.get(personOf(member))?.customer === member.customer) members.delete(personOf(member));
    },
    invitations: async (customer, now) => open((each) => each.customer === customer, now),
    invitationsFor: async (email, now) => open((each) => each.email === email, now),
    async putInvitation(invitation) {
      invitations.set(`${invitation.email}\0${invitation.customer}`, invitation);
    },
    async removeInvitation(customer, email) {
      invitations.delete(`${email}\0${customer}`);
    },
    async appendAudit(entry) {
      entries.push(entry);
    },
    async rewriteAudit(entry) {
      const at = entries.findIndex((each) => each.customer === entry.customer && each.id === entry.id);
      if (at >= 0) entries[at] = entry;
    },
    audit: async (customer, limit) =>
      entries
        .filter((entry) => entry.customer === customer)
        .sort(newestFirst)
        .slice(0, limit),
    async claim(name, now, expiresAt) {
      if ((claims.get(name) ?? 0) > now) return false;
      claims.set(name, expiresAt);
      return true;
    },
    claimed: async (name, now) => (claims.get(name) ?? 0) > now,
    async count(name) {
      const sum = (counts.get(name) ?? 0) + 1;
      counts.set(name, sum);
      return sum;
    },
  };
}
