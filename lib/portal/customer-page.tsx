import { Layout } from './layout.tsx';
import { UsageChart } from './usage-chart.tsx';
import { type CustomerView, grouped, type InvoiceView } from './view.ts';

/** One customer: what it used, what it owes, and why each line is what it is. */
export function CustomerPage({ customer }: { customer: CustomerView }) {
  return (
    <Layout title={customer.name}>
      <h1>{customer.name}</h1>
      <ul class="figures">
        <Figure label={`Calls billed in ${customer.period}`} value={grouped(customer.calls)} />
        <Figure label="Calls not closed yet" value={grouped(customer.provisionalCalls)} />
        <Figure label="Rate card" value={customer.rateCard ?? 'none yet'} />
        <Figure
          label="Invoice"
          value={customer.invoice ? `${customer.invoice.currency} ${grouped(customer.invoice.total)}` : 'none yet'}
        />
        <Figure label="Status" value={customer.status} />
      </ul>
      <h2>Usage in {customer.period}</h2>
      <div class="sheet">
        {customer.days.some(({ calls }) => calls.some((n) => n > 0n)) ? (
          <UsageChart days={customer.days} groups={customer.groups} />
        ) : (
          <p class="soft">No billable calls in this period.</p>
        )}
      </div>
      <h2>Why this price</h2>
      <Reasons customer={customer} />
      <h2>Invoice</h2>
      {customer.invoice ? (
        <Invoice invoice={customer.invoice} />
      ) : (
        <p class="soft">No invoice for this period yet: it is made 27 hours after the period ends.</p>
      )}
    </Layout>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <li>
      <span>{label}</span>
      <b>{value}</b>
    </li>
  );
}

function Reasons({ customer }: { customer: CustomerView }) {
  if (customer.undecided) {
    return (
      <p>
        <span class="tag warn">undecided</span> {customer.undecided}
      </p>
    );
  }
  return (
    <div class="sheet">
      <p>
        {customer.segments.length === 0 ? (
          <span class="soft">In no segment. </span>
        ) : (
          customer.segments.map((segment) => <span class="tag">{segment}</span>)
        )}
      </p>
      {customer.reasons.map(({ kind, rule, rationale, facts }) => (
        <details>
          <summary>
            {kind}: {rule}
          </summary>
          <p>{rationale}</p>
          <p>
            {Object.entries(facts).map(([fact, value]) => (
              <code>{`${fact} = ${JSON.stringify(value)}  `}</code>
            ))}
          </p>
        </details>
      ))}
    </div>
  );
}

function Invoice({ invoice }: { invoice: InvoiceView }) {
  return (
    <>
      {invoice.held === null ? null : (
        <p>
          <span class="tag warn">held</span> {invoice.held}
        </p>
      )}
      {/* Focusable, so that a keyboard can scroll the table on a narrow screen. */}
      <section class="sheet scroll" tabindex={0} aria-label="Invoice lines">
        <table>
          <thead>
            <tr>
              <th>Line</th>
              <th class="number">Quantity</th>
              <th class="number">Unit price</th>
              <th class="number">Amount</th>
            </tr>
          </thead>
          <tbody>
            {invoice.lines.map((line) => (
              <tr>
                <td>
                  {line.title}
                  <span class="why">{line.why}</span>
                  <span class="why">{line.cites}</span>
                </td>
                <td class="number">{line.quantity === null ? '' : grouped(line.quantity)}</td>
                <td class="number">{line.unitPrice ?? ''}</td>
                <td class="number">{grouped(line.amount)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th colspan={3} scope="row">
                Total ({invoice.currency})
              </th>
              <td class="number">{grouped(invoice.total)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
      <p class="soft">
        Invoice <code>{invoice.number}</code>, {invoice.state.toLowerCase().replaceAll('_', ' ')}. Rated from usage with
        digest <code>{invoice.digest.slice(0, 16)}</code>.
      </p>
    </>
  );
}
