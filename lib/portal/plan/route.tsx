import { calledBy } from '../../domain/portal/member.ts';
import { formatHour, formatTimestamp, HOUR_MS } from '../../domain/time/time.ts';
import { Button, Form } from '../design/form.tsx';
import { dayName } from '../design/words.ts';
import { notFound } from '../errors.tsx';
import { asMember, formOf, type MemberVisit, type PortalRoute, page, recordAct, seeOther } from '../visit.tsx';
import { PlanPage } from './page.tsx';
import { PreviewPage, titleOf } from './preview.tsx';

const CHANGING = { name: 'change-plan', most: 20, windowMs: HOUR_MS };

export const planRoutes: readonly PortalRoute[] = [
  { method: 'GET', path: '/plan', access: 'reader', handle: (visit) => planPage(asMember(visit)) },
  {
    method: 'GET',
    path: '/plan/change/:card',
    access: 'reader',
    handle: (visit) => previewPage(asMember(visit), visit.c.req.param('card') ?? '', false),
  },
  { method: 'GET', path: '/plan/cancel', access: 'admin', handle: (visit) => cancelPage(asMember(visit)) },
  {
    method: 'POST',
    path: '/plan/choose',
    access: 'admin',
    page: '/plan',
    limit: CHANGING,
    handle: (visit) => choose(asMember(visit)),
  },
  {
    method: 'POST',
    path: '/plan/undo',
    access: 'admin',
    page: '/plan',
    limit: CHANGING,
    async handle(visit) {
      const outcome = await visit.ports.shop.undo(asMember(visit).member.customer);
      if (outcome === 'undone') await recordAct(asMember(visit), 'plan-change-undone');
      return seeOther(visit, `/plan?done=${outcome}`);
    },
  },
  {
    method: 'POST',
    path: '/plan/cancel',
    access: 'admin',
    page: '/plan',
    limit: CHANGING,
    async handle(visit) {
      const outcome = await visit.ports.shop.cancel(asMember(visit).member.customer);
      if (outcome === 'closed') return seeOther(visit, '/plan?done=closed');
      await recordAct(asMember(visit), 'account-cancelled', `as of ${formatTimestamp(outcome)}`);
      return seeOther(visit, '/plan?done=cancelled');
    },
  },
  {
    method: 'POST',
    path: '/plan/stay',
    access: 'admin',
    page: '/plan',
    limit: CHANGING,
    async handle(visit) {
      const outcome = await visit.ports.shop.stay(asMember(visit).member.customer);
      if (outcome === 'stays') await recordAct(asMember(visit), 'cancellation-undone');
      return seeOther(visit, `/plan?done=${outcome}`);
    },
  },
];

async function planPage(visit: MemberVisit) {
  const { ports, member, account, c } = visit;
  const [plan, prices] = await Promise.all([ports.shop.plan(member.customer), ports.shop.prices()]);
  if (plan === undefined) return notFound(visit);
  const props = {
    account,
    plan,
    units: prices?.units ?? {},
    isAdmin: member.role === 'admin',
    done: c.req.query('done'),
  };
  return page(visit, { title: 'Plan', section: 'plan' }, <PlanPage {...props} proof={() => formOf(visit)} />);
}

async function previewPage(visit: MemberVisit, card: string, changed: boolean) {
  const { ports, member, account } = visit;
  if (account.status === 'closed') return seeOther(visit, '/plan');
  const [preview, prices] = await Promise.all([ports.shop.preview(member.customer, card), ports.shop.prices()]);
  if (preview === 'not-offered') return notFound(visit);
  const props = {
    preview,
    changed,
    ...{ timeZone: account.timeZone, now: ports.now() },
    units: prices?.units ?? {},
    isAdmin: member.role === 'admin',
    proof: formOf(visit),
  };
  return page(
    visit,
    { title: titleOf(preview), section: 'plan', status: changed ? 409 : 200 },
    <PreviewPage {...props} />,
  );
}

async function choose(visit: MemberVisit) {
  const { ports, member, fields } = visit;
  const { card = '', token = '' } = fields;
  const answer = await ports.shop.choose(member.customer, { card, token, by: calledBy(member) });
  if (answer.outcome === 'closed') return seeOther(visit, '/plan?done=closed');
  if (answer.outcome !== 'chosen') return previewPage(visit, card, true);
  await recordAct(visit, 'plan-chosen', `${card} from ${formatHour(answer.from)}`);
  return seeOther(visit, '/plan?done=chosen');
}

async function cancelPage(visit: MemberVisit) {
  const { ports, member } = visit;
  const leaving = await ports.shop.leaving(member.customer);
  if (leaving === undefined || visit.account.status === 'closed' || leaving.leavesAt !== null)
    return seeOther(visit, '/plan');
  const last = dayName(leaving.couldLeaveAt - 1);
  return page(
    visit,
    { title: 'Cancel the account', section: 'plan' },
    <>
      <h1>Cancel the account?</h1>
      <ul>
        <li>Your keys work until the end of {last} (UTC), then every call is refused.</li>
        <li>The last invoice, for usage and fees until then, comes a day later. Nothing is charged for later time.</li>
        <li>Until then you can change your mind on the plan page.</li>
        <li>Usage and invoices stay readable here after that.</li>
      </ul>
      <div class="actions">
        <Form action="/plan/cancel" proof={formOf(visit)} inline>
          <Button kind="danger">Cancel the account</Button>
        </Form>
        <a class="button quiet" href="/plan">
          Keep it
        </a>
      </div>
    </>,
  );
}
