import { type KnownFact, statedValue } from '../../domain/portal/known-facts.ts';
import { calledBy } from '../../domain/portal/member.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import { valueWords } from '../design/words.ts';
import { notFound } from '../errors.tsx';
import { asMember, formOf, type MemberVisit, type PortalRoute, page, recordAct, seeOther } from '../visit.tsx';
import { FactPage, PreviewPage, STATEMENT_MAX } from './fact-page.tsx';
import { DataPage } from './page.tsx';

const FACT = '/account/data/facts/:fact';
const SAYING = { name: 'fact', most: 20, windowMs: 60 * MINUTE_MS };

async function askedFact({ c, ports, member }: MemberVisit): Promise<KnownFact | undefined> {
  const known = await ports.data.facts(member.customer);
  return known?.facts.find(({ definition }) => definition.id === c.req.param('fact'));
}

function factPage(
  visit: MemberVisit,
  fact: KnownFact,
  { typed = {}, wrong = {} }: { typed?: Record<string, string>; wrong?: Record<string, string> } = {},
) {
  const proof = () => formOf(visit);
  const admin = visit.member.role === 'admin';
  return page(
    visit,
    { title: 'A fact about you', section: 'account', status: Object.keys(wrong).length === 0 ? 200 : 400 },
    <FactPage {...{ fact, typed, wrong, proof, admin }} />,
  );
}

/** First what it would do, then, confirmed, the change itself. */
async function correct(visit: MemberVisit): Promise<Response> {
  const fact = await askedFact(visit);
  if (fact === undefined || fact.definition.ask === undefined) return notFound(visit);
  const { ports, member, fields } = visit;
  const text = fields.value ?? '';
  const stated = statedValue(fact.definition, text);
  if ('wrong' in stated) return factPage(visit, fact, { typed: { value: text }, wrong: { value: stated.wrong } });
  const { id } = fact.definition;
  if (fields.confirmed === 'yes') {
    if ((await ports.data.correct(member.customer, id, stated.value)) === 'not-yours') return notFound(visit);
    await recordAct(visit, 'fact-corrected', id);
    return seeOther(visit, '/account/data?done=corrected');
  }
  const preview = await ports.data.preview(member.customer, id, stated.value);
  if (preview === null) return notFound(visit);
  const content = { fact, text, stated: valueWords(stated.value), preview, proof: formOf(visit) };
  return page(visit, { title: 'What a correction changes', section: 'account' }, <PreviewPage {...content} />);
}

/** For what a person has to answer: the customer's own words are kept with the request. */
async function say(visit: MemberVisit, kind: 'correct' | 'object', field: string): Promise<Response> {
  const fact = await askedFact(visit);
  if (fact === undefined) return notFound(visit);
  const { ports, member, fields } = visit;
  const { id, use } = fact.definition;
  if (kind === 'object' && use !== 'price' && use !== 'insight') return notFound(visit);
  const statement = (fields[field] ?? '').trim();
  const wrong =
    statement === '' ? 'Say it in a few words.' : statement.length > STATEMENT_MAX ? 'Say it in 2,000 characters.' : '';
  if (wrong !== '') return factPage(visit, fact, { typed: { [field]: statement }, wrong: { [field]: wrong } });
  await ports.requests.ask(member.customer, { kind, subject: id, statement, askedBy: calledBy(member) });
  await recordAct(visit, kind === 'correct' ? 'correction-asked' : 'objection-raised', id);
  return seeOther(visit, '/account/data?done=asked');
}

export const dataRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/account/data',
    access: 'reader',
    async handle(any) {
      const visit = asMember(any);
      const { ports, member, c } = visit;
      const [known, requests] = await Promise.all([
        ports.data.facts(member.customer),
        ports.requests.list(member.customer),
      ]);
      const props = { known, requests, admin: member.role === 'admin', done: c.req.query('done') };
      return page(visit, { title: 'What we know about you', section: 'account' }, <DataPage {...props} />);
    },
  },
  {
    method: 'GET',
    path: FACT,
    access: 'reader',
    async handle(any) {
      const visit = asMember(any);
      const fact = await askedFact(visit);
      return fact === undefined ? notFound(visit) : factPage(visit, fact, { typed: { ...visit.draft } });
    },
  },
  {
    method: 'POST',
    path: `${FACT}/correct`,
    access: 'admin',
    page: FACT,
    limit: SAYING,
    handle: (visit) => correct(asMember(visit)),
  },
  {
    method: 'POST',
    path: `${FACT}/ask`,
    access: 'admin',
    page: FACT,
    limit: SAYING,
    handle: (visit) => say(asMember(visit), 'correct', 'correction'),
  },
  {
    method: 'POST',
    path: `${FACT}/object`,
    access: 'admin',
    page: FACT,
    limit: SAYING,
    handle: (visit) => say(asMember(visit), 'object', 'objection'),
  },
];
