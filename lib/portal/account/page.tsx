import type { PortalAccount } from '../../domain/portal/account.ts';
import type { AuditEntry } from '../../domain/portal/audit.ts';
import type { BillingAddressView } from '../../domain/portal/billing-address.ts';
import { calledBy, type Invitation, type Member } from '../../domain/portal/member.ts';
import { BillingAddress, type BillingAddressTold } from '../billing-address/section.tsx';
import { Button, Choice, Form, type FormProof, TextField } from '../design/form.tsx';
import { Badge, Empty, Notice, Table } from '../design/parts.tsx';
import { dayName, spelled, timeName } from '../design/words.ts';

export interface AccountPageProps {
  readonly account: PortalAccount;
  readonly member: Member;
  readonly members: readonly Member[];
  readonly invitations: readonly Invitation[];
  readonly entries: readonly AuditEntry[];
  readonly billing: BillingAddressView;
  readonly told: AccountTold;
  readonly proof: () => FormProof;
}

export interface AccountTold {
  readonly email?: string | undefined;
  readonly error?: string | undefined;
  readonly done?: string | undefined;
  readonly address?: BillingAddressTold;
}

const TOLD: Readonly<Record<string, string>> = {
  invited: 'The invitation stands for seven days. Tell them to sign in here with that address.',
  withdrawn: 'The invitation is withdrawn.',
  removed: 'They have no access any more, from now on.',
  'last-admin': 'Nothing was changed: somebody has to be left who can change things. Make another admin first.',
  'address-asked': 'A link is on its way to that address.',
  'address-withdrawn': 'The link that was sent does nothing any more.',
  kept: 'You are signed in again. What you had typed stands in the form below; nothing has been sent yet.',
};

export function AccountPage(props: AccountPageProps) {
  const { account, member, told } = props;
  const message = told.done === undefined ? undefined : TOLD[told.done];
  return (
    <>
      <h1>Account</h1>
      <p class="lead">
        {account.name}, customer <code>{account.id}</code>, since {dayName(account.registeredAt)}.
      </p>
      {message === undefined ? null : (
        <Notice tone={told.done === 'last-admin' ? 'warn' : 'plain'}>
          <p>{message}</p>
        </Notice>
      )}
      <h2>People</h2>
      <Members {...props} />
      {member.role === 'admin' ? <Invite {...props} /> : null}
      <BillingAddress
        view={props.billing}
        admin={member.role === 'admin'}
        told={told.address ?? {}}
        proof={props.proof}
      />
      <h2>Payment method</h2>
      {member.role === 'admin' ? (
        <>
          <p>Cards and bank accounts are kept by Stripe; we never see them.</p>
          <a class="button quiet" href="/account/payment-method" rel="noreferrer">
            Change it at Stripe
          </a>
        </>
      ) : (
        <p>Admins of the account can change it.</p>
      )}
      <h2>Your data and your prices</h2>
      <p>
        <a href="/account/data">What we know about you</a>, what it does to your price, and your say in it.{' '}
        <a href="/prices">Your prices over time</a>, those that are announced as well.
      </p>
      <h2>What was done</h2>
      <Audit entries={props.entries} />
    </>
  );
}

function Members({ member: me, members, proof }: AccountPageProps) {
  const mayRemove = (each: Member) =>
    me.role === 'admin' && !(each.issuer === me.issuer && each.subject === me.subject);
  // Whoever signed in without a password in the embedded cloud is nobody's member.
  if (members.length === 0) return <Empty>Nobody has joined yet.</Empty>;
  return (
    <Table stacked label="People" head={[{ name: 'Who' }, { name: 'Role' }, { name: 'Since' }, { name: 'Change' }]}>
      {members.map((each) => (
        <tr>
          <th scope="row">
            {calledBy(each)}
            {each.email === null || each.email === calledBy(each) ? null : <span class="why">{each.email}</span>}
          </th>
          <td data-label="Role">
            <Badge>{each.role}</Badge>
          </td>
          <td data-label="Since">{dayName(each.joinedAt)}</td>
          <td class="acts">
            {mayRemove(each) ? (
              <Form action="/account/members/remove" proof={proof()} inline>
                <input type="hidden" name="issuer" value={each.issuer} />
                <input type="hidden" name="subject" value={each.subject} />
                <input type="hidden" name="name" value={calledBy(each)} />
                <Button kind="danger">
                  Remove<span class="visually-hidden"> {calledBy(each)}</span>
                </Button>
              </Form>
            ) : null}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Invite({ invitations, told, proof }: AccountPageProps) {
  return (
    <>
      {invitations.length === 0 ? null : (
        <>
          <h3>Invited, not here yet</h3>
          <Table
            stacked
            label="Invitations"
            head={[{ name: 'Address' }, { name: 'Role' }, { name: 'Until' }, { name: 'Change' }]}
          >
            {invitations.map(({ email, role, expiresAt }) => (
              <tr>
                <th scope="row">{email}</th>
                <td data-label="Role">
                  <Badge>{role}</Badge>
                </td>
                <td data-label="Until">{timeName(expiresAt)}</td>
                <td class="acts">
                  <Form action="/account/invitations/withdraw" proof={proof()} inline>
                    <input type="hidden" name="email" value={email} />
                    <Button kind="quiet">
                      Withdraw<span class="visually-hidden"> the invitation of {email}</span>
                    </Button>
                  </Form>
                </td>
              </tr>
            ))}
          </Table>
        </>
      )}
      <h3>Invite somebody</h3>
      <Form action="/account/invitations" proof={proof()}>
        <TextField
          name="email"
          label="E-mail address"
          hint="They sign in with this address, which the sign-in service must have verified."
          type="email"
          value={told.email}
          error={told.error}
          max={254}
        />
        <Choice
          name="role"
          label="Role"
          options={[
            { value: 'reader', label: 'Reader: sees everything, changes nothing' },
            { value: 'admin', label: 'Admin: makes keys, invites people' },
          ]}
        />
        <Button>Invite</Button>
      </Form>
    </>
  );
}

function Audit({ entries }: Pick<AccountPageProps, 'entries'>) {
  if (entries.length === 0) return <Empty>Nothing yet.</Empty>;
  return (
    <Table stacked label="What was done" head={[{ name: 'When' }, { name: 'Who' }, { name: 'What' }]}>
      {entries.map(({ at, actor, action, subject }) => (
        <tr>
          <td data-label="When">{timeName(at)}</td>
          <td data-label="Who">{actor}</td>
          <td data-label="What">
            {spelled(action)}
            {subject === '' ? '' : `: ${subject}`}
          </td>
        </tr>
      ))}
    </Table>
  );
}
