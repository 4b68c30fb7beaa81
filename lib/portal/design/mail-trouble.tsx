import type { PortalAccount } from '../../domain/portal/account.ts';
import { Notice } from './parts.tsx';
import { dayName } from './words.ts';

/** On every page, until it is over: which address takes no mail, what still works, and what to do. */
export function MailTroubles({ account: { mailTrouble } }: { account: Pick<PortalAccount, 'mailTrouble'> }) {
  if (mailTrouble.length === 0) return null;
  const alertsToo = mailTrouble.some(({ use }) => use === 'alerts');
  return (
    <Notice tone="warn">
      {mailTrouble.map(({ address, at, reason }) => (
        <p>
          <strong>
            {reason.startsWith('complaint')
              ? `Mail to ${address} was reported as unwanted`
              : `Mail to ${address} comes back`}
            .
          </strong>{' '}
          Since {dayName(at)} nothing more is sent there (<span class="reason">{reason}</span>).
        </p>
      ))}
      <p>
        Alerts still stand on the page <a href="/alerts">Alerts</a> and go to your webhook, where you set one.{' '}
        {alertsToo ? (
          <>
            <a href="/alerts">Save whom to tell instead</a>
            {mailTrouble.some(({ use }) => use !== 'alerts') ? ', and ' : '.'}
          </>
        ) : null}
        {mailTrouble.some(({ use }) => use !== 'alerts') ? (
          <>
            <a href="/account#billing-address">give another billing address</a>.
          </>
        ) : null}
      </p>
    </Notice>
  );
}
