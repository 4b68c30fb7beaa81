import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time/time.ts';
import { notFound } from '../errors.tsx';
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
import { KeysPage, NewKey } from './page.tsx';

export const KEY_NAME_MAX = 60;
const CREATING: Limit = { name: 'create-key', most: 20, windowMs: 10 * MINUTE_MS };
/** How long a rolled key goes on working, by the value that the form sends. */
export const OVERLAPS = {
  none: { ms: 0, label: 'stops at once' },
  day: { ms: DAY_MS, label: 'works for a day' },
  week: { ms: 7 * DAY_MS, label: 'works for a week' },
  hour: { ms: HOUR_MS, label: 'works for an hour' },
} as const;

async function keysPage(
  visit: MemberVisit,
  told: { name?: string; error?: string; done?: string | undefined },
  status: 200 | 400 = 200,
) {
  const keys = await visit.ports.keys.list(visit.member.customer);
  const proofs = Array.from({ length: 1 + 2 * keys.length }, () => formOf(visit));
  return page(
    visit,
    { title: 'API keys', section: 'keys', status },
    <KeysPage {...{ keys, proofs, told }} admin={visit.member.role === 'admin'} now={visit.settings.now()} />,
  );
}

export const keyRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/keys',
    access: 'reader',
    handle(visit) {
      const { name } = visit.draft;
      const done = visit.c.req.query('done');
      return keysPage(asMember(visit), {
        ...(name === undefined ? {} : { name }),
        done: name === undefined ? done : 'kept',
      });
    },
  },
  {
    method: 'POST',
    path: '/keys',
    access: 'admin',
    page: '/keys',
    limit: CREATING,
    async handle(visit) {
      const member = asMember(visit);
      const name = (visit.fields.name ?? '').trim();
      const mode = visit.fields.mode === 'test' ? 'test' : 'live';
      const error = faultOfName(name);
      if (error !== undefined) return keysPage(member, { name, error }, 400);
      const made = await visit.ports.keys.create(member.member.customer, { name, mode });
      if (made === 'too-many') {
        return keysPage(
          member,
          { name, error: 'You have as many keys as an account may have: revoke one first.' },
          400,
        );
      }
      await recordAct(member, 'key-created', name);
      return shownOnce(member, name, made.key);
    },
  },
  {
    method: 'POST',
    path: '/keys/:hash/roll',
    access: 'admin',
    page: '/keys',
    limit: CREATING,
    async handle(visit) {
      const member = asMember(visit);
      const key = await ownKey(member);
      const overlap = OVERLAPS[(visit.fields.overlap ?? 'day') as keyof typeof OVERLAPS];
      if (key === undefined || overlap === undefined) return notFound(visit);
      const rolled = await visit.ports.keys.roll(member.member.customer, key.hash, overlap.ms);
      if (rolled === 'unknown') return notFound(visit);
      await recordAct(member, 'key-rolled', key.name);
      return shownOnce(member, key.name, rolled.key, rolled.until);
    },
  },
  {
    method: 'POST',
    path: '/keys/:hash/revoke',
    access: 'admin',
    page: '/keys',
    async handle(visit) {
      const member = asMember(visit);
      const key = await ownKey(member);
      if (key === undefined) return notFound(visit);
      if ((await visit.ports.keys.revoke(member.member.customer, key.hash)) === 'unknown') return notFound(visit);
      await recordAct(member, 'key-revoked', key.name);
      return seeOther(visit, '/keys?done=revoked');
    },
  },
];

/** Looked up among the member's own keys: a hash of another customer's is as unknown as an invented one. */
async function ownKey({ c, ports, member }: MemberVisit) {
  const hash = c.req.param('hash');
  return (await ports.keys.list(member.customer)).find((key) => key.hash === hash && key.state === 'active');
}

function faultOfName(name: string): string | undefined {
  if (name === '') return 'Give the key a name, such as the system that will use it.';
  if ([...name].length > KEY_NAME_MAX) return `A name has at most ${KEY_NAME_MAX} characters.`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\u0000-\u001f\u007f]/.test(name) ? 'A name is one line of text.' : undefined;
}

/** Not redirected: the key is in this answer and nowhere else. Reloading sends the form again, which then is a repeat. */
function shownOnce(visit: MemberVisit, name: string, key: string, until?: number) {
  return page(visit, { title: 'New key', section: 'keys' }, <NewKey {...{ name, key, until }} />);
}
