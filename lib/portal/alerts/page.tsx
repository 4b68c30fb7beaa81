import { ALERT_KINDS, type AlertKind } from '../../domain/alerts/notice.ts';
import type { AlertsView } from '../../domain/alerts/view.ts';
import { noticeWords } from '../../domain/alerts/words.ts';
import { type EpochMs, HOUR_MS } from '../../domain/time/time.ts';
import { Button, Checks, Choice, Form, type FormProof, TextField } from '../design/form.tsx';
import { Badge, Empty, Notice, Table } from '../design/parts.tsx';
import { grouped, money, spanWords, timeIn, timeName } from '../design/words.ts';
import { Levels } from './levels.tsx';
import { Webhook } from './webhook.tsx';

export interface AlertsPageProps {
  readonly view: AlertsView;
  readonly spend: 'open' | 'capReached';
  /** The customer's own; null for UTC. */
  readonly timeZone: string | null;
  readonly now: EpochMs;
  readonly admin: boolean;
  readonly proof: () => FormProof;
  readonly told: AlertsTold;
}

export interface AlertsTold {
  readonly done?: string | undefined;
  readonly amount?: string | undefined;
  readonly mode?: string | undefined;
  readonly capError?: string | undefined;
  readonly url?: string | undefined;
  readonly urlError?: string | undefined;
  readonly addressError?: string | undefined;
}

export function AlertsPage({ view, spend, timeZone, now, admin, proof, told }: AlertsPageProps) {
  return (
    <>
      <h1>Alerts and spend cap</h1>
      <p class="lead">What may be spent at most, and who is told when half, 80 % and all of something is used.</p>
      <Done done={told.done} />
      {spend === 'capReached' ? (
        <Notice tone="warn">
          <p>
            <strong>The spend cap is reached: calls are refused.</strong> They pass again with the next period, or
            within a minute of raising the cap.
          </p>
        </Notice>
      ) : null}
      <h2>Used so far</h2>
      {view.levels.length === 0 ? (
        <Empty>Nothing is limited or promised: set a spend cap below to be told and, if you want, stopped.</Empty>
      ) : (
        <Levels levels={view.levels} />
      )}
      <SoFar view={view} />
      <Cap {...{ view, timeZone, now, admin, proof, told }} />
      <Choices {...{ view, admin, proof, told }} />
      <Webhook {...{ view, admin, proof, told }} />
      <h2>What we told you</h2>
      <Told view={view} />
    </>
  );
}

function SoFar({ view: { bill, lookedAt } }: { view: AlertsView }) {
  if (lookedAt === null) return null;
  return (
    <p class="note">
      {bill === null ? null : (
        <>
          The bill of this period so far is{' '}
          <strong>
            {bill.currency} <span data-bill={bill.total}>{grouped(bill.total)}</span>
          </strong>
          , as of{' '}
        </>
      )}
      {timeName(lookedAt)}.
    </p>
  );
}

const DONE: Readonly<Record<string, string>> = {
  cap: 'The cap is set. Where the bill is there already, calls stop within a minute.',
  uncapped: 'There is no cap of yours any more. Calls that it stopped pass again within a minute.',
  chosen: 'Saved.',
  removed: 'The webhook is removed: nothing more is sent there.',
  tested: 'A test is on its way. What became of it stands below in a moment.',
  resumed: 'The webhook is on again. What came while it was paused stands under “What we told you”.',
  voided: 'Every link to a report that we sent so far leads nowhere now.',
  kept: 'You are signed in again. What you had typed stands in the form below; nothing has been sent yet.',
};

function Done({ done }: { done: string | undefined }) {
  const text = done === undefined ? undefined : DONE[done];
  return text === undefined ? null : (
    <Notice>
      <p>{text}</p>
    </Notice>
  );
}

type PartProps = Omit<AlertsPageProps, 'spend'>;

/** When calls stop, and of which period the invoice is bounded: said before the button, with the very times. */
function HardCap({
  view: { bounds, bill, countedAfterMs },
  timeZone,
  now,
}: Pick<PartProps, 'view' | 'timeZone' | 'now'>) {
  const { bound, later, period } = bounds;
  const nextHour = Math.ceil(now / HOUR_MS) * HOUR_MS;
  const next = timeIn(period.end, timeZone);
  return (
    <>
      <p>
        At a hard cap calls are answered <code>403</code> with the reason <code>spend-cap-reached</code>, as soon as
        usage is counted: up to {spanWords(countedAfterMs)} after the call that reaches it, and calls go on that much
        longer. They pass again within a minute of raising the cap, or from {next} on.
      </p>
      <p>
        {later !== null ? (
          <>
            <strong>
              What was used before {timeIn(later.from, timeZone)} is billed; after it the bill of this period rises to{' '}
              {money(bill?.currency ?? '', later.highest).trim()} at most
            </strong>
            , or not at all where it was there already: what slips through is ours. From {next} on no bill exceeds the
            highest cap of its period.
          </>
        ) : bound === null ? (
          <>
            <strong>There is no hard cap: everything that is used is billed.</strong> One that is set now bounds this
            period’s bill from {timeIn(nextHour, timeZone)} on, the next full hour, since calls are counted by the hour:
            what was used before is billed, and what slips through after is ours. From {next} on no bill exceeds the
            highest cap of its period.
          </>
        ) : (
          <>
            <strong>
              The bill of the period that is open now, until {next}, never exceeds{' '}
              {money(bill?.currency ?? '', bound).trim()}
            </strong>
            , the highest cap of it: what slips through is ours. A cap that is taken away for a while, or a soft one,
            ends that for the whole period.
          </>
        )}
      </p>
    </>
  );
}

