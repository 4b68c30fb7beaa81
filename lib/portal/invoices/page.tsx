import type { Invoice, InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { invoiceNumber, type PortalInvoice, type PortalInvoiceHead } from '../../domain/portal/account.ts';
import { parseTimestamp } from '../../domain/time/time.ts';
import { Empty, Notice, Table } from '../design/parts.tsx';
import { cardName, dayName, grouped, legible, money, signless, spelled } from '../design/words.ts';
import { InvoiceState } from './state.tsx';

export function InvoiceList({ invoices }: { invoices: readonly PortalInvoiceHead[] }) {
  return (
    <>
      <h1>Invoices</h1>
      <p class="lead">Each line of each invoice says what it is for, at which price, and by which rule.</p>
      {invoices.length === 0 ? (
        <Empty>No invoice yet. A period is invoiced 27 hours after it ends, when all its hours are closed.</Empty>
      ) : (
        <Table
          stacked
          label="Invoices"
          head={[{ name: 'Invoice' }, { name: 'Period' }, { name: 'State' }, { name: 'Total', number: true }]}
        >
          {invoices.map((each) => (
            <tr>
              <th scope="row">
                <a href={`/invoices/${invoiceNumber(each.key)}`}>{invoiceNumber(each.key)}</a>
              </th>
              <td data-label="Period">{periodOf(each)}</td>
              <td data-label="State">
                <InvoiceState invoice={each} />
              </td>
              <td class="number" data-label="Total">
                {each.invoice ? money(each.invoice.currency, each.invoice.total) : '—'}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

const periodOf = ({ key: { period, kind } }: Pick<PortalInvoice, 'key'>): string =>
  kind === 'top-up'
    ? `credit bought on ${dayName(period.start)}`
    : `${dayName(period.start)} to ${dayName(period.end - 1)}${kind === 'advance' ? ', fees in advance' : ''}`;

/** One invoice, line by line, with what each line cites and where its usage can be checked. */
export function InvoicePage({ invoice: record }: { invoice: PortalInvoice }) {
  const { key, invoice, held, state } = record;
  const number = invoiceNumber(key);
  return (
    <>
      <h1>Invoice {number}</h1>
      <p class="lead">
        {periodOf(record)} <InvoiceState invoice={record} />
      </p>
      {held === null ? null : (
        <Notice>
          <p>This invoice is being checked before it is sent: {held}. There is nothing you need to do.</p>
        </Notice>
      )}
      {invoice === null ? (
        <Empty>It has not been rated yet.</Empty>
      ) : (
        <>
          {state === 'FINALIZED' || state === 'UNCOLLECTIBLE' ? (
            <div class="actions">
              <a class="button" href={`/invoices/${number}/pay`} rel="noreferrer">
                Pay {money(invoice.currency, invoice.total)}
              </a>
            </div>
          ) : null}
          <Lines invoice={invoice} />
          <div class="actions">
            {state === 'PAID' ? (
              <a class="button quiet" href={`/invoices/${number}/pay`} rel="noreferrer">
                Receipt at Stripe
              </a>
            ) : null}
            <a class="button quiet" href={`/invoices/${number}/lines.csv`}>
              Lines as CSV
            </a>
            {invoice.outcomes === undefined ? null : (
              <a class="button quiet" href={`/invoices/${number}/outcomes.csv`}>
                Every outcome as CSV
              </a>
            )}
            <a class="button quiet" href={`/invoices/${number}/invoice.json`}>
              Whole invoice as JSON
            </a>
          </div>
          <h2>How to check it</h2>
          <p>
            Each line repeats what it was computed from: quantity times unit price, plus a tier’s flat fee, rounded
            once, half to even. The rules are those of the commit that the line cites. The usage behind it has the
            digest <code>{invoice.usageDigest}</code>, the invoice itself <code>{invoice.digest}</code>.
          </p>
          <p>
            <a href={`/invoices/${number}/bundle`}>The evidence behind it</a>, down to your own log lines, is yours to
            download: with it anyone can make this invoice again, without us.
          </p>
        </>
      )}
    </>
  );
}

function Lines({ invoice }: { invoice: Invoice }) {
  return (
    <Table
      stacked
      label="Invoice lines"
      head={[
        { name: 'What, and why' },
        { name: 'Quantity', number: true },
        { name: 'Unit price', number: true },
        { name: 'Amount', number: true },
      ]}
      foot={
        <tr>
          <th colspan={3} scope="row">
            Total, before tax
          </th>
          <td class="number">{money(invoice.currency, invoice.total)}</td>
        </tr>
      }
    >
      {invoice.lines.map((line) => (
        <tr id={`line-${line.id}`}>
          <td>
            <strong>{titleOf(line)}</strong>
            <span class="why">{legible(line.explanation)}</span>
            {line.creditReason === null || line.kind === 'advance' ? null : (
              <span class="why">{line.creditReason}</span>
            )}
            <Cites line={line} invoice={invoice} />
          </td>
          <td class="number" data-label="Quantity">
            {line.quantity === null ? '' : grouped(line.quantity)}
          </td>
          <td class="number" data-label="Unit price">
            {line.unitPrice ?? ''}
          </td>
          <td class="number" data-label="Amount">
            {signless(line.amount)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Cites({ line, invoice }: { line: InvoiceLine; invoice: Invoice }) {
  const { rateCard, rule, rulesCommit, from, to, usageDigest } = line;
  const whole = from === invoice.start && to === invoice.end;
  return (
    <details class="why">
      <summary>Rule and evidence</summary>
      <p>
        {rateCard === null ? '' : `Price list ${cardName(rateCard)}. `}
        {rule === null ? '' : `Put here by ${rule}. `}
        {whole ? '' : `For ${dayName(parseTimestamp(from))} to ${dayName(parseTimestamp(to) - 1)}. `}
        {rulesCommit === null ? null : (
          <>
            Rules of commit <code>{rulesCommit}</code>.{' '}
          </>
        )}
        Usage <code>{usageDigest}</code>.
      </p>
    </details>
  );
}

function titleOf({ kind, charge, meter, group, tier, window }: InvoiceLine): string {
  const parts = [
    charge ?? meter ?? spelled(kind),
    kind === 'usage' || kind === 'flat' ? '' : spelled(kind),
    group ?? '',
    window ?? '',
    tier === null ? '' : `tier ${tier}`,
  ];
  return parts.filter((part, i) => part !== '' && parts.indexOf(part) === i).join(', ');
}
