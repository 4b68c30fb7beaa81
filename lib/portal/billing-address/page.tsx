import { Button } from '../design/form.tsx';

/** For whoever reads the mail, whom no session knows. Opening the page does nothing: mail programs open links by themselves. */
export function ConfirmPage({ token, customer, address }: { token: string; customer: string; address: string }) {
  return (
    <>
      <h1>Is this the address for invoices?</h1>
      <p class="lead">
        Invoices, usage reports and alerts of the customer <code>{customer}</code> are to be mailed to{' '}
        <strong>{address}</strong>.
      </p>
      <form method="post" action={`/billing-address/${token}`} class="stack">
        <Button>Confirm this address</Button>
      </form>
      <p class="hint">If it is not yours, close this page: nothing more is sent to it.</p>
    </>
  );
}

export function ConfirmedPage({ customer, address }: { customer: string; address: string }) {
  return (
    <>
      <h1>The address is confirmed</h1>
      <p class="lead">
        Invoices, usage reports and alerts of the customer <code>{customer}</code> are mailed to{' '}
        <strong>{address}</strong> from now on.
      </p>
    </>
  );
}

export function VoidLinkPage() {
  return (
    <>
      <h1>This link does nothing any more</h1>
      <p>
        It was used, it has run out, or another address was given since. The address in use stands on the{' '}
        <a href="/account#billing-address">account page</a>, where an admin can have another link sent.
      </p>
    </>
  );
}
