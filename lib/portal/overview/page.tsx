import type { Level } from '../../domain/alerts/level.ts';
import { percentUsed } from '../../domain/alerts/percent.ts';
import type { CustomerKey } from '../../domain/entitlement/snapshot.ts';
import { invoiceNumber, type PortalAccount, type PortalInvoiceHead } from '../../domain/portal/account.ts';
import type { UsageMonth } from '../../domain/portal/usage.ts';
import type { PeriodOutlook } from '../../domain/shop/plan.ts';
import { hourStart } from '../../domain/time/time.ts';
import { Levels } from '../alerts/levels.tsx';
import { Badge, Empty, Figures, Notice } from '../design/parts.tsx';
import { cardName, grouped, money, monthName, timeIn, timeName } from '../design/words.ts';
import { InvoiceState } from '../invoices/state.tsx';
import { factWords } from '../report/wording.ts';
import { UsageChart } from '../usage/usage-chart.tsx';
import { OutlookLines, outlookFigure } from './outlook.tsx';

export interface OverviewProps {
  readonly account: PortalAccount;
  readonly usage: UsageMonth;
  /** Undefined while no rules are published. */
  readonly outlook: PeriodOutlook | undefined;
  readonly invoices: readonly PortalInvoiceHead[];
  readonly keys: readonly CustomerKey[];
  /** How much of everything that is limited or promised is used. */
  readonly levels: readonly Level[];
  /** A call to try, where there is a gateway on this machine. */
  readonly curl?: string | undefined;
}

/** What a customer wants to know first: is all well, what was used, what it costs, and why. */
export function Overview({ account, usage, outlook, invoices, keys, curl, levels }: OverviewProps) {
  const working = keys.filter(({ state }) => state === 'active');
  const month = monthName(usage.month);
  return (
    <>
      <h1>Usage in {month}</h1>
      <Alerts account={account} keys={working} invoices={invoices} />
      <Figures figures={figuresOf({ account, usage, outlook, invoices }, working.length)} />
      {account.status === 'closed' || outlook === undefined ? null : <OutlookLines outlook={outlook} />}
      <Limits levels={levels} />
      <h2>Calls by day</h2>
      {usage.closedCalls + usage.openCalls === 0n ? (
        <Empty>No calls in {month} yet. They appear here within minutes of being made.</Empty>
      ) : (
        <div class="sheet">
          <UsageChart usage={usage} />
        </div>
      )}
      <p class="note">
        <a href="/usage">Each day as a table, and earlier months</a>
      </p>
      {curl === undefined ? null : (
        <>
          <h2>Try it</h2>
          <p>Make a key, put it in place of this one, and watch the number above change.</p>
          <pre tabindex={0}>
            <code>{curl}</code>
          </pre>
        </>
      )}
      <h2>Why this price</h2>
      <Reasons account={account} />
    </>
  );
}

function figuresOf(
  { account, usage, outlook, invoices }: Pick<OverviewProps, 'account' | 'usage' | 'outlook' | 'invoices'>,
  working: number,
) {
  const newest = invoices[0];
  return [
    {
      label: 'Calls so far',
      value: grouped(usage.closedCalls + usage.openCalls),
      live: 'calls',
      note: (
        <>
          <span data-live="openCalls">{grouped(usage.openCalls)}</span> of them not final yet
        </>
      ),
    },
    {
      label: 'Plan',
      value: account.planName ?? 'Being chosen',
      note: <a href="/plan">{account.decision?.rateCard ? cardName(account.decision.rateCard) : 'See the plan'}</a>,
    },
    ...(account.status === 'closed' || outlook === undefined ? [] : [outlookFigure(outlook)]),
    newest?.invoice
      ? {
          label: 'Latest invoice',
          value: money(newest.invoice.currency, newest.invoice.total),
          note: (
            <>
              <a href={`/invoices/${invoiceNumber(newest.key)}`}>{invoiceNumber(newest.key)}</a>{' '}
              <InvoiceState invoice={newest} />
            </>
          ),
        }
      : {
          label: 'Latest invoice',
          value: 'None yet',
          note: 'The first one comes 27 hours after the period’s end.',
        },
    { label: 'Keys that work', value: String(working), note: <a href="/keys">Manage keys</a> },
  ];
}

