import { timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ASSETS } from './assets/assets.ts';
import { broken, formRefused, notAllowed, notFound, sentTwice, sessionEnded, tooMany } from './errors.tsx';
import { strictHeaders } from './headers.ts';
import type { PortalPorts, PortalSettings } from './ports.ts';
import { portalRoutes } from './routes.ts';
import { type Cookies, cookies } from './session/cookies.ts';
import { returnPath } from './session/return-path.ts';
import { isOver, type Session, wantsRenewal } from './session/session.ts';
import type { ActionRoute, PortalRoute, Visit } from './visit.tsx';

/** No form of the portal comes near it. */
const FORM_BYTES_MAX = 64 * 1024;
const A_YEAR_S = 31_536_000;

/**
 * The portal: server-rendered pages that work without JavaScript. It knows nothing of where its data stands or where it
 * runs: the deployed function and the embedded cloud pass in the ports.
 */
export function createPortal(ports: PortalPorts, settings: PortalSettings): Hono {
  const app = new Hono();
  const kept = cookies(settings);
  app.use(...strictHeaders(settings.origin));
  app.use(bodyLimit({ maxSize: FORM_BYTES_MAX, onError: (c) => c.text('This is more than a form can hold.', 413) }));
  for (const { path, type, body, gzip } of Object.values(ASSETS)) {
    const kept = { 'cache-control': `public, max-age=${A_YEAR_S}, immutable`, vary: 'accept-encoding' };
    app.get(path, (c) =>
      /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
        ? c.body(gzip, 200, { ...kept, 'content-type': type, 'content-encoding': 'gzip' })
        : c.body(body, 200, { ...kept, 'content-type': type }),
    );
  }
  for (const route of portalRoutes(ports)) {
    app.on(route.method, route.path, async (c) => answer(route, await visitOf(c, ports, settings, kept)));
  }
  app.notFound(async (c) => notFound(await visitOf(c, ports, settings, kept)));
  app.onError(async (error, c) => {
    const reference = settings.random(6);
    settings.report('a page failed', { reference, path: c.req.path, error: String(error) });
    return broken(bareVisit(c, ports, settings, kept), reference);
  });
  return app;
}

/** A visit of nobody: for what has to be answered though the stores may be down. */
function bareVisit(c: Context, ports: PortalPorts, settings: PortalSettings, kept: Cookies): Visit {
  const nobody = { session: undefined, member: undefined, account: undefined, fields: {}, draft: {} };
  return { c, ports, settings, cookies: kept, ...nobody, address: settings.addressOf(c.env) };
}

async function visitOf(c: Context, ports: PortalPorts, settings: PortalSettings, kept: Cookies): Promise<Visit> {
  const bare = bareVisit(c, ports, settings, kept);
  const fields = c.req.method === 'POST' ? await fieldsOf(c) : {};
  const session = await liveSession(c, ports, settings, kept);
  if (session === undefined) return { ...bare, fields };
  const member = await ports.members.find(session.identity);
  const account = member && (await ports.account(member.customer));
  const draft = c.req.method === 'GET' ? takeDraft(c, kept) : {};
  return { ...bare, session, member: account && member, account, fields, draft };
}

async function liveSession(
  c: Context,
  { guard }: PortalPorts,
  { now }: PortalSettings,
  kept: Cookies,
): Promise<Session | undefined> {
  const session = kept.session(c);
  if (session === undefined) return undefined;
  if (isOver(session, now()) || (await guard.sessionEnded(session.id))) return undefined;
  if (!wantsRenewal(session, now())) return session;
  const renewed = { ...session, seenAt: now() };
  kept.keepSession(c, renewed);
  return renewed;
}

/** What was typed before the session ended, once, on the page where it was typed. */
function takeDraft(c: Context, kept: Cookies): Readonly<Record<string, string>> {
  const draft = kept.draft(c);
  if (draft === undefined || draft.page !== c.req.path) return {};
  kept.keepDraft(c, null);
  return draft.fields;
}

