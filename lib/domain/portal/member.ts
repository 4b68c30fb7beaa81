import type { EpochMs } from '../time/time.ts';

/** admin: may change things. reader: may look at everything and change nothing. */
export type Role = 'admin' | 'reader';
export const ROLES: readonly Role[] = ['admin', 'reader'];

/** Who somebody is, as an OpenID issuer says it. A person is (issuer, subject); an e-mail address may change hands. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Lower case, and only when the issuer has verified it. */
  readonly email: string | null;
  readonly name: string | null;
}

/** A person who acts for a customer. One customer a person: an agency uses one sign-in for each of its clients. */
export interface Member {
  readonly issuer: string;
  readonly subject: string;
  readonly customer: string;
  readonly role: Role;
  readonly email: string | null;
  readonly name: string | null;
  readonly joinedAt: EpochMs;
}

/** Whoever signs in with this verified address may join; it is asked first, so that nobody lands in a stranger's account. */
export interface Invitation {
  readonly email: string;
  readonly customer: string;
  readonly role: Role;
  /** Who invited, in words. */
  readonly invitedBy: string;
  readonly invitedAt: EpochMs;
  readonly expiresAt: EpochMs;
}

/** A plain check that catches typing errors; that the address is real, the issuer verifies. */
export const isEmail = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/.test(text);

/** How a person is shown: the name, else the address, else what the issuer calls them. */
export const calledBy = ({ name, email, subject }: Pick<Member, 'name' | 'email' | 'subject'>): string =>
  name ?? email ?? subject;
