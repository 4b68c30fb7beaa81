import type { Invitation } from '../../domain/portal/member.ts';
import { Button, Form, type FormProof } from '../design/form.tsx';
import { Notice } from '../design/parts.tsx';
import { OpenForm, type OpenFormProps } from './open-form.tsx';

export interface JoinPageProps {
  /** Null when the issuer has not verified one. */
  readonly email: string | null;
  readonly invitations: readonly {
    readonly invitation: Invitation;
    readonly name: string;
    readonly proof: FormProof;
  }[];
  /** Null where only who was invited gets in, or nothing is on offer. */
  readonly opening: OpenFormProps | null;
  /** Name of the closed account that this person still belongs to. */
  readonly leaves: string | null;
}

export function JoinPage({ email, invitations, opening, leaves }: JoinPageProps) {
  return (
    <>
      {invitations.length > 0 || opening === null ? <Invited email={email} invitations={invitations} /> : null}
      {opening === null ? null : (
        <>
          {invitations.length === 0 ? <h1>Open an account</h1> : <h2>Or open an account of your own</h2>}
          <p class="lead">
            You will be its admin, and can invite others. Calls pass within minutes. See the{' '}
            <a href="/pricing">price list</a> for what each plan costs.
          </p>
          {leaves === null ? null : (
            <Notice>
              <p>
                Your sign-in then belongs to the new account. Usage and invoices of <strong>{leaves}</strong>, which is
                closed, stay with its other members and with the team that runs the API: download what you need first.
              </p>
            </Notice>
          )}
          <OpenForm {...opening} />
          {invitations.length > 0 || email === null || leaves !== null ? null : (
            <p class="soft">
              If your company has an account already, ask one of its admins to invite <strong>{email}</strong> instead.
            </p>
          )}
        </>
      )}
    </>
  );
}

function Invited({ email, invitations }: Pick<JoinPageProps, 'email' | 'invitations'>) {
  if (invitations.length === 0) {
    return (
      <>
        <h1>You are signed in, but to no account yet</h1>
        {email === null ? (
          <p>
            The sign-in service has not verified your e-mail address, so no invitation can be matched to it. Verify it
            there, then sign in again.
          </p>
        ) : (
          <p>
            There is no invitation for <strong>{email}</strong>. Ask an admin of your company’s account to invite
            exactly this address, or sign out and use the one that was invited.
          </p>
        )}
      </>
    );
  }
  return (
    <>
      <h1>Join an account</h1>
      <p class="lead">You have been invited. Join only if you know who asked you.</p>
      {invitations.map(({ invitation, name, proof }) => (
        <div class="sheet">
          <h2>{name}</h2>
          <p>
            Invited by {invitation.invitedBy}, as {invitation.role}.
          </p>
          <Form action="/join" proof={proof}>
            <input type="hidden" name="customer" value={invitation.customer} />
            <Button>Join {name}</Button>
          </Form>
        </div>
      ))}
    </>
  );
}