async function fieldsOf(c: Context): Promise<Record<string, string>> {
  const type = c.req.header('content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return {};
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(await c.req.text())) fields[name] ??= value;
  return fields;
}

/** The page on which a form stands, as this request names it. */
const pageOf = ({ page }: ActionRoute, { c }: Visit): string =>
  page.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(c.req.param(name) ?? ''));

async function answer(route: PortalRoute, visit: Visit): Promise<Response> {
  const { c, session, member } = visit;
  if (route.access === 'public') return (await publicRefusal(route, visit)) ?? route.handle(visit);
  if (session === undefined) {
    return route.method === 'POST' ? endedMeanwhile(route, visit) : signInFirst(visit);
  }
  if (route.access !== 'guest' && member === undefined) return c.redirect('/join', 302);
  if (route.method === 'POST' && isForged(visit)) return formRefused(visit, pageOf(route, visit));
  // Before the limits: whoever may not send a form must not use up the attempts of those who may.
  if (route.access === 'admin' && member?.role !== 'admin') return notAllowed(visit);
  const refused = route.method === 'POST' ? await refusal(route, visit) : undefined;
  return refused ?? route.handle(visit);
}

function signInFirst({ c, ports }: Visit): Response {
  if (c.req.header('accept')?.startsWith('application/json')) return c.json({ error: 'signed-out' }, 401);
  const { pathname, search } = new URL(c.req.url);
  if (pathname === '/' && ports.development !== undefined) return c.redirect('/development', 302);
  const to = pathname === '/' ? '' : `?to=${encodeURIComponent(pathname + search)}`;
  return c.redirect(`/sign-in${to}`, 302);
}

/** What was typed is kept, sealed, in the browser; only what the session itself had put into the form is left out. */
function endedMeanwhile(route: ActionRoute, visit: Visit): Response | Promise<Response> {
  const page = pageOf(route, visit);
  const { csrf: _csrf, form: _form, ...typed } = visit.fields;
  const kept = cameFromHere(visit) && visit.cookies.keepDraft(visit.c, { page, fields: typed });
  return sessionEnded(visit, returnPath(page), kept);
}

/** By its origin and its token. */
const isForged = (visit: Visit): boolean =>
  !cameFromHere(visit) || !sameText(visit.fields.csrf ?? '', visit.session?.csrf ?? '');

/** A form without a session: from a page of ours, and not too often from one network address. */
async function publicRefusal(route: PortalRoute, visit: Visit): Promise<Response | undefined> {
  if (route.method === 'GET') return undefined;
  if (!cameFromHere(visit)) return formRefused(visit, pageOf(route, visit));
  const { limit } = route;
  if (limit === undefined) return undefined;
  const { name, most, windowMs } = limit;
  const allowed = await visit.ports.guard.allow(name, `address ${visit.address}`, most, windowMs);
  return allowed ? undefined : tooMany(visit, windowMs);
}

/** Limit, then first time: after origin and token, so that a stranger's form is never counted against anyone. */
async function refusal(route: ActionRoute, visit: Visit): Promise<Response | undefined> {
  const { limit } = route;
  const page = pageOf(route, visit);
  const { fields, session, member, ports, address } = visit;
  const owner = member?.customer ?? `${session?.identity.issuer} ${session?.identity.subject}`;
  if (limit !== undefined) {
    const { name, most, windowMs } = limit;
    const byOwner = await ports.guard.allow(name, `customer ${owner}`, most, windowMs);
    const byAddress = await ports.guard.allow(name, `address ${address}`, most, windowMs);
    if (!byOwner || !byAddress) return tooMany(visit, windowMs);
  }
  const form = fields.form ?? '';
  if (!/^[0-9a-f]{24}$/.test(form)) return formRefused(visit, page);
  return (await ports.guard.firstTime(owner, form)) ? undefined : sentTwice(visit, page);
}

/** Browsers name the origin of every form; one that does not is not a browser that we can trust with a cookie. */
const cameFromHere = ({ c, settings }: Visit): boolean => c.req.header('origin') === settings.origin;

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length > 0 && left.length === right.length && timingSafeEqual(left, right);
}
