import type { AuditEntry } from '../../domain/portal/audit.ts';
import type { Invitation, Member } from '../../domain/portal/member.ts';
import type { EpochMs } from '../../domain/time/time.ts';

/** What the portal keeps for itself. Reads are strongly consistent; what is kept twice (by person, by customer) is written in an order that never shows access that is not there. */
export interface PortalStore {
  member(person: Pick<Member, 'issuer' | 'subject'>): Promise<Member | undefined>;
  members(customer: string): Promise<Member[]>;
  /** `exists`: this person is somebody's member already, and stays it. */
  addMember(member: Member): Promise<'added' | 'exists'>;
  removeMember(member: Pick<Member, 'issuer' | 'subject' | 'customer'>): Promise<void>;
  /** Those that have run out are not among them. */
  invitations(customer: string, now: EpochMs): Promise<Invitation[]>;
  invitationsFor(email: string, now: EpochMs): Promise<Invitation[]>;
  putInvitation(invitation: Invitation): Promise<void>;
  removeInvitation(customer: string, email: string): Promise<void>;
  appendAudit(entry: AuditEntry): Promise<void>;
  /** Puts other words into an entry that is there: only erasing a customer does. */
  rewriteAudit(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  audit(customer: string, limit: number): Promise<AuditEntry[]>;
  /** True for the first claim of a name before it is forgotten. */
  claim(name: string, now: EpochMs, expiresAt: EpochMs): Promise<boolean>;
  claimed(name: string, now: EpochMs): Promise<boolean>;
  /** Adds one and answers the sum. */
  count(name: string, expiresAt: EpochMs): Promise<number>;
}
