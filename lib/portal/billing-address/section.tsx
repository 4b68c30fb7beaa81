import type { BillingAddressView } from '../../domain/portal/billing-address.ts';
import { Button, Form, type FormProof, TextField } from '../design/form.tsx';
import { Notice } from '../design/parts.tsx';
import { timeName } from '../design/words.ts';

export interface BillingAddressTold {
  readonly email?: string | undefined;
  readonly error?: string | undefined;
}

/** On the account page: where mail goes, and how another address takes its place. */
export function BillingAddress({
  view: { address, waiting, mailFrom },
  admin,
  told,
  proof,
}: {
  view: BillingAddressView;
  admin: boolean;
  told: BillingAddressTold;
  proof: () => FormProof;
}) {
  return (
    <>
      <h2 id="billing-address">Billing address</h2>
      <p>
        {address === null ? (
          'No address is known to which invoices could be mailed.'
        ) : (
          <>
            Invoices, usage reports and alerts are mailed to <strong>{address}</strong>.
          </>
        )}
      </p>
      {waiting === null ? null : (
        <Notice>
          <p>
            <strong>{waiting.address}</strong> waits to be confirmed: a link went there
            {mailFrom === null ? '' : ` from ${mailFrom}`}, and works until {timeName(waiting.until)}.{' '}
            {address === null ? 'Nothing else is mailed there before.' : `Until then everything goes to ${address}.`}
          </p>
          {admin ? (
            <Form action="/account/billing-address/withdraw" proof={proof()} inline>
              <Button kind="quiet">Withdraw it</Button>
            </Form>
          ) : null}
        </Notice>
      )}
      {admin ? <Ask {...{ address, mailFrom, told, proof }} /> : <p>Admins of the account can change it.</p>}
    </>
  );
}

function Ask({
  address,
  mailFrom,
  told,
  proof,
}: Pick<BillingAddressView, 'address' | 'mailFrom'> & { told: BillingAddressTold; proof: () => FormProof }) {
  if (mailFrom === null)
    return <p>We send no mail at present, so that no address could be confirmed: tell us yours.</p>;
  return (
    <Form action="/account/billing-address" proof={proof()}>
      <TextField
        name="billingEmail"
        label={address === null ? 'E-mail address' : 'Another e-mail address'}
        hint="We send a link there. Whoever reads it presses a button, then everything goes there."
        type="email"
        value={told.email}
        error={told.error}
        max={254}
      />
      <Button>Send the link</Button>
    </Form>
  );
}
