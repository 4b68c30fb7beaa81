import type { CustomerRequest } from '../../domain/portal/request.ts';
import { Button, Form, type FormProof } from '../design/form.tsx';
import { Notice } from '../design/parts.tsx';
import { bytesName, timeName } from '../design/words.ts';

export interface BundlePageProps {
  readonly number: string;
  /** Where the bundle was asked for; undefined when it was not, or too long ago. */
  readonly request: CustomerRequest | undefined;
  readonly proof: FormProof;
}

/** From asking for a bundle to having it, and what to do with it. */
export function BundlePage({ number, request, proof }: BundlePageProps) {
  return (
    <>
      <h1>Evidence for invoice {number}</h1>
      <p class="lead">
        A verification bundle holds everything this invoice was made from: your own log lines as they arrived, the hours
        that were counted from them, the prices and rules that applied, and the decision that put you there. With it
        anyone can make the invoice again on another machine, to the cent.
      </p>
      <Standing number={number} request={request} proof={proof} />
      <h2>How to check it</h2>
      <p>
        The file needs nothing but Node.js and the <code>tollgate</code> command, and no connection to us:
      </p>
      <pre>
        <code>{`npx tollgate verify ${request?.file?.name ?? 'FILE'}`}</code>
      </pre>
      <p>
        It says <em>verified</em> when the invoice comes out byte for byte, and names the input that differs when it
        does not. The bundle holds no line of any other customer.
      </p>
      <p>
        <a href={`/invoices/${number}`}>Back to the invoice</a>
      </p>
    </>
  );
}

function Standing({ number, request, proof }: BundlePageProps) {
  if (request?.state === 'open') {
    return (
      <Notice>
        <p>
          It is being made, since {timeName(request.askedAt)}. That takes a few seconds, with many calls a few minutes.
          This page looks again by itself; you can also <a href={`/invoices/${number}/bundle`}>look now</a> or come back
          later.
        </p>
      </Notice>
    );
  }
  if (request?.state === 'done' && request.file !== null) {
    return (
      <p>
        <a class="button" href={`/invoices/${number}/bundle.gz`}>
          Download it, {bytesName(request.file.bytes)}
        </a>
      </p>
    );
  }
  return (
    <>
      {request?.state === 'failed' ? (
        <Notice tone="warn">
          <p>It could not be made: {request.answer}.</p>
        </Notice>
      ) : null}
      <Form action={`/invoices/${number}/bundle`} proof={proof}>
        <Button>{request?.state === 'failed' ? 'Try again' : 'Make the bundle'}</Button>
      </Form>
    </>
  );
}
