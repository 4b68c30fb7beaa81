import { calledBy } from '../../domain/portal/member.ts';
import { isTimeZone } from '../../domain/segmentation/customer-list.ts';
import { HOUR_MS } from '../../domain/time/time.ts';
import { notFound } from '../errors.tsx';
import type { Session } from '../session/session.ts';
import { type PortalRoute, page, seeOther, type Visit } from '../visit.tsx';
import { JoinPage } from './page.tsx';

const OPENING = { name: 'open-account', most: 5, windowMs: HOUR_MS };
const NAME_MAX = 200;

/** Somebody who is signed in and belongs to no customer yet, or to one that has left. */
export const joinRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/join',
    access: 'guest',
    handle(visit) {
      if (visit.session === undefined || belongsSomewhere(visit)) return seeOther(visit, '/');
      const card = visit.c.req.query('card');
      return joinPage(visit, visit.session, { ...(card === undefined ? {} : { card }), ...visit.draft }, {});
    },
  },
  {
    method: 'POST',
    path: '/join',
    access: 'guest',
    page: '/join',
    async handle(visit) {
      const { session, member, ports, fields } = visit;
      if (session === undefined || member !== undefined) return seeOther(visit, '/');
      const joined = await ports.members.accept(session.identity, fields.customer ?? '');
      if (joined === undefined) return notFound(visit);
      await ports.audit.record(joined.customer, {
        action: 'member-joined',
        actor: calledBy(joined),
        subject: joined.role,
      });
      return seeOther(visit, '/');
    },
  },
  {
    method: 'POST',
    path: '/join/account',
    access: 'guest',
    page: '/join',
    limit: OPENING,
    handle(visit) {
      if (visit.settings.signUp !== 'open') return notFound(visit);
      if (visit.session === undefined || belongsSomewhere(visit)) return seeOther(visit, '/');
      return openAccount(visit, visit.session);
    },
  },
];

const belongsSomewhere = ({ member, account }: Visit): boolean => member !== undefined && account?.status !== 'closed';

async function joinPage(
  visit: Visit,
  session: Session,
  values: Readonly<Record<string, string>>,
  faults: Readonly<Record<string, string>>,
) {
  const { ports, settings } = visit;
  const { email } = session.identity;
  const proof = () => ({ csrf: session.csrf, id: settings.random(12) });
  const known = email === null || visit.member !== undefined ? [] : await ports.members.invitationsFor(email);
  const invitations = await Promise.all(
    known.map(async (invitation) => ({
      ...{ invitation, proof: proof() },
      name: (await ports.account(invitation.customer))?.name ?? invitation.customer,
    })),
  );
  const prices = settings.signUp === 'open' ? await ports.shop.prices() : undefined;
  const opening = prices && prices.cards.length > 0 ? { prices, values, faults, proof: proof() } : null;
  const status = Object.keys(faults).length === 0 ? 200 : 400;
  return page(
    visit,
    { title: 'Join', status },
    <JoinPage {...{ email, invitations, opening, leaves: visit.account?.name ?? null }} />,
  );
}

/** Everything that is wrong is said at once; then it is opened, and its admin sees it. */
async function openAccount(visit: Visit, session: Session): Promise<Response> {
  const { ports, fields } = visit;
  const { facts, faults } = await readAnswers(visit);
  if (Object.keys(faults).length > 0) return joinPage(visit, session, fields, faults);
  const { identity } = session;
  const by = calledBy(identity);
  const timeZone = textOf(fields.timeZone);
  const answer = await ports.shop.open(identity, {
    ...{ name: textOf(fields.name), card: fields.card ?? '', facts, by },
    timeZone: timeZone === '' ? null : timeZone,
  });
  if (answer.outcome !== 'opened') {
    if (answer.outcome === 'member-already') return seeOther(visit, '/');
    const form =
      answer.outcome === 'other-card'
        ? `With what you say of your company, ${answer.reason}`
        : 'That plan is not on offer any more. Choose one of the list.';
    return joinPage(visit, session, fields, { form });
  }
  const { customer } = answer.member;
  await ports.audit.record(customer, { action: 'account-opened', actor: by, subject: fields.card ?? '' });
  return seeOther(visit, '/');
}

async function readAnswers({ ports, fields }: Visit) {
  const stated = Object.entries(fields).filter(([name]) => name.startsWith('fact-'));
  const read = await ports.shop.stated(Object.fromEntries(stated.map(([name, text]) => [name.slice(5), text])));
  const faults: Record<string, string> = {};
  for (const [fact, fault] of Object.entries(read.faults)) faults[`fact-${fact}`] = fault;
  const name = textOf(fields.name);
  if (name === '') faults.name = 'Give the name of your company.';
  else if ([...name].length > NAME_MAX) faults.name = `At most ${NAME_MAX} characters.`;
  else if (/\p{Cc}|\p{Co}|\p{Cs}/u.test(name)) faults.name = 'One line of text.';
  const zone = textOf(fields.timeZone);
  if (zone !== '' && !isTimeZone(zone))
    faults.timeZone = 'No such time zone. Take one of the list, such as Europe/Berlin.';
  return { facts: read.facts, faults };
}

/** In one form, whatever keyboard it came from. */
const textOf = (text: string | undefined): string => (text ?? '').normalize('NFC').trim();
