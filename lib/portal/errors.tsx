import { SECTIONS } from './design/layout.tsx';
import { page, type Visit } from './visit.tsx';

/** What happened, and what to do. The same for an address that never was and for another customer's: nobody learns which. */
export function notFound(visit: Visit) {
  return page(
    visit,
    { title: 'Not found', status: 404 },
    <>
      <h1>There is nothing here</h1>
      <p>
        No page of yours stands at this address. It may have been mistyped, or belong to an account that you are not
        signed in to.
      </p>
      <p>
        <a href="/">Start page</a>
      </p>
    </>,
  );
}

export function notAllowed(visit: Visit) {
  return page(
    visit,
    { title: 'Not allowed', status: 403 },
    <>
      <h1>You can look, but not change this</h1>
      <p>
        Your role here is <strong>reader</strong>. Ask an admin of {visit.account?.name ?? 'this account'} to do it, or
        to make you one; the admins stand on the <a href="/account">account page</a>.
      </p>
    </>,
  );
}

export function formRefused(visit: Visit, back: string) {
  return page(
    visit,
    { title: 'Form not accepted', status: 403 },
    <>
      <h1>That form was not accepted</h1>
      <p>
        It did not come from a page of this portal that was opened in your present session: perhaps it stood open while
        you signed in again. Nothing was changed.
      </p>
      <p>
        <a href={back}>Open the page again</a> and send it from there.
      </p>
    </>,
  );
}

export function sentTwice(visit: Visit, back: string) {
  return page(
    visit,
    { title: 'Already done', status: 409 },
    <>
      <h1>This was done already</h1>
      <p>The same form was sent twice, by a second click or by reloading. It was done once.</p>
      <p>
        <a href={back}>{SECTIONS.find(({ path }) => path === back)?.name ?? 'Back'}</a> shows how things stand now.
      </p>
    </>,
  );
}

export function tooMany(visit: Visit, windowMs: number) {
  visit.c.header('retry-after', String(Math.ceil(windowMs / 1_000)));
  return page(
    visit,
    { title: 'Too many attempts', status: 429 },
    <>
      <h1>Too many attempts</h1>
      <p>
        This was tried more often than we allow in {Math.ceil(windowMs / 60_000)} minutes. Nothing was changed. Wait a
        little, then try again.
      </p>
      <p>
        <a href="/">Start page</a>
      </p>
    </>,
  );
}

/** @param kept whether what was typed will be there again */
export function sessionEnded(visit: Visit, to: string, kept: boolean) {
  return page(
    visit,
    { title: 'Session ended', status: 401 },
    <>
      <h1>Your session ended while the form was open</h1>
      <p>
        Nothing was changed.{' '}
        {kept
          ? 'What you typed is kept for a quarter of an hour and will be filled in again.'
          : 'What you typed was too long to keep: copy it before you go on.'}
      </p>
      <div class="actions">
        <a class="button" href={`/sign-in?to=${encodeURIComponent(to)}`}>
          Sign in again
        </a>
      </div>
    </>,
  );
}

export function broken(visit: Visit, reference: string) {
  return page(
    visit,
    { title: 'Something went wrong', status: 500 },
    <>
      <h1>That did not work, and it is our fault</h1>
      <p>
        Your usage and invoices are not affected. Try again in a moment; if it stays so, tell us the reference{' '}
        <code>{reference}</code>.
      </p>
      <p>
        <a href="/">Start page</a>
      </p>
    </>,
  );
}