function Cap({ view, timeZone, now, admin, proof, told }: PartProps) {
  const { bill, ownCap, teamCap } = view;
  const currency = bill?.currency ?? '';
  const caps = [
    ...(ownCap === null ? [] : [`Yours: ${money(currency, ownCap.amount)}, ${modeWords(ownCap.mode)}.`]),
    ...(teamCap === null
      ? []
      : [`Agreed with us: ${money(currency, teamCap.amount)}, ${modeWords(teamCap.mode)}; yours can be lower.`]),
  ];
  return (
    <>
      <h2>Spend cap</h2>
      <p>
        {caps.length === 0 ? 'There is none: every call is answered and billed.' : caps.join(' ')} A cap counts the bill
        of one period before credit and tax{bill === null ? '' : `, of which ${currency} ${bill.fixed} are fees`}.
      </p>
      <HardCap {...{ view, timeZone, now }} />
      {admin ? (
        <>
          <Form action="/alerts/cap" proof={proof()}>
            <TextField
              name="amount"
              label={currency === '' ? 'Most that a period may cost' : `Most that a period may cost, in ${currency}`}
              value={told.amount ?? ownCap?.amount}
              error={told.capError}
              max={20}
            />
            <Choice
              name="mode"
              label="At the cap"
              chosen={told.mode ?? ownCap?.mode}
              options={[
                { value: 'hard', label: 'Stop: calls are refused' },
                { value: 'soft', label: 'Tell: calls go on and are billed' },
              ]}
            />
            <Button>{ownCap === null ? 'Set the cap' : 'Change the cap'}</Button>
          </Form>
          {ownCap === null ? null : (
            <div class="actions">
              <Form action="/alerts/cap/remove" proof={proof()} inline>
                <Button kind="danger">Remove the cap</Button>
              </Form>
            </div>
          )}
        </>
      ) : (
        <p>Only admins of the account set caps.</p>
      )}
    </>
  );
}

const modeWords = (mode: 'hard' | 'soft'): string => (mode === 'hard' ? 'calls stop there' : 'calls go on');

const KIND_LABELS: Readonly<Record<AlertKind, string>> = {
  quota: 'Calls of the quota: 50, 80 and 100 %',
  'spend-cap': 'Spend cap: 50, 80 and 100 %',
  commitment: 'Commitment: 50, 80 and 100 %',
  balance: 'Prepaid balance used: 50, 80 and 100 %',
  spike: 'A sudden spike: three times what the hour usually has',
};

function Choices({ view, admin, proof, told }: Omit<PartProps, 'timeZone' | 'now'>) {
  const { settings, addresses, mailFrom } = view;
  const working = addresses.filter(({ bounced }) => bounced === null);
  return (
    <>
      <h2>Who is told what</h2>
      <p>
        Each alert comes once a period; a raised cap starts anew.{' '}
        {mailFrom === null
          ? 'We send no mail at present: alerts stand on this page and go to your webhook.'
          : `Mail comes from ${mailFrom}.`}
      </p>
      {admin ? (
        <Form action="/alerts/choices" proof={proof()}>
          <Checks
            label="Alerts"
            options={ALERT_KINDS.map((kind) => ({
              ...{ name: `kind-${kind}`, value: kind, label: KIND_LABELS[kind] },
              on: settings.kinds.includes(kind),
            }))}
          />
          {working.length === 0 ? (
            <p class="hint">No address can be chosen yet: members with a verified address appear here.</p>
          ) : (
            <Checks
              label="By e-mail to"
              hint="Members of this account and its billing address."
              options={working.map(({ address, chosen }, index) => ({
                ...{ name: `address-${index}`, value: address, on: chosen, label: address },
              }))}
            />
          )}
          {addresses.map(({ address, bounced }) =>
            bounced === null ? null : (
              <p class="hint">
                {address} <Badge tone="warn">mail came back: {bounced}</Badge> Nothing is sent there: choose another
                one, or tell us once it works again.
              </p>
            ),
          )}
          {told.addressError === undefined ? null : <p class="wrong">{told.addressError}</p>}
          <Choice
            name="report"
            label="The monthly usage report"
            chosen={settings.report}
            options={[
              { value: 'attached', label: 'As a PDF in the mail' },
              { value: 'link', label: 'As a link that works for 30 days' },
              { value: 'none', label: 'Not by mail' },
            ]}
          />
          <Button>Save</Button>
        </Form>
      ) : (
        <p>Only admins of the account change this.</p>
      )}
      {admin ? (
        <details>
          <summary>Links to reports</summary>
          <div>
            <p class="hint">Whoever has such a link can read that one report until the link runs out.</p>
            <Form action="/alerts/links/void" proof={proof()} inline>
              <Button kind="danger">Make all links void</Button>
            </Form>
          </div>
        </details>
      ) : null}
    </>
  );
}

function Told({ view: { notices } }: { view: AlertsView }) {
  if (notices.length === 0) return <Empty>Nothing yet.</Empty>;
  return (
    <Table label="Notices" head={[{ name: 'When' }, { name: 'What' }]}>
      {notices.map((notice) => {
        const { title, text } = noticeWords(notice);
        return (
          <tr>
            <td>{timeName(notice.at)}</td>
            <td>
              {title}
              <span class="why">{text}</span>
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
