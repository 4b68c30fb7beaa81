import { Badge, Empty, Table } from '../design/parts.tsx';
import { grouped, monthName, spelled } from '../design/words.ts';
import type { DevelopmentCustomer } from '../ports.ts';

/** Every customer of the demonstration, the largest bill first: pick one and see its portal. */
export function DevelopmentPage({
  period,
  curl,
  customers,
}: {
  period: string;
  curl: string;
  customers: readonly DevelopmentCustomer[];
}) {
  return (
    <div class="wide">
      <h1>Customers in {monthName(period)}</h1>
      <p class="lead">
        This is the embedded cloud. Sign in as any customer, without a password, and see what they see.
      </p>
      <p>Call the gateway and watch the call appear in that customer’s portal within seconds:</p>
      <pre tabindex={0}>
        <code>{curl}</code>
      </pre>
      <p>
        Or see what a stranger sees: the <a href="/pricing">price list</a>, and{' '}
        <a href="/development/newcomer">signing up as somebody new</a>.
      </p>
      <p>
        <a href="/development/mail">Mail that would have been sent</a>
      </p>
      {customers.length === 0 ? (
        <Empty>No customers yet.</Empty>
      ) : (
        <Table
          label="Customers"
          head={[
            { name: 'Sign in as' },
            { name: 'Rate card' },
            { name: 'Segments' },
            { name: 'Calls', number: true },
            { name: 'Invoice', number: true },
            { name: 'State' },
          ]}
        >
          {customers.map((row) => (
            <tr>
              <th scope="row">
                <a href={`/customers/${encodeURIComponent(row.id)}`}>{row.name}</a>{' '}
                {row.status === 'active' ? null : <Badge tone="warn">{row.status}</Badge>}
              </th>
              <td>{row.rateCard ?? '—'}</td>
              <td>
                {row.segments.map((segment) => (
                  <Badge>{segment}</Badge>
                ))}
              </td>
              <td class="number">{grouped(row.calls)}</td>
              <td class="number">{row.total === null ? '—' : grouped(row.total)}</td>
              <td>{row.state === null ? '—' : spelled(row.state)}</td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
}
