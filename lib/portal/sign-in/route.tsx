import { calledBy } from '../../domain/portal/member.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import { tooMany } from '../errors.tsx';
import type { PortalSettings } from '../ports.ts';
import { returnPath } from '../session/return-path.ts';
import { newSession, SESSION_MS } from '../session/session.ts';
import { type PortalRoute, page, type Visit } from '../visit.tsx';
import { SignedOut, SignInPage } from './page.tsx';

const ATTEMPTS = { name: 'sign-in', most: 30, windowMs: 10 * MINUTE_MS };
const CALLBACK = '/sign-in/callback';

const callbackUrl = ({ origin }: PortalSettings): string => `${origin}${CALLBACK}`;

const say = (visit: Visit, problem: 'refused' | 'unavailable' | 'not-set-up' | undefined, to: string) =>
  page(
    visit,
    { title: 'Sign in', status: problem === undefined ? 200 : problem === 'refused' ? 403 : 503 },
    <SignInPage
      problem={problem}
      to={to}
      signUp={visit.settings.signUp}
      development={visit.ports.development !== undefined}
    />,
  );

export const signInRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/sign-in',
    access: 'public',
    handle: (visit) => say(visit, undefined, returnPath(visit.c.req.query('to'))),
  },
  { method: 'GET', path: '/sign-in/start', access: 'public', handle: start },
  { method: 'GET', path: CALLBACK, access: 'public', handle: comeBack },
  { method: 'POST', path: '/sign-out', access: 'guest', page: '/', handle: signOut },
  {
    method: 'GET',
    path: '/signed-out',
    access: 'public',
    async handle(visit) {
      const elsewhere = (await visit.ports.signIn?.signOutPage(`${visit.settings.origin}/signed-out`)) ?? null;
      return page(visit, { title: 'Signed out' }, <SignedOut elsewhere={elsewhere} />);
    },
  },
];

async function start(visit: Visit): Promise<Response> {
  const { c, ports, settings, address, cookies } = visit;
  const to = returnPath(c.req.query('to'));
  if (ports.signIn === null) return say(visit, 'not-set-up', to);
  const { name, most, windowMs } = ATTEMPTS;
  if (!(await ports.guard.allow(name, `address ${address}`, most, windowMs))) return tooMany(visit, windowMs);
  const begun = await ports.signIn.begin(callbackUrl(settings));
  if (begun === 'unavailable') return say(visit, 'unavailable', to);
  cookies.keepPending(c, { state: begun.kept, to, startedAt: settings.now() });
  return c.redirect(begun.url, 302);
}

/** The pending sign-in is used up whatever comes of it: a second visit with the same code finds nothing to compare with. */
async function comeBack(visit: Visit): Promise<Response> {
  const { c, ports, settings, cookies } = visit;
  const pending = cookies.pending(c);
  cookies.keepPending(c, null);
  if (ports.signIn === null) return say(visit, 'not-set-up', '/');
  if (pending === undefined) return say(visit, 'refused', '/');
  const { search } = new URL(c.req.url);
  const identity = await ports.signIn.complete(`${callbackUrl(settings)}${search}`, pending.state);
  if (identity === 'refused' || identity === 'unavailable') return say(visit, identity, pending.to);
  cookies.keepSession(c, newSession(identity, settings.now(), settings.random));
  const member = await ports.members.find(identity);
  if (member === undefined) return c.redirect(pending.to.startsWith('/join') ? pending.to : '/join', 302);
  await ports.audit.record(member.customer, { action: 'signed-in', actor: calledBy(member), subject: '' });
  return c.redirect(pending.to, 302);
}

async function signOut({ c, ports, member, session, cookies }: Visit): Promise<Response> {
  cookies.keepSession(c, null);
  if (session !== undefined) await ports.guard.endSession(session.id, session.startedAt + SESSION_MS);
  if (member !== undefined) {
    await ports.audit.record(member.customer, { action: 'signed-out', actor: calledBy(member), subject: '' });
  }
  return c.redirect('/signed-out', 303);
}
