import { Badge, Empty, Table } from '../design/parts.tsx';
import { timeName } from '../design/words.ts';
import type { DevelopmentMail } from '../ports.ts';

/** What customers would have found in their mailboxes. Nothing leaves this machine. */
export function MailPage({ mails }: { mails: readonly DevelopmentMail[] }) {
  return (
    <div class="wide">
      <h1>Mail</h1>
      <p class="lead">What a deployed stack would have sent through SES. Nothing leaves this machine.</p>
      {mails.length === 0 ? (
        <Empty>None yet. Alerts and monthly reports appear here once a customer has chosen an address.</Empty>
      ) : (
        <Table label="Mail" head={[{ name: 'Subject' }, { name: 'To' }, { name: 'When' }, { name: 'State' }]}>
          {mails.map(({ id, subject, to, at, state }) => (
            <tr>
              <th scope="row">
                <a href={`/development/mail/${encodeURIComponent(id)}`}>{subject}</a>
              </th>
              <td>{to.join(', ')}</td>
              <td>{timeName(at)}</td>
              <td>
                <Badge tone={state === 'delivered' ? 'good' : 'warn'}>{state}</Badge>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <p>
        <a href="/development">Back to the customers</a>
      </p>
    </div>
  );
}

export function OneMail({ mail: { id, subject, from, to, at, text, attachments } }: { mail: DevelopmentMail }) {
  return (
    <div class="wide">
      <h1>{subject}</h1>
      <p class="lead">
        From {from} to {to.join(', ')}, {timeName(at)}
      </p>
      <div class="sheet">
        {text
          .trim()
          .split(/\n\n+/)
          .map((paragraph) => (
            <p>{paragraph}</p>
          ))}
      </div>
      {attachments.map(({ name }) => (
        <p>
          Attached: <a href={`/development/mail/${encodeURIComponent(id)}/${encodeURIComponent(name)}`}>{name}</a>
        </p>
      ))}
      <p>
        <a href="/development/mail">All mail</a>
      </p>
    </div>
  );
}
