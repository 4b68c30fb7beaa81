import type { PortalAccount } from '../../domain/portal/account.ts';
import type { KeptDays } from '../../domain/portal/kept-days.ts';
import type { CustomerRequest } from '../../domain/portal/request.ts';
import { Button, Form, type FormProof, TextField } from '../design/form.tsx';
import { Notice, Table } from '../design/parts.tsx';
import { bytesName, daysWords, timeName } from '../design/words.ts';
import { whatIsKept } from './what-is-kept.ts';

/** From asking for everything to having it. */
export function ExportPage({
  request,
  kept,
  proof,
}: {
  request: CustomerRequest | undefined;
  kept: KeptDays;
  proof: FormProof;
}) {
  const file = request?.state === 'done' ? request.file : null;
  return (
    <>
      <h1>Export everything</h1>
      <p class="lead">
        One JSON file with everything that is kept about you: facts and agreements, keys without their secrets, people
        and invitations, settings and alerts, what you were told and where, decisions with their reasons, usage by hour,
        invoices with every line, credits, requests and what was done by whom.
      </p>
      {request?.state === 'open' ? (
        <Notice>
          <p>
            It is being made, since {timeName(request.askedAt)}. This page looks again by itself; you can also{' '}
            <a href="/account/data/export">look now</a>.
          </p>
        </Notice>
      ) : null}
      {request?.state === 'failed' ? (
        <Notice tone="warn">
          <p>It could not be made: {request.answer}.</p>
        </Notice>
      ) : null}
      {file ? (
        <p>
          <a class="button" href="/account/data/export.json">
            Download it, {bytesName(file.bytes)}
          </a>{' '}
          <span class="note">
            Made on {timeName(request?.settledAt ?? 0)}; it is kept for {daysWords(kept.downloads)}.
          </span>
        </p>
      ) : request?.state === 'open' ? null : (
        <Form action="/account/data/export" proof={proof}>
          <Button>Make the file</Button>
        </Form>
      )}
      <p class="note">
        The lines of your calls as they arrived are in the evidence of each invoice. Payment methods are kept by Stripe
        alone.
      </p>
      <p>
        <a href="/account/data">All that we know about you</a>
      </p>
    </>
  );
}

export interface ErasePageProps {
  readonly account: PortalAccount;
  readonly kept: KeptDays;
  /** Undefined on the first step; then what was typed was right, and this is the last one. */
  readonly last: boolean;
  readonly typed: string | undefined;
  readonly error: string | undefined;
  readonly request: CustomerRequest | undefined;
  readonly proof: FormProof;
}

/** Two steps, and everything said before the first. */
export function ErasePage({ account, kept, last, typed, error, request, proof }: ErasePageProps) {
  return (
    <>
      <h1>Erase what law allows</h1>
      <p class="lead">
        Your account is closed, every key stops working at once, nobody can sign in any more, and what is said about
        persons and your company is erased. It cannot be undone, and the account cannot be opened again: who comes back
        opens a new one. Usage that is not invoiced yet still is.
      </p>
      {request?.state === 'open' ? (
        <Notice tone="warn">
          <p>It was asked for on {timeName(request.askedAt)} and is being done.</p>
        </Notice>
      ) : null}
      <h2>What is erased</h2>
      <p>
        The company’s name, the facts about it, the e-mail address for bills; the names and addresses of everyone who
        may sign in or was invited; where alerts went; the names of keys; your words in requests; files that were made
        for you; every name in the audit trail. At Stripe: the name, e-mail address, phone number and street of your
        customer record.
      </p>
      <h2>What has to be kept</h2>
      <Table label="What has to be kept" head={[{ name: 'What' }, { name: 'Why' }, { name: 'Until' }]}>
        {whatIsKept(kept).map(({ what, why, until }) => (
          <tr>
            <th scope="row">{what}</th>
            <td>{why}</td>
            <td>{until}</td>
          </tr>
        ))}
      </Table>
      <h2>{last ? 'Last step' : 'First step'}</h2>
      <Form action="/account/data/erase" proof={proof}>
        {last ? (
          <>
            <p>
              This erases <strong>{account.name}</strong>, customer <code>{account.id}</code>, now.
            </p>
            <input type="hidden" name="customerId" value={account.id} />
            <input type="hidden" name="confirmed" value="yes" />
            <Button kind="danger">Erase it for good</Button>
          </>
        ) : (
          <>
            <TextField
              name="customerId"
              label={`Type your customer id, ${account.id}`}
              hint="So that nobody does this by a slip of the hand. You are asked once more."
              value={typed}
              error={error}
              max={128}
            />
            <Button kind="danger">Go on to the last step</Button>
          </>
        )}
      </Form>
      <p>
        You may want to <a href="/account/data/export">export everything</a> first, or{' '}
        <a href="/account/data">go back</a>.
      </p>
    </>
  );
}

export function ErasingPage() {
  return (
    <>
      <h1>Your account is being erased</h1>
      <p>
        It was asked for and is being done; that takes less than a minute. Your keys have stopped or are about to, and
        this browser is signed out. What had to be kept stood on the page before. There is nothing left for you to do.
      </p>
    </>
  );
}
