import { Layout } from './layout.tsx';
import { type CustomerRow, grouped } from './view.ts';

/** Every customer of the demonstration, the largest bill first, and how to make a call. */
export function FrontPage({
  period,
  curl,
  customers,
}: {
  period: string;
  curl: string;
  customers: readonly CustomerRow[];
}) {
  return (
    <Layout title={`Customers in ${period}`}>
      <h1>Customers in {period}</h1>
      <p>Call the gateway and watch the call appear on the customer's page within seconds:</p>
      <pre>
        <code>{curl}</code>
      </pre>
      <h2>Bills</h2>
      {customers.length === 0 ? (
        <p class="soft">No customers yet.</p>
      ) : (
        <section class="sheet scroll" tabindex={0} aria-label="Customers">
          <table>
            <thead>
              <tr>
                <th>Customer</th>
                <th>Rate card</th>
                <th>Segments</th>
                <th class="number">Calls</th>
                <th class="number">Invoice</th>
                <th>State</th>
              </tr>
            </thead>
            <tbody>
              {customers.map((row) => (
                <tr>
                  <td>
                    <a href={`/customers/${encodeURIComponent(row.id)}`}>{row.name}</a>
                    {row.status === 'active' ? null : <span class="tag warn">{row.status}</span>}
                  </td>
                  <td>{row.rateCard ?? '—'}</td>
                  <td>
                    {row.segments.map((segment) => (
                      <span class="tag">{segment}</span>
                    ))}
                  </td>
                  <td class="number">{grouped(row.calls)}</td>
                  <td class="number">{row.total === null ? '—' : grouped(row.total)}</td>
                  <td>{row.state?.toLowerCase().replaceAll('_', ' ') ?? '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Layout>
  );
}