/** Caps always, the rest once half of it is used: what is far away is on the page about alerts. */
function Limits({ levels }: Pick<OverviewProps, 'levels'>) {
  const shown = levels.filter((level) => level.kind === 'spend-cap' || percentUsed(level) >= 50);
  if (shown.length === 0) return null;
  return (
    <>
      <h2>Limits</h2>
      <Levels levels={shown} />
      <p class="note">
        <a href="/alerts">Set a cap, and who is told</a>
      </p>
    </>
  );
}

function Alerts({
  account,
  keys,
  invoices,
}: Pick<OverviewProps, 'account' | 'invoices'> & { keys: readonly CustomerKey[] }) {
  const overdue = invoices.filter(({ payment, state }) => payment.overdueSince !== null && state !== 'PAID');
  const links = overdue.map(({ key }, index) => (
    <>
      {index === 0 ? ' ' : ', '}
      <a href={`/invoices/${invoiceNumber(key)}`}>Invoice {invoiceNumber(key)}</a>
    </>
  ));
  return (
    <>
      {account.status === 'suspended' ? (
        <Notice tone="warn">
          <p>
            <strong>Calls are refused.</strong> A payment is missing or was disputed. Calls pass again within minutes of
            the payment.{links}
          </p>
        </Notice>
      ) : null}
      {account.status === 'grace' ? (
        <Notice tone="warn">
          <p>
            <strong>A payment is overdue.</strong> Calls still pass; they stop when the last attempt to collect fails.
            {links}
          </p>
        </Notice>
      ) : null}
      {account.status === 'closed' ? (
        <Notice tone="warn">
          <p>
            <strong>This account is closed.</strong> Invoices and usage stay readable here.{' '}
            {account.reopensAt !== null ? (
              `It opens again on ${timeIn(account.reopensAt, account.timeZone)}.`
            ) : account.mayReturn ? (
              <a href="/plan">Open it again</a>
            ) : null}
          </p>
        </Notice>
      ) : null}
      {account.spend === 'capReached' ? (
        <Notice tone="warn">
          <p>
            <strong>The spend cap is reached.</strong> Calls are refused until the next period, or until the{' '}
            <a href="/alerts">cap is raised</a>.
          </p>
        </Notice>
      ) : null}
      {account.status === 'active' && keys.length === 0 ? (
        <Notice>
          <p>
            You have no key yet. <a href="/keys">Make one</a> to call the API.
          </p>
        </Notice>
      ) : null}
    </>
  );
}

/** Segment, tier and protection rules that hold, with their rationale and the facts they read. */
function Reasons({ account: { decision } }: Pick<OverviewProps, 'account'>) {
  if (decision === null)
    return <Empty>No price has been decided yet; that takes less than an hour after registration.</Empty>;
  if (decision.undecided !== null) {
    return (
      <Notice tone="warn">
        <p>No price could be decided: {decision.undecided}. Calls are counted; ask us to complete what is missing.</p>
      </Notice>
    );
  }
  return (
    <div class="sheet">
      <p>
        In force since {timeName(hourStart(decision.effectiveFrom))}
        {decision.segments.length === 0 ? '. You are in no segment.' : '. Segments: '}
        {decision.segments.map((segment) => (
          <Badge>{segment}</Badge>
        ))}
      </p>
      <ul class="reasons">
        {decision.reasons.map(({ kind, rule, rationale, facts }) => (
          <li>
            <p>
              <strong>{rule}</strong>{' '}
              <span class="soft">({kind === 'otherwise' ? 'the usual price' : `${kind} rule`})</span>
            </p>
            <p>{rationale}</p>
            {Object.keys(facts).length === 0 ? null : (
              <p class="facts">
                Because <code>{factWords(facts)}</code>
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
