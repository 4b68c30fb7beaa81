import type { KnownFact, KnownFacts } from '../../domain/portal/known-facts.ts';
import type { CustomerRequest } from '../../domain/portal/request.ts';
import type { FactDefinition } from '../../domain/rules/ruleset.ts';
import { Badge, Empty, Notice, Table } from '../design/parts.tsx';
import { spelled, timeName, valueWords } from '../design/words.ts';
import { factName, measured, ORIGINS, SOURCES, standingWords } from './words.ts';

export interface DataPageProps {
  readonly known: KnownFacts | null;
  readonly requests: readonly CustomerRequest[];
  readonly admin: boolean;
  readonly done: string | undefined;
}

const TOLD: Readonly<Record<string, string>> = {
  corrected:
    'The fact is changed, and your price is being decided anew. What it changes is in force from the next full hour that is at least 20 minutes away; nothing that you used before is priced again.',
  asked: 'Your request is recorded. It stands below, with its answer once there is one.',
};

/** Every fact that rules may read about one customer, and what can be done about each. */
export function DataPage({ known, requests, admin, done }: DataPageProps) {
  const told = done === undefined ? undefined : TOLD[done];
  return (
    <>
      <h1>What we know about you</h1>
      <p class="lead">
        Every fact that our pricing rules may read about your company, where it comes from, and whether it affects your
        price now. Nothing else is known to them.
      </p>
      {told === undefined ? null : (
        <Notice>
          <p>{told}</p>
        </Notice>
      )}
      {known === null ? (
        <Empty>No rules have been published yet, so nothing sets a price.</Empty>
      ) : (
        <Facts known={known} />
      )}
      <h2>What you asked for</h2>
      <Requests requests={requests} />
      <h2>All of your data</h2>
      {admin ? (
        <>
          <p>
            Everything that is kept about you, in one file: facts, decisions, usage by hour, invoices, credits, people,
            keys without their secrets, and what was done.
          </p>
          <div class="actions">
            <a class="button quiet" href="/account/data/export">
              Export everything
            </a>
            <a class="button quiet" href="/account/data/erase">
              Erase what law allows
            </a>
          </div>
        </>
      ) : (
        <p>Admins of the account can export it, correct it and have it erased.</p>
      )}
    </>
  );
}

function Facts({ known: { facts, unread } }: { known: KnownFacts }) {
  const reads = facts.filter(({ readBy }) => readBy.length > 0);
  const others = facts.filter(({ readBy }) => readBy.length === 0);
  return (
    <>
      <h2>Behind your price now</h2>
      {reads.length === 0 ? (
        <Empty>No fact about you sets your price: you pay what everyone pays to whom no rule applies.</Empty>
      ) : (
        <FactTable label="Facts behind your price" facts={reads} />
      )}
      <h2>Known, without effect on your price now</h2>
      <FactTable label="Other facts" facts={others} />
      {unread.length === 0 ? null : (
        <p class="note">
          Kept, but unknown to every rule: {unread.map(({ id, value }) => `${id} (${valueWords(value)})`).join(', ')}.
        </p>
      )}
    </>
  );
}

/** A proxy with a reason that is written down may be read. */
const mayNever = ({ use, justification }: FactDefinition): boolean =>
  use === 'insight' || use === 'prohibited' || (use === 'proxy' && justification === undefined);

function FactTable({ label, facts }: { label: string; facts: readonly KnownFact[] }) {
  return (
    <Table
      stacked
      label={label}
      head={[{ name: 'Fact' }, { name: 'Value' }, { name: 'From' }, { name: 'Effect on your price' }]}
    >
      {facts.map(({ definition, value, from, readBy }) => (
        <tr>
          <th scope="row">
            <a href={`/account/data/facts/${encodeURIComponent(definition.id)}`}>{factName(definition)}</a>
          </th>
          <td data-label="Value">
            {measured(value, definition.unit)}
            {ORIGINS[from] === '' ? null : <span class="why">{ORIGINS[from]}</span>}
          </td>
          <td data-label="From">{SOURCES[definition.source]}</td>
          <td data-label="Effect">
            {readBy.length === 0 ? (
              <Badge>{mayNever(definition) ? `never: ${definition.use}` : 'none now'}</Badge>
            ) : (
              readBy.map(({ rule, rationale }) => (
                <span class="why">
                  {rule}: {rationale}
                </span>
              ))
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function Requests({ requests }: { requests: readonly CustomerRequest[] }) {
  if (requests.length === 0) return <Empty>Nothing yet.</Empty>;
  return (
    <Table label="Requests" head={[{ name: 'When' }, { name: 'What' }, { name: 'Where it stands' }]}>
      {requests.map((request) => (
        <tr>
          <td>{timeName(request.askedAt)}</td>
          <td>
            {spelled(request.kind)}
            {request.subject === '' ? '' : `: ${request.subject}`}
            {request.statement === '' ? null : <span class="why">“{request.statement}”</span>}
          </td>
          <td>
            <Badge tone={request.state === 'done' ? 'good' : 'plain'}>{request.state}</Badge>
            <span class="why">{standingWords(request)}</span>
          </td>
        </tr>
      ))}
    </Table>
  );
}
