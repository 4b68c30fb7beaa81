import type { PortalAccount } from '../../domain/portal/account.ts';
import type { PlanView } from '../../domain/shop/plan.ts';
import { hourStart } from '../../domain/time/time.ts';
import { Button, Form, type FormProof } from '../design/form.tsx';
import { Notice } from '../design/parts.tsx';
import { cardName, dayName, timeIn, timeName } from '../design/words.ts';
import { CardWords } from '../pricing/card.tsx';
import { factWords } from '../report/wording.ts';
import { ComeBack } from '../return/come-back.tsx';
import { Compare } from './compare.tsx';

export interface PlanPageProps {
  readonly account: PortalAccount;
  readonly plan: PlanView;
  readonly units: Readonly<Record<string, string>>;
  readonly isAdmin: boolean;
  readonly done: string | undefined;
  readonly proof: () => FormProof;
}

const TOLD: Readonly<Record<string, { readonly text: string; readonly warns?: boolean }>> = {
  chosen: { text: 'Your choice is written down.' },
  undone: { text: 'The change is taken back. Your plan stays as it is.' },
  'too-late': {
    text: 'Nothing was taken back: that change is being made already. Choose again from the list.',
    warns: true,
  },
  cancelled: { text: 'Your account is cancelled.' },
  reopens: { text: 'The account opens again. Your choice is written down.' },
  'not-closed': {
    text: 'Nothing was changed: this account is open, is opening already, or cannot be opened.',
    warns: true,
  },
  stays: { text: 'The cancellation is taken back. Your account goes on.' },
  closed: { text: 'Nothing was changed: this account is closed, or about to be.', warns: true },
};

/** The plan, why it is this one, what comes next, and what others would cost. */
export function PlanPage(props: PlanPageProps) {
  const { account, plan, units, done, isAdmin } = props;
  const told = done === undefined ? undefined : TOLD[done];
  const { current, decision } = plan;
  const isClosed = account.status === 'closed';
  return (
    <>
      <h1>Plan{current === null ? '' : `: ${current.name}`}</h1>
      {told === undefined ? null : (
        <Notice tone={told.warns ? 'warn' : 'plain'}>
          <p>{told.text}</p>
        </Notice>
      )}
      <Ahead {...props} />
      {current === null || decision === null ? (
        <p class="lead">Your price is being decided; that takes less than an hour after signing up.</p>
      ) : (
        <>
          <Why decision={decision} name={current.name} />
          <h2>What it includes</h2>
          <div class="sheet">
            <CardWords card={current} units={units} />
          </div>
        </>
      )}
      {isClosed && account.mayReturn ? <ComeBack offers={plan.offers} isAdmin={isAdmin} /> : null}
      {isClosed ? null : (
        <>
          <h2>What others would cost you</h2>
          <Compare {...plan} mayChoose={isAdmin && plan.leavesAt === null} />
          <p class="note">
            <a href="/pricing">The whole price list, with a calculator</a>
          </p>
          {isAdmin && plan.leavesAt === null ? (
            <>
              <h2>Leaving</h2>
              <p>
                You can cancel at any time. Your keys work until the end of {dayName(plan.couldLeaveAt - 1)}, and you
                are charged nothing for the time after it.
              </p>
              <a class="button quiet" href="/plan/cancel">
                Cancel the account
              </a>
            </>
          ) : null}
        </>
      )}
    </>
  );
}

function Ahead({ account, plan: { pending, leavesAt, now }, isAdmin, proof }: PlanPageProps) {
  return (
    <>
      {account.status === 'closed' ? (
        <Notice tone="warn">
          <p>
            <strong>This account is closed.</strong> Usage and invoices stay readable.{' '}
            {account.reopensAt !== null ? (
              <>
                <strong>It opens again on {timeIn(account.reopensAt, account.timeZone)}.</strong> Keys from before never
                work again: <a href="/keys">make new ones</a>.
              </>
            ) : account.mayReturn ? (
              <>
                It can be opened again: choose a plan below, and see what it costs first. Or:{' '}
                <a href="/join">Open another one</a>.
              </>
            ) : (
              <>
                <a href="/join">Open another one</a> to use the API again.
              </>
            )}
          </p>
        </Notice>
      ) : null}
      {account.status === 'suspended' ? (
        <Notice tone="warn">
          <p>
            <strong>Calls are refused at present</strong>, whatever the plan: see <a href="/invoices">the invoices</a>.
          </p>
        </Notice>
      ) : null}
      {leavesAt === null || account.status === 'closed' ? null : (
        <Notice tone="warn">
          <p>
            <strong>The account closes on {timeIn(leavesAt, account.timeZone)}.</strong> Keys work until then; the last
            invoice comes a day later. These pages stay readable.
          </p>
          {isAdmin ? (
            <Form action="/plan/stay" proof={proof()} inline>
              <Button kind="quiet">Stay after all</Button>
            </Form>
          ) : null}
        </Notice>
      )}
      {pending === null || leavesAt !== null ? null : (
        <Notice>
          <p>
            <strong>
              {pending.name} from {timeIn(hourStart(pending.from), account.timeZone)}.
            </strong>{' '}
            Chosen by {pending.by} on {timeName(pending.chosenAt)}. Until then your price is the present one.
          </p>
          {now >= pending.undoneUntil ? (
            <p>It is too near to be taken back. Choose again, and that follows it.</p>
          ) : isAdmin ? (
            <Form action="/plan/undo" proof={proof()} inline>
              <Button kind="quiet">Take it back</Button>
            </Form>
          ) : null}
        </Notice>
      )}
    </>
  );
}

function Why({ decision, name }: { decision: NonNullable<PlanView['decision']>; name: string }) {
  const reason = decision.reasons.find(({ kind }) => kind === 'tier' || kind === 'otherwise');
  const facts = reason === undefined ? '' : factWords(reason.facts);
  return (
    <p class="lead">
      {decision.rateCard === null ? '' : `${cardName(decision.rateCard).replace(/^[^,]+/, name)}, `}since{' '}
      {timeName(hourStart(decision.effectiveFrom))}. {reason?.rationale}
      {facts === '' ? '' : ` (${facts})`}
    </p>
  );
}
