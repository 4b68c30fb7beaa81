import { calledBy } from '../../domain/portal/member.ts';
import { stillServes } from '../../domain/portal/request.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import { sendFile } from '../send-file.ts';
import { SESSION_MS } from '../session/session.ts';
import { asMember, formOf, type MemberVisit, type PortalRoute, page, recordAct, seeOther } from '../visit.tsx';
import { ErasePage, type ErasePageProps, ErasingPage, ExportPage } from './whole-page.tsx';

const EXPORT = '/account/data/export';
const ERASE = '/account/data/erase';
const EXPORTING = { name: 'export', most: 10, windowMs: 60 * MINUTE_MS };
const ERASING = { name: 'erase', most: 5, windowMs: 60 * MINUTE_MS };
/** How often a page that waits looks again. */
const LOOK_AGAIN_S = 4;

async function exportPage(visit: MemberVisit) {
  const { c, ports, member } = visit;
  const found = await ports.requests.find(member.customer, 'export');
  const request = found && (found.state === 'failed' || stillServes(found, ports.now())) ? found : undefined;
  if (request?.state === 'open') c.header('refresh', String(LOOK_AGAIN_S));
  return page(
    visit,
    { title: 'Export everything', section: 'account' },
    <ExportPage request={request} kept={visit.settings.kept} proof={formOf(visit)} />,
  );
}

async function erasePage(visit: MemberVisit, told: Pick<ErasePageProps, 'last' | 'typed' | 'error'>) {
  const { ports, member, account } = visit;
  const request = await ports.requests.find(member.customer, 'erase');
  return page(
    visit,
    { title: 'Erase what law allows', section: 'account', status: told.error === undefined ? 200 : 400 },
    <ErasePage {...{ account, kept: visit.settings.kept, request, ...told, proof: formOf(visit) }} />,
  );
}

/** The id as it is typed, then confirmed: only then is anything asked for, and this browser's session ends with it. */
async function erase(visit: MemberVisit): Promise<Response> {
  const { c, ports, member, session, fields, cookies, settings } = visit;
  const typed = (fields.customerId ?? '').trim();
  if (typed !== member.customer) {
    return erasePage(visit, { last: false, typed, error: 'This is not your customer id. Nothing was changed.' });
  }
  if (fields.confirmed !== 'yes') return erasePage(visit, { last: true, typed: undefined, error: undefined });
  await recordAct(visit, 'erasure-asked');
  await ports.requests.ask(member.customer, { kind: 'erase', askedBy: calledBy(member) });
  await ports.guard.endSession(session.id, settings.now() + SESSION_MS);
  cookies.keepSession(c, null);
  const nobody = { ...visit, session: undefined, member: undefined, account: undefined };
  return page(nobody, { title: 'Your account is being erased' }, <ErasingPage />);
}

export const wholeDataRoutes: readonly PortalRoute[] = [
  { method: 'GET', path: EXPORT, access: 'admin', handle: (visit) => exportPage(asMember(visit)) },
  {
    method: 'POST',
    path: EXPORT,
    access: 'admin',
    page: EXPORT,
    limit: EXPORTING,
    async handle(any) {
      const visit = asMember(any);
      const { ports, member } = visit;
      await ports.requests.ask(member.customer, { kind: 'export', askedBy: calledBy(member) });
      await recordAct(visit, 'data-exported');
      return seeOther(visit, EXPORT);
    },
  },
  {
    method: 'GET',
    path: `${EXPORT}.json`,
    access: 'admin',
    async handle(any) {
      const visit = asMember(any);
      const request = await visit.ports.requests.find(visit.member.customer, 'export');
      return sendFile(visit, request, 'application/json; charset=utf-8');
    },
  },
  {
    method: 'GET',
    path: ERASE,
    access: 'admin',
    handle: (visit) => erasePage(asMember(visit), { last: false, typed: undefined, error: undefined }),
  },
  {
    method: 'POST',
    path: ERASE,
    access: 'admin',
    page: ERASE,
    limit: ERASING,
    handle: (visit) => erase(asMember(visit)),
  },
];
