import type { Delivery } from '../../domain/alerts/delivery.ts';
import type { AlertsView } from '../../domain/alerts/view.ts';
import type { EpochMs } from '../../domain/time/time.ts';
import { Button, Form, type FormProof, TextField } from '../design/form.tsx';
import { Badge, Empty, Notice, Table } from '../design/parts.tsx';
import { timeName } from '../design/words.ts';
import type { AlertsTold } from './page.tsx';

interface WebhookProps {
  readonly view: AlertsView;
  readonly admin: boolean;
  readonly proof: () => FormProof;
  readonly told: AlertsTold;
}

export function Webhook({ view, admin, proof, told }: WebhookProps) {
  const { target } = view.settings;
  return (
    <>
      <h2>Webhook</h2>
      {target === null ? (
        <p>None: alerts can also be posted, signed, to a machine of yours.</p>
      ) : (
        <>
          <p>
            Alerts are posted to <code>{target.url}</code>
            {target.previous === null
              ? '.'
              : `, until ${timeName(target.previous.until)} signed with the old secret too.`}
          </p>
          {target.paused === null ? null : (
            <Notice tone="warn">
              <p>
                <strong>Paused since {timeName(target.paused.since)}.</strong> It took nothing for about a day (
                {target.paused.reason}).
              </p>
            </Notice>
          )}
          {admin ? <Acts paused={target.paused !== null} proof={proof} /> : null}
          <Deliveries deliveries={view.deliveries} />
        </>
      )}
      {admin ? (
        <Form action="/alerts/webhook" proof={proof()}>
          <TextField
            name="url"
            label={target === null ? 'Address' : 'Another address'}
            hint="https only, reachable from the internet, no redirect. You are shown a new secret, once."
            value={told.url}
            error={told.urlError}
            max={500}
          />
          <Button>{target === null ? 'Set the webhook' : 'Change the address'}</Button>
        </Form>
      ) : null}
    </>
  );
}

function Acts({ paused, proof }: { paused: boolean; proof: () => FormProof }) {
  return (
    <div class="actions">
      <Form action="/alerts/webhook/test" proof={proof()} inline>
        <Button kind="quiet">Send a test</Button>
      </Form>
      {paused ? (
        <Form action="/alerts/webhook/resume" proof={proof()} inline>
          <Button kind="quiet">Resume</Button>
        </Form>
      ) : null}
      <Form action="/alerts/webhook/rotate" proof={proof()} inline>
        <Button kind="quiet">New secret</Button>
      </Form>
      <Form action="/alerts/webhook/remove" proof={proof()} inline>
        <Button kind="danger">Remove</Button>
      </Form>
    </div>
  );
}

function Deliveries({ deliveries }: { deliveries: readonly Delivery[] }) {
  const posted = deliveries.filter(({ channel }) => channel === 'webhook');
  if (posted.length === 0) return <Empty>Nothing has been posted there yet.</Empty>;
  return (
    <Table
      label="Deliveries"
      head={[{ name: 'When' }, { name: 'Notice' }, { name: 'Attempt', number: true }, { name: 'Result' }]}
    >
      {posted.map(({ at, notice, attempt, state, answer }) => (
        <tr>
          <td>{timeName(at)}</td>
          <td>
            <code>{notice}</code>
          </td>
          <td class="number">{attempt}</td>
          <td>
            <Badge tone={state === 'sent' ? 'good' : state === 'sending' ? 'plain' : 'warn'}>
              {state === 'sent' ? 'delivered' : state === 'retrying' ? 'will be tried again' : state}
            </Badge>{' '}
            {answer ?? ''}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The only page on which a secret stands in clear. */
export function NewSecret({ secret, until }: { secret: string; until?: EpochMs | undefined }) {
  return (
    <>
      <h1>Your webhook’s secret</h1>
      <Notice>
        <p>
          <strong>Copy it now.</strong> It is shown this once.
        </p>
      </Notice>
      <code class="key" id="new-secret">
        {secret}
      </code>
      {until === undefined ? null : <p>Until {timeName(until)} everything is signed with the old one as well.</p>}
      <p>
        Each post carries <code>tollgate-signature: t=…,v1=…</code>. Compute the HMAC-SHA-256 of <code>t</code>, a dot
        and the body as it came, with this secret as the key; compare it with any <code>v1</code>, and refuse a{' '}
        <code>t</code> older than five minutes. <code>tollgate-id</code> is the same with every attempt.
      </p>
      <div class="actions">
        <a class="button" href="/alerts">
          Back to alerts
        </a>
      </div>
    </>
  );
}
