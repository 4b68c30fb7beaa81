import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { PortalAccount } from '../domain/portal/account.ts';
import type { AuditAction } from '../domain/portal/audit.ts';
import { calledBy, type Member } from '../domain/portal/member.ts';
import { Layout, type Section } from './design/layout.tsx';
import { MailTroubles } from './design/mail-trouble.tsx';
import type { PortalPorts, PortalSettings } from './ports.ts';
import type { Cookies } from './session/cookies.ts';
import type { Session } from './session/session.ts';

/** Who may open a route. guest: signed in, but not (yet) a member of any customer. */
export type Access = 'public' | 'guest' | 'reader' | 'admin';

/** One address of the portal. The list of these is all there is: the app is made from it, and so is the isolation test. */
export type PortalRoute = PageRoute | ActionRoute;

export interface PageRoute {
  readonly method: 'GET';
  /** As Hono writes it: `/invoices/:number`. */
  readonly path: string;
  readonly access: 'public' | 'reader' | 'guest' | 'admin';
  handle(visit: Visit): Promise<Response> | Response;
}

/**
 * A form. Before `handle` runs, its origin, its token, its limit and that it comes for the first time are checked. One that is
 * public has no session: its origin and its limit are, and what it does is up to the signature in its address.
 */
export interface ActionRoute {
  readonly method: 'POST';
  readonly path: string;
  readonly access: 'public' | 'guest' | 'reader' | 'admin';
  /** The page on which the form stands: where one goes back to. Parameters are those of the request: `/invoices/:number`. */
  readonly page: string;
  readonly limit?: Limit;
  handle(visit: Visit): Promise<Response> | Response;
}

/** At most `most` in `windowMs`, by customer and by network address each. */
export interface Limit {
  readonly name: string;
  readonly most: number;
  readonly windowMs: number;
}

export interface PageOptions {
  readonly title: string;
  readonly section?: Section;
  readonly status?: 200 | 400 | 401 | 403 | 404 | 409 | 429 | 500 | 503;
}

/** One request, with who makes it and what may be answered. */
export interface Visit {
  readonly c: Context;
  readonly ports: PortalPorts;
  readonly settings: PortalSettings;
  readonly cookies: Cookies;
  readonly session: Session | undefined;
  readonly member: Member | undefined;
  readonly account: PortalAccount | undefined;
  /** Of a POST; empty for pages. The first value of each name. */
  readonly fields: Readonly<Record<string, string>>;
  /** What was typed before the session ended, on the page that it was typed on. */
  readonly draft: Readonly<Record<string, string>>;
  /** Network address of the caller. */
  readonly address: string;
}

/** A visit of a member: what pages that need one are given. */
export interface MemberVisit extends Visit {
  readonly session: Session;
  readonly member: Member;
  readonly account: PortalAccount;
}

/** @throws Error when a route that asked for a member was reached without one: the app has let it through wrongly */
export function asMember(visit: Visit): MemberVisit {
  const { session, member, account } = visit;
  if (session === undefined || member === undefined || account === undefined)
    throw new Error('a page for members was reached without one');
  return { ...visit, session, member, account };
}

/** The whole page around some content. */
export function page(
  visit: Visit,
  { title, section, status = 200 }: PageOptions,
  content: Child,
): Response | Promise<Response> {
  const { c, session, member, account, settings } = visit;
  const document = (
    <Layout
      title={title}
      section={section}
      account={account}
      person={member && calledBy(member)}
      form={session && { csrf: session.csrf, id: settings.random(12) }}
      development={visit.ports.development !== undefined}
    >
      {account === undefined ? null : <MailTroubles account={account} />}
      {content}
    </Layout>
  );
  return c.html(`<!doctype html>${document.toString()}`, status);
}

/** After a form: the address that shows what became of it, so that reloading sends nothing again. */
export const seeOther = ({ c }: Visit, path: string): Response => c.redirect(path, 303);

/** Writes down what a member did, with their name. */
export const recordAct = ({ ports, member }: MemberVisit, action: AuditAction, subject = ''): Promise<void> =>
  ports.audit.record(member.customer, { action, actor: calledBy(member), subject });

/** Fresh values for the hidden fields of a form. */
export const formOf = ({ session, settings }: MemberVisit) => ({ csrf: session.csrf, id: settings.random(12) });
