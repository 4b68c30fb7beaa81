import { InputError } from '../../domain/input-error.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import { ASSETS } from '../assets/assets.ts';
import { notFound } from '../errors.tsx';
import { renderHtml } from '../report/render-html.tsx';
import {
  asMember,
  formOf,
  type Limit,
  type MemberVisit,
  type PortalRoute,
  page,
  recordAct,
  seeOther,
} from '../visit.tsx';
import { AlertsPage, type AlertsTold } from './page.tsx';
import { NewSecret } from './webhook.tsx';

const CHANGING: Limit = { name: 'change-alerts', most: 60, windowMs: 10 * MINUTE_MS };
/** Each has us call an address that was typed in. */
const TESTING: Limit = { name: 'test-webhook', most: 10, windowMs: 10 * MINUTE_MS };

async function alertsPage(visit: MemberVisit, told: AlertsTold, status: 200 | 400 = 200) {
  const { ports, member, account } = visit;
  const view = await ports.alerts.view(member.customer, member.email);
  const { spend, timeZone } = account;
  return page(
    visit,
    { title: 'Alerts', section: 'alerts', status },
    <AlertsPage
      {...{ view, spend, timeZone, told }}
      now={ports.now()}
      admin={member.role === 'admin'}
      proof={() => formOf(visit)}
    />,
  );
}

/** A form on the page: what it does, and where it leads. */
const form = (
  path: string,
  handle: (visit: MemberVisit) => Promise<Response>,
  limit: Limit = CHANGING,
): PortalRoute => ({
  ...{ method: 'POST', path, access: 'admin', page: '/alerts', limit },
  handle: (visit) => handle(asMember(visit)),
});

export const alertRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/alerts',
    access: 'reader',
    handle(visit) {
      const { amount, mode, url } = visit.draft;
      const kept = amount !== undefined || url !== undefined;
      return alertsPage(asMember(visit), { amount, mode, url, done: kept ? 'kept' : visit.c.req.query('done') });
    },
  },
  form('/alerts/cap', setCap),
  form('/alerts/cap/remove', async (visit) => {
    await visit.ports.alerts.setCap(visit.member.customer, null);
    await recordAct(visit, 'cap-removed');
    return seeOther(visit, '/alerts?done=uncapped');
  }),
  form('/alerts/choices', choose),
  form('/alerts/links/void', async (visit) => {
    await visit.ports.alerts.voidLinks(visit.member.customer);
    await recordAct(visit, 'report-links-voided');
    return seeOther(visit, '/alerts?done=voided');
  }),
  form('/alerts/webhook', setWebhook),
  form('/alerts/webhook/remove', async (visit) => {
    await visit.ports.alerts.removeTarget(visit.member.customer);
    await recordAct(visit, 'webhook-removed');
    return seeOther(visit, '/alerts?done=removed');
  }),
  form('/alerts/webhook/rotate', async (visit) => {
    const made = await visit.ports.alerts.rotateSecret(visit.member.customer);
    if (made === 'no-target') return notFound(visit);
    await recordAct(visit, 'webhook-secret-rotated');
    return shownOnce(visit, made);
  }),
  form(
    '/alerts/webhook/test',
    async (visit) => {
      if ((await visit.ports.alerts.testTarget(visit.member.customer)) === 'no-target') return notFound(visit);
      await recordAct(visit, 'webhook-tested');
      return seeOther(visit, '/alerts?done=tested');
    },
    TESTING,
  ),
  form('/alerts/webhook/resume', async (visit) => {
    await visit.ports.alerts.resumeTarget(visit.member.customer);
    await recordAct(visit, 'webhook-resumed');
    return seeOther(visit, '/alerts?done=resumed');
  }),
  {
    method: 'GET',
    path: '/reports/:token',
    access: 'public',
    /** Whoever holds a link that we have signed reads that one report, without a session. */
    async handle(visit) {
      const link = await visit.ports.alerts.reportLink(visit.c.req.param('token') ?? '');
      const report = link && (await visit.ports.reports.of(link.customer, link.month));
      if (report === undefined) return notFound(visit);
      visit.c.header('x-robots-tag', 'noindex, nofollow');
      return visit.c.html(renderHtml(report, { stylesheet: ASSETS.report.path, links: [] }));
    },
  },
];

async function setCap(visit: MemberVisit): Promise<Response> {
  const { amount = '', mode = '' } = visit.fields;
  try {
    const cap = { amount, mode: mode === 'soft' ? ('soft' as const) : ('hard' as const) };
    await visit.ports.alerts.setCap(visit.member.customer, cap);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return alertsPage(visit, { amount, mode, capError: error.message }, 400);
  }
  await recordAct(visit, 'cap-set', `${amount.trim()}, ${mode === 'soft' ? 'soft' : 'hard'}`);
  return seeOther(visit, '/alerts?done=cap');
}

async function choose(visit: MemberVisit): Promise<Response> {
  const { fields, ports, member } = visit;
  const ticked = (prefix: string) =>
    Object.entries(fields).flatMap(([name, value]) => (name.startsWith(prefix) ? [value] : []));
  const choice = { kinds: ticked('kind-'), addresses: ticked('address-'), report: fields.report ?? '' };
  try {
    await ports.alerts.choose(member.customer, choice, member.email);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return alertsPage(visit, { addressError: `${error.message}.` }, 400);
  }
  await recordAct(visit, 'alerts-chosen');
  return seeOther(visit, '/alerts?done=chosen');
}

async function setWebhook(visit: MemberVisit): Promise<Response> {
  const { url = '' } = visit.fields;
  try {
    const made = await visit.ports.alerts.setTarget(visit.member.customer, url);
    await recordAct(visit, 'webhook-set', new URL(url.trim()).host);
    return await shownOnce(visit, made);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const urlError = `${error.message}${error.hint === undefined ? '' : `: ${error.hint}`}.`;
    return alertsPage(visit, { url, urlError: urlError.charAt(0).toUpperCase() + urlError.slice(1) }, 400);
  }
}

/** Not redirected: the secret is in this answer and nowhere else. */
const shownOnce = async (visit: MemberVisit, made: { secret: string; until?: number }): Promise<Response> =>
  page(visit, { title: 'Webhook secret', section: 'alerts' }, <NewSecret secret={made.secret} until={made.until} />);
