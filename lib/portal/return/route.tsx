import { calledBy } from '../../domain/portal/member.ts';
import { formatHour, HOUR_MS } from '../../domain/time/time.ts';
import { notFound } from '../errors.tsx';
import { asMember, formOf, type MemberVisit, type PortalRoute, page, recordAct, seeOther } from '../visit.tsx';
import { ReturnPage } from './page.tsx';

const RETURNING = { name: 'return', most: 20, windowMs: HOUR_MS };

async function returnPage(visit: MemberVisit, card: string, changed: boolean) {
  const { ports, member, account } = visit;
  const [view, prices] = await Promise.all([ports.shop.viewReturn(member.customer, card), ports.shop.prices()]);
  if (view === 'not-closed') return seeOther(visit, '/plan');
  if (view === 'not-offered') return notFound(visit);
  const props = { view, changed, units: prices?.units ?? {}, timeZone: account.timeZone, now: ports.now() };
  const title = `Open the account again on ${view.offer.card.name}`;
  return page(
    visit,
    { title, section: 'plan', status: changed ? 409 : 200 },
    <ReturnPage {...props} proof={formOf(visit)} />,
  );
}

export const returnRoutes: readonly PortalRoute[] = [
  {
    ...{ method: 'GET', path: '/plan/return/:card', access: 'admin' },
    handle: (visit) => returnPage(asMember(visit), visit.c.req.param('card') ?? '', false),
  },
  {
    ...{ method: 'POST', path: '/plan/return', access: 'admin', page: '/plan', limit: RETURNING },
    async handle(any) {
      const visit = asMember(any);
      const { card = '', token = '' } = visit.fields;
      const by = calledBy(visit.member);
      const answer = await visit.ports.shop.reopen(visit.member.customer, { card, token, by });
      if (answer.outcome === 'not-closed') return seeOther(visit, '/plan?done=not-closed');
      if (answer.outcome !== 'reopens') return returnPage(visit, card, true);
      await recordAct(visit, 'account-reopened', `${card} from ${formatHour(answer.from)}`);
      return seeOther(visit, '/plan?done=reopens');
    },
  },
];
